// The arithmetic of windows, against counting.
#include "shape.h"

#include "catch.h"

using namespace resnetc;

namespace {

// Positions of a window, counted one by one (torch.nn.Conv2d and AvgPool2d with ceil_mode: the last
// window may hang over the end, but must start inside the map or the padding before it).
int64_t count_positions(int64_t size, int before, int after, int kernel, int stride, bool ceil) {
    int64_t count = 0;
    for (int64_t start = -before;; start += stride) {
        const bool fits = start + kernel <= size + after;
        const bool hangs = ceil && start < size && start + kernel - stride < size + after;
        if (!fits && !hangs) {
            return count;
        }
        ++count;
    }
}

} // namespace

TEST_CASE("a shape as text") {
    CHECK(to_string(Shape{1, 64, 56, 57}) == "(1,64,56,57)");
    CHECK(elements(Shape{2, 65536, 32768, 4}) == int64_t{1} << 34);
}

TEST_CASE("window positions agree with counting") {
    for (int64_t size = 1; size <= 12; ++size) {
        for (int kernel = 1; kernel <= 5; ++kernel) {
            for (int stride = 1; stride <= 4; ++stride) {
                for (int before = 0; before < kernel; ++before) {
                    for (int after = 0; after < kernel; ++after) {
                        INFO(size << " kernel " << kernel << " stride " << stride << " padding "
                                  << before << "," << after);
                        REQUIRE(window_positions(size, before, after, kernel, stride) ==
                                count_positions(size, before, after, kernel, stride, false));
                    }
                }
                REQUIRE(window_positions(size, 0, 0, kernel, stride, true) ==
                        count_positions(size, 0, 0, kernel, stride, true));
            }
        }
    }
}

TEST_CASE("same padding gives ceil(size / stride) positions") {
    for (int64_t size = 1; size <= 20; ++size) {
        for (int kernel = 1; kernel <= 7; ++kernel) {
            for (int stride = 1; stride <= 4; ++stride) {
                INFO(size << " kernel " << kernel << " stride " << stride);
                const Padding p = same_padding(size, size, kernel, stride);
                REQUIRE(p.bottom - p.top >= 0);
                REQUIRE(p.bottom - p.top <= 1);
                REQUIRE(p.left == p.top);
                REQUIRE(p.right == p.bottom);
                if (stride <= kernel) {
                    REQUIRE(window_positions(size, p.top, p.bottom, kernel, stride) ==
                            (size + stride - 1) / stride);
                }
            }
        }
    }
}
