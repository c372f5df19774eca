#include "shape.h"

#include <algorithm>

namespace resnetc {

std::string to_string(const Shape& s) {
    return "(" + std::to_string(s.n) + "," + std::to_string(s.c) + "," + std::to_string(s.h) + "," +
           std::to_string(s.w) + ")";
}

int64_t window_positions(int64_t size, int before, int after, int kernel, int stride,
                         bool ceil_mode) {
    const int64_t room = size + before + after - kernel;
    if (room < 0 && !(ceil_mode && room + stride > 0)) {
        return 0;
    }
    if (!ceil_mode) {
        return room / stride + 1;
    }
    int64_t positions = (room + stride - 1) / stride + 1;
    if ((positions - 1) * stride >= size + before) {
        --positions; // a window must start inside the map or the padding before it
    }
    return positions;
}

Padding same_padding(int64_t h, int64_t w, int kernel, int stride) {
    auto total = [&](int64_t size) {
        const int64_t positions = (size + stride - 1) / stride;
        return static_cast<int>(std::max<int64_t>((positions - 1) * stride + kernel - size, 0));
    };
    const int rows = total(h);
    const int columns = total(w);
    return {rows / 2, columns / 2, rows - rows / 2, columns - columns / 2};
}

} // namespace resnetc
