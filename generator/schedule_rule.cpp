// The rule where no schedule is given: Winograd where that is faster (schedule_rule_winograd.cpp),
// else the tile rule of the direct convolution: a small model of one core, which agrees with sweeps
// over all convolutions of ResNet-18 and -50 and of the CIFAR networks on AVX-512, AVX2 and SSE.
#include "schedule_rule.h"

#include "plan.h"
#include "schedule_check.h"

#include <algorithm>

namespace resnetc {
namespace {

// Cycles that one input channel of one tap takes in one tile, whichever limit is the tightest.
double cycles(int tile_x, int tile_o, const Target& target) {
    const int block = registers_per_block(target);
    const CoreModel& core = target.core;
    const double multiply = tile_x * tile_o * block / core.fma_per_cycle;
    const double load = (tile_x + tile_o * block) / core.loads_per_cycle;
    const double stream = tile_o * kChannelBlock * 4 / core.stream_bytes_per_cycle;
    // Every accumulator is added to once per input channel: a tile needs latency * rate of them,
    // and a margin, because a queue that has only just enough to do runs dry. Measured with 2 a
    // cycle and latency 4: 8 accumulators 85 % of peak, 10 93 %, 12 95-97 %, 14 98-100 %.
    const double latency = 1.65 * core.fma_latency;
    return std::max({multiply, load, stream, latency});
}

// Cycles per pixel and block over a row of whole tiles and a remainder, which pays its own latency.
double row_cost(int64_t row, int tile_x, int tile_o, const Target& target) {
    const int64_t whole_tiles = row / tile_x;
    double cost = static_cast<double>(whole_tiles) * cycles(tile_x, tile_o, target);
    if (row % tile_x != 0) {
        cost += cycles(static_cast<int>(row % tile_x), tile_o, target);
    }
    return cost / (static_cast<double>(row) * tile_o);
}

// The cheapest tile for rows of `row` pixels and `blocks` blocks of output channels. Among equals
// the fewest accumulators (less code, faster to compile), then the widest over channels (fewer
// passes over the input).
Schedule cheapest_tile(int64_t row, int64_t blocks, const Target& target) {
    Schedule best;
    double best_cost = row_cost(row, 1, 1, target);
    for (int tile_o = 1; tile_o <= blocks; ++tile_o) {
        if (blocks % tile_o != 0) {
            continue;
        }
        for (int tile_x = 1; tile_x <= row && fits_registers(tile_x, tile_o, target); ++tile_x) {
            const double cost = row_cost(row, tile_x, tile_o, target);
            const bool fewer = tile_x * tile_o <= best.tile_x * best.tile_o;
            if (cost < best_cost * 0.999 || (cost <= best_cost * 1.001 && fewer)) {
                best.tile_x = tile_x;
                best.tile_o = tile_o;
                best_cost = std::min(cost, best_cost);
            }
        }
    }
    return best;
}

// Eight accumulators on every target leave registers for the shuffled pixels and the weights of a
// row of the kernel. Sweeps on AVX-512, AVX2 and SSE: within 10 % of the best tile, and more
// accumulators were up to twice as slow.
Schedule grouped_schedule(const Shape& output, const Target& target) {
    const int pixels = std::max(1, 8 / registers_per_block(target));
    return {.algorithm = Algorithm::grouped,
            .tile_x = static_cast<int>(std::min<int64_t>(output.w, pixels))};
}

// One pixel an image: independent sums must come from the output channels. Seven hide the latency;
// more would only be more code, as the weights' bandwidth is the limit.
Schedule fc_schedule(const Shape& output, const Target& target) {
    const auto blocks = static_cast<int>(channel_blocks(output.c));
    Schedule s;
    for (int o = 1; o <= 7 && fits_registers(1, o, target); ++o) {
        s.tile_o = blocks % o == 0 ? o : s.tile_o;
    }
    while (s.tile_x < output.n && fits_registers(s.tile_x + 1, s.tile_o, target)) {
        ++s.tile_x;
    }
    return s;
}

// What the rows of a block read and write takes this part of the second-level cache, and all
// weights as much again: they are read once for each block.
constexpr int64_t kBlockPartOfL2 = 4;

// Images in a row, and one thread that goes through them: from this part of the third-level cache
// on, what one panel of weights reads is gone before the next panel's turn.
constexpr int64_t kStreamedPartOfL3 = 4;

// Measured on 56x56 and 28x28 maps of 8 images: up to 1.7 times as fast as the channels outside. On
// several threads a block's rows stay with the thread that computed them in the op before.
int choose_block_rows(const Op& op, const Schedule& s, const Target& target, int threads) {
    const Shape& in = op.input_shape;
    const Shape& out = op.output_shape;
    const bool flat = op.window == Window{};
    const int64_t pixels = out.h * out.w;
    if (flat && pixels % s.tile_x != 0) {
        return 0;
    }
    const int64_t weights = out.c * (in.c / op.groups) * op.window.kernel * op.window.kernel * 4;
    const int64_t rows = flat ? pixels / s.tile_x : out.h;
    const int64_t row_bytes = (in.h * in.w * in.c + pixels * out.c) * 4 / rows;
    const int64_t part = target.caches.l2 / kBlockPartOfL2;
    const bool streamed = out.n * rows * row_bytes > target.caches.l3 / kStreamedPartOfL3;
    if (weights > part || (!streamed && threads == 1)) {
        return 0;
    }
    int64_t block = std::clamp<int64_t>(part / row_bytes, 1, rows);
    while (rows % block != 0) {
        --block;
    }
    return static_cast<int>(block);
}

} // namespace

// Accumulators, the weights of one input channel, a broadcast pixel, and without FMA a product. One
// more than there are, and LLVM spills accumulators in the inner loop, which costs up to half the
// speed.
bool fits_registers(int tile_x, int tile_o, const Target& target) {
    const int block = registers_per_block(target);
    return (tile_x + 1) * tile_o * block + (target.fma ? 1 : 2) <= target.vector_registers;
}

int prefetch_share(const Schedule& s, int64_t tiles) {
    if (tiles < 4 || tiles > 128) {
        return 0;
    }
    const int lines = s.unroll_ci * s.tile_o; // 16 floats each
    int share = 1;
    while (share < lines && share * tiles < lines) {
        share *= 2;
    }
    return share;
}

Schedule choose_schedule(const Op& op, const Target& target, int threads) {
    const bool conv = op.kind != OpKind::fc;
    const std::optional<Schedule> winograd =
        conv ? choose_winograd(op, target, threads) : std::nullopt;
    return winograd ? *winograd : choose_direct(op, target, threads);
}

Schedule choose_direct(const Op& op, const Target& target, int threads) {
    const Shape& output = op.output_shape;
    if (op.kind == OpKind::fc) {
        return fc_schedule(output, target);
    }
    // With a stride the columns of the kernel share no shuffles, and for groups of 8 there are so
    // many that the zeros of a bundle cost less.
    const bool many_shuffles = narrow_group(op) == 8 && op.window.stride > 1;
    if (op.residual < 0 && narrow_group(op) != 0 && !many_shuffles) {
        return grouped_schedule(output, target);
    }
    // The blocks of a tile share their input, so they belong to one bundle.
    const int64_t blocks = group_bundle(op.input_shape.c, output.c, op.groups).out_blocks;
    const bool flat = op.kind == OpKind::conv && op.window == Window{};
    const int64_t row = flat ? output.h * output.w : output.w;
    Schedule s = cheapest_tile(row, blocks, target);
    const int64_t rows = output.n * (flat ? 1 : output.h);
    if (op.kind == OpKind::conv) {
        s.block_rows = choose_block_rows(op, s, target, threads);
    }
    if (op.kind == OpKind::conv && s.block_rows == 0) {
        s.prefetch = prefetch_share(s, rows * ((row + s.tile_x - 1) / s.tile_x));
    }
    return s;
}

} // namespace resnetc
