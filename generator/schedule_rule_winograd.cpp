// Which convolutions are computed by Winograd, and how: a small model of the time, which agrees
// with what was measured on AVX-512 with the shapes of ResNet-18 and ResNet-20.
#include "schedule_rule.h"

#include "plan.h"
#include "schedule_check.h"
#include "winograd.h"

#include <algorithm>

namespace resnetc {
namespace {

// Below so many channels the transforms cost more than the multiplications that they save.
constexpr int64_t kFewestChannels = 16;

// Weights come from memory: no cache holds those of a network.
constexpr double kMemoryBytesPerCycle = 16;

// To transform 16 channels of a tile at one position, inputs or outputs.
constexpr double kTransformCycles = 3;

// Cache lines between reading a weight and asking for a later one: the latency of memory.
constexpr int kPrefetch = 64;

// The register tile of plain Winograd along an axis of the map.
constexpr int kWidestTile = 14;

// What goes through the third-level cache where the tiles of a call are too many for the second.
constexpr double kScratchBytesPerCycle = 8;

// Positions times tiles along an axis of `size` outputs.
int64_t axis_products(int64_t size, int tile) {
    return size / tile * (tile + 2) + (size % tile > 0 ? size % tile + 2 : 0);
}

int64_t axis_tiles(int64_t size, int tile) {
    return (size + tile - 1) / tile;
}

// The widest tile of registers over at most so many Winograd tiles.
int widest(int64_t tiles, int tile_o, const Target& target) {
    int tile_x = 1;
    while (tile_x < tiles && fits_registers(tile_x + 1, tile_o, target)) {
        ++tile_x;
    }
    return tile_x;
}

// How a map is divided into tiles of x by y outputs.
struct Division {
    int64_t columns;
    int64_t rows;
    int64_t weight_bytes;      // transformed
    int64_t row_scratch_bytes; // of one row of tiles
    bool at_once;              // all tiles in registers: every weight is read once
    bool by_rows;              // the weights stay in the second-level cache from row to row
};

Division divide(const Op& op, int x, int y, const Target& target) {
    const int64_t in = op.input_shape.c;
    const int64_t out = op.output_shape.c;
    const int64_t positions = (x + int64_t{2}) * (y + 2);
    Division d{.columns = axis_tiles(op.output_shape.w, x),
               .rows = axis_tiles(op.output_shape.h, y),
               .weight_bytes = positions * in * out * 4,
               .row_scratch_bytes = positions * axis_tiles(op.output_shape.w, x) * (in + out) * 4,
               .at_once = false,
               .by_rows = false};
    const int64_t tiles = d.columns * d.rows;
    d.at_once = tiles <= widest(tiles, 1, target);
    d.by_rows = !d.at_once && d.weight_bytes + d.row_scratch_bytes <= target.caches.l2;
    return d;
}

// Estimated cycles for an image. What threads share is the memory's bandwidth: smaller weights come
// from the cache of each.
double cycles(const Op& op, int x, int y, const Target& target, int threads) {
    const Shape& out = op.output_shape;
    const Division d = divide(op, x, y, target);
    const int64_t height = d.by_rows ? d.rows * y : out.h; // the last row may reach below the map
    const auto products = static_cast<double>(axis_products(out.w, x) * axis_products(height, y));
    const auto in_channels = static_cast<double>(op.input_shape.c);
    const auto out_channels = static_cast<double>(out.c);
    const bool far = !d.at_once && !d.by_rows;
    const double own =
        products * in_channels * out_channels / (target.vector_floats * target.core.fma_per_cycle) +
        products * (in_channels + out_channels) / target.vector_floats * kTransformCycles +
        (far ? static_cast<double>(d.rows * d.row_scratch_bytes) / kScratchBytesPerCycle : 0.0);
    const double weights = static_cast<double>(d.weight_bytes) / kMemoryBytesPerCycle;
    return own / threads + (d.weight_bytes > target.caches.l2 ? weights : weights / threads);
}

// F(6,3) needs so many registers for its transforms that it pays with 32 of the full width only.
bool has_many_registers(const Target& target) {
    return target.vector_registers >= 32 && registers_per_block(target) == 1;
}

void choose_tiles(const Op& op, const Target& target, int threads, Schedule& s) {
    const int largest = has_many_registers(target) ? kMaxWinogradTile : 4;
    double best = 0;
    for (const int y : {2, 4, 6}) {
        for (const int x : {2, 4, 6}) {
            const Shape& out = op.output_shape;
            const double cost = cycles(op, x, y, target, threads);
            if (x <= std::min<int64_t>(out.w, largest) && y <= std::min<int64_t>(out.h, largest) &&
                (best == 0 || cost < best)) {
                best = cost;
                s.winograd_x = x;
                s.winograd_y = y;
            }
        }
    }
}

// Maps of two tiles an axis have too few tiles to hide that transformed weights come from memory.
std::optional<Schedule> choose_raw(const Op& op, const Target& target) {
    const int64_t in_blocks = channel_blocks(op.input_shape.c);
    const Schedule s{.algorithm = Algorithm::winograd_raw,
                     .unroll_ci = 1,
                     .prefetch = kPrefetch,
                     .winograd_x = 4,
                     .winograd_y = 4,
                     .chunks = static_cast<int>(in_blocks),
                     .block_images = 1};
    const int64_t transformed_weights = 36 * op.input_shape.c * op.output_shape.c * 4;
    const bool small =
        op.output_shape.w > 4 && op.output_shape.h > 4 && transformed_weights > target.caches.l2;
    return small && schedule_problem(op, s, target).empty() ? std::optional(s) : std::nullopt;
}

// How many tiles a call computes, and how many of them at a time.
void choose_blocks(const Op& op, const Target& target, Schedule& s) {
    const Division d = divide(op, s.winograd_x, s.winograd_y, target);
    s.block_images = 1;
    if (d.at_once) {
        s.tile_x = static_cast<int>(d.columns * d.rows);
        s.prefetch = kPrefetch;
        return;
    }
    const int64_t out_blocks = channel_blocks(op.output_shape.c);
    s.tile_o = out_blocks % 2 == 0 && fits_registers(4, 2, target) ? 2 : 1;
    s.tile_x = widest(std::min<int64_t>(d.columns, kWidestTile), s.tile_o, target);
    s.block_rows = d.by_rows && d.rows > 1 ? 1 : 0;
}

// Measured on 28x28 to 56x56 inputs: a fifth faster than direct while the weights stay in the
// second-level cache, not at all where they are streamed.
std::optional<Schedule> choose_stride2(const Op& op, const Target& target) {
    const Shape& out = op.output_shape;
    const int64_t columns = axis_tiles(out.w, 2);
    const int64_t rows = axis_tiles(out.h, 2);
    const bool even = channel_blocks(out.c) % 2 == 0;
    Schedule s{.algorithm = Algorithm::winograd_stride2,
               .tile_o = even ? 2 : 1,
               .unroll_ci = 4,
               .winograd_x = 2,
               .winograd_y = 2,
               .block_images = 1};
    s.tile_x = widest(7, s.tile_o, target);
    // Two rows of tiles a call, if the map has many.
    s.block_rows = columns >= 14 && rows >= 4 ? 2 : 0;
    const int64_t weight_bytes = 16 * op.input_shape.c * out.c * 4;
    const bool streamed = weight_bytes > 2 * target.caches.l2;
    if (!has_many_registers(target) || streamed || columns * rows < 16) {
        return std::nullopt;
    }
    return schedule_problem(op, s, target).empty() ? std::optional(s) : std::nullopt;
}

} // namespace

std::optional<Schedule> choose_winograd(const Op& op, const Target& target, int threads) {
    const Shape& out = op.output_shape;
    const bool possible =
        op.kind == OpKind::conv && op.window.kernel == 3 && op.window.stride <= 2 && op.groups == 1;
    if (!possible || std::min(out.h, out.w) < 4 ||
        std::min(op.input_shape.c, out.c) < kFewestChannels) {
        return std::nullopt;
    }
    if (op.window.stride == 2) {
        return choose_stride2(op, target);
    }
    if (const std::optional<Schedule> raw = choose_raw(op, target)) {
        return raw;
    }
    Schedule s{.algorithm = Algorithm::winograd, .unroll_ci = 2};
    choose_tiles(op, target, threads, s);
    choose_blocks(op, target, s);
    return s;
}

} // namespace resnetc
