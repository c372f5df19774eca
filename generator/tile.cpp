#include "plan.h"

#include <algorithm>

namespace resnetc {
namespace {

// Largest divisor of `value` that is at most `limit`.
int largest_divisor(int64_t value, int64_t limit) {
    for (int64_t d = std::min(value, limit); d > 1; --d) {
        if (value % d == 0) {
            return static_cast<int>(d);
        }
    }
    return 1;
}

// Tile width for rows of `pixels`: as wide as the registers allow, or a little narrower if that
// leaves no or a smaller remainder.
int choose_width(int64_t pixels, int limit) {
    if (pixels <= limit) {
        return static_cast<int>(pixels);
    }
    const int exact = largest_divisor(pixels, limit);
    if (2 * exact > limit) {
        return exact;
    }
    const int64_t tiles = (pixels + limit - 1) / limit;
    return static_cast<int>((pixels + tiles - 1) / tiles);
}

} // namespace

Tile choose_tile(OpKind kind, const Shape& output, const Window& window, const Target& target) {
    const int64_t blocks = channel_blocks(output.c);
    // Two registers hold weights, one a broadcast input, and one is left to the compiler: with more
    // accumulators LLVM spills.
    const int accumulators = (target.vector_registers - 4) / registers_per_block(target);
    Tile tile;
    if (kind == OpKind::fc) {
        // One pixel an image: independent sums must come from the output channels.
        tile.o = largest_divisor(blocks, std::min(7, accumulators));
        tile.x = static_cast<int>(std::min<int64_t>(output.n, accumulators / tile.o));
        return tile;
    }
    const bool flat = window.kernel == 1 && window.stride == 1;
    const int64_t pixels = flat ? output.h * output.w : output.w;
    tile.o = largest_divisor(blocks, 2);
    if (accumulators < 2 * tile.o * 3) {
        tile.o = 1;
    }
    tile.x = choose_width(pixels, accumulators / tile.o);
    return tile;
}

} // namespace resnetc
