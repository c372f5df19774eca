#include "reference_layers.h"

#include <algorithm>
#include <limits>

namespace resnetc {
namespace {

// Positions [first, last) whose window element `offset` (tap minus padding before) meets the map:
// 0 <= position * stride + offset < size.
struct Range {
    int64_t first;
    int64_t last;
};

Range positions_inside(int64_t positions, int64_t size, int64_t stride, int64_t offset) {
    const int64_t first = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
    const int64_t last = size > offset ? (size - offset - 1) / stride + 1 : 0;
    return {first, std::max(first, std::min(positions, last))};
}

// A convolution's geometry. A 1x1 window that moves by 1 sees the map as one long row, which keeps
// the innermost loop long where maps are small.
struct ConvShape {
    int64_t in_h, in_w, out_h, out_w;
    int64_t kernel, stride, top, left;
};

ConvShape conv_shape(const Layer& layer) {
    const Window& window = layer.window;
    if (window == Window{}) {
        return {1, layer.input.h * layer.input.w, 1, layer.output.h * layer.output.w, 1, 1, 0, 0};
    }
    return {layer.input.h, layer.input.w, layer.output.h,     layer.output.w,
            window.kernel, window.stride, window.padding.top, window.padding.left};
}

// sums[x] += weight * row[x * stride], x in [0, count).
void accumulate_row(double* __restrict sums, const double* __restrict row, double weight,
                    int64_t count, int64_t stride) {
    int64_t x = 0;
    if (stride == 1) {
        // Steps of constant length are what compilers vectorise without being asked to.
        constexpr int64_t step = 8;
        for (; x + step <= count; x += step) {
            for (int64_t i = 0; i < step; ++i) {
                sums[x + i] += weight * row[x + i];
            }
        }
    }
    for (; x < count; ++x) {
        sums[x] += weight * row[x * stride];
    }
}

// Adds one input plane under its K*K weights to one output plane.
void accumulate_plane(const ConvShape& shape, const double* in, const float* weights, double* out) {
    for (int64_t ky = 0; ky < shape.kernel; ++ky) {
        const Range ys = positions_inside(shape.out_h, shape.in_h, shape.stride, ky - shape.top);
        for (int64_t kx = 0; kx < shape.kernel; ++kx) {
            const Range xs =
                positions_inside(shape.out_w, shape.in_w, shape.stride, kx - shape.left);
            if (xs.first == xs.last) {
                continue;
            }
            const double weight = weights[ky * shape.kernel + kx];
            const int64_t in_x = xs.first * shape.stride + kx - shape.left;
            for (int64_t y = ys.first; y < ys.last; ++y) {
                const int64_t in_y = y * shape.stride + ky - shape.top;
                accumulate_row(out + y * shape.out_w + xs.first, in + in_y * shape.in_w + in_x,
                               weight, xs.last - xs.first, shape.stride);
            }
        }
    }
}

// Calls `value` with each element inside the window at output position (y, x) of one plane.
template <typename Visit>
void visit_window(const Layer& layer, const double* plane, int64_t y, int64_t x, Visit value) {
    const Window& window = layer.window;
    const int64_t top = y * window.stride - window.padding.top;
    const int64_t left = x * window.stride - window.padding.left;
    const int64_t bottom = std::min<int64_t>(top + window.kernel, layer.input.h);
    const int64_t right = std::min<int64_t>(left + window.kernel, layer.input.w);
    for (int64_t in_y = std::max<int64_t>(top, 0); in_y < bottom; ++in_y) {
        for (int64_t in_x = std::max<int64_t>(left, 0); in_x < right; ++in_x) {
            value(plane[in_y * layer.input.w + in_x]);
        }
    }
}

// Applies `pool(plane, y, x)` at every output position of every plane.
template <typename Pool>
ReferenceTensor pool_planes(const Layer& layer, const ReferenceTensor& input, Pool pool) {
    const Shape& to = layer.output;
    ReferenceTensor output;
    output.reserve(static_cast<size_t>(elements(to)));
    for (int64_t plane = 0; plane < to.n * to.c; ++plane) {
        const double* in = input.data() + plane * layer.input.h * layer.input.w;
        for (int64_t y = 0; y < to.h; ++y) {
            for (int64_t x = 0; x < to.w; ++x) {
                output.push_back(pool(in, y, x));
            }
        }
    }
    return output;
}

} // namespace

ReferenceTensor reference_conv(const Layer& layer, const ReferenceTensor& input,
                               const std::vector<float>& weight, const std::vector<float>* bias) {
    const ConvShape shape = conv_shape(layer);
    const int64_t in_plane = shape.in_h * shape.in_w;
    const int64_t out_plane = shape.out_h * shape.out_w;
    const int64_t group_inputs = layer.input.c / layer.groups;
    const int64_t group_outputs = layer.output.c / layer.groups;
    const int64_t taps = shape.kernel * shape.kernel;
    ReferenceTensor output(static_cast<size_t>(elements(layer.output)));
    for (int64_t n = 0; n < layer.output.n; ++n) {
        for (int64_t o = 0; o < layer.output.c; ++o) {
            double* out = output.data() + (n * layer.output.c + o) * out_plane;
            std::fill_n(out, out_plane, bias != nullptr ? (*bias)[static_cast<size_t>(o)] : 0.0);
            const int64_t first_input = o / group_outputs * group_inputs;
            for (int64_t i = 0; i < group_inputs; ++i) {
                accumulate_plane(shape,
                                 input.data() + (n * layer.input.c + first_input + i) * in_plane,
                                 weight.data() + (o * group_inputs + i) * taps, out);
            }
        }
    }
    return output;
}

ReferenceTensor reference_max_pool(const Layer& layer, const ReferenceTensor& input) {
    return pool_planes(layer, input, [&](const double* plane, int64_t y, int64_t x) {
        double largest = -std::numeric_limits<double>::infinity();
        visit_window(layer, plane, y, x, [&](double v) { largest = std::max(largest, v); });
        return largest;
    });
}

ReferenceTensor reference_avg_pool(const Layer& layer, const ReferenceTensor& input) {
    return pool_planes(layer, input, [&](const double* plane, int64_t y, int64_t x) {
        double sum = 0;
        int count = 0;
        visit_window(layer, plane, y, x, [&](double v) {
            sum += v;
            ++count;
        });
        return sum / count;
    });
}

} // namespace resnetc
