// Which convolutions are computed by Winograd, and how.
#include "schedule_rule.h"

#include <algorithm>

namespace resnetc {
namespace {

// Below so many channels the transforms cost more than the multiplications that they save.
constexpr int64_t kFewestChannels = 32;

// Scratch memory that stays in the second-level cache beside the weights.
constexpr int64_t kScratchBytes = 400'000;

// Outputs of a tile along an axis. F(4,3) needs 2.25 multiplications an output, F(2,3) 4.
int tile_outputs(int64_t size) {
    return size >= 4 ? 4 : static_cast<int>(size);
}

} // namespace

std::optional<Schedule> choose_winograd(const Op& op, const Target& target) {
    const Shape& in = op.input_shape;
    const Shape& out = op.output_shape;
    const bool possible =
        op.kind == OpKind::conv && op.window.kernel == 3 && op.window.stride == 1 && op.groups == 1;
    if (!possible || std::min(out.h, out.w) < 4 || std::min(in.c, out.c) < kFewestChannels) {
        return std::nullopt;
    }
    Schedule s{.algorithm = Algorithm::winograd, .block_images = 1};
    s.winograd_x = tile_outputs(out.w);
    s.winograd_y = tile_outputs(out.h);
    const int64_t blocks = channel_blocks(out.c);
    s.tile_o = blocks % 2 == 0 && fits_registers(4, 2, target) ? 2 : 1;
    while (s.tile_x < 7 && fits_registers(s.tile_x + 1, s.tile_o, target)) {
        ++s.tile_x;
    }
    // As many rows of tiles as fit; all, if that is most of them.
    const int64_t columns = (out.w + s.winograd_x - 1) / s.winograd_x;
    const int64_t rows = (out.h + s.winograd_y - 1) / s.winograd_y;
    const int64_t positions = int64_t{s.winograd_x + 2} * (s.winograd_y + 2);
    const int64_t row_bytes =
        columns * positions * (channel_blocks(in.c) + blocks) * kChannelBlock * 4;
    const int64_t fitting = std::max<int64_t>(1, kScratchBytes / row_bytes);
    const bool weights_stay = positions * in.c * out.c * 4 <= kScratchBytes * 2;
    s.block_rows = weights_stay && fitting < rows ? static_cast<int>(fitting) : 0;
    return s;
}

} // namespace resnetc
