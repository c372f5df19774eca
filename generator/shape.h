// Tensor shapes and the arithmetic of windows (convolution, pooling) over them. Included by every
// stage from the spec on.
#pragma once

#include <cstdint>
#include <string>

namespace resnetc {

// N images of C channels, H rows, W columns. All at least 1 in a resolved network.
struct Shape {
    int64_t n = 1;
    int64_t c = 1;
    int64_t h = 1;
    int64_t w = 1;
    friend bool operator==(const Shape&, const Shape&) = default;
};

// Elements of a shape (N*C*H*W).
inline int64_t elements(const Shape& s) {
    return s.n * s.c * s.h * s.w;
}

// "(1,64,56,56)".
std::string to_string(const Shape& s);

// Zero rows and columns added around a map; TensorFlow's "same" makes them asymmetric.
struct Padding {
    int top = 0;
    int left = 0;
    int bottom = 0;
    int right = 0;
    friend bool operator==(const Padding&, const Padding&) = default;
};

// A square window of `kernel` pixels moved by `stride` pixels over a map with `padding` around it.
struct Window {
    int kernel = 1;
    int stride = 1;
    Padding padding;
    // Average pooling only: the last window may hang over the edge (PyTorch's ceil_mode). What
    // hangs over does not count in the average.
    bool ceil_mode = false;
    friend bool operator==(const Window&, const Window&) = default;
};

// Positions of a window along one axis: floor((size + before + after - kernel) / stride) + 1, or 0
// if the window does not fit (torch.nn.Conv2d, "Shape"; with ceil_mode torch.nn.AvgPool2d).
int64_t window_positions(int64_t size, int before, int after, int kernel, int stride,
                         bool ceil_mode = false);

// Padding of TensorFlow's "same": ceil(size / stride) positions, the odd pixel after
// (tf.nn.convolution, "padding").
Padding same_padding(int64_t h, int64_t w, int kernel, int stride);

} // namespace resnetc
