// Shared by the emitted Winograd pipelines. Included by the generators only, never by the runtime.
#pragma once

#include "pipeline_support.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

// One axis of a tile: `outputs` outputs from outputs + 2 inputs, as many positions.
struct Transform {
    using Matrix = std::vector<std::vector<float>>;
    int outputs;
    Matrix input;  // B^T: inputs to positions
    Matrix output; // A^T: positions to outputs
    int positions() const { return static_cast<int>(input.size()); }
};

// The sum of row[i] * term(i) over the terms that `use` selects; undefined if there are none.
inline Halide::Expr weighted_sum(const std::vector<float>& row,
                                 const std::function<Halide::Expr(int)>& term,
                                 const std::function<bool(size_t)>& use) {
    Halide::Expr sum;
    for (size_t i = 0; i < row.size(); ++i) {
        if (row[i] == 0 || !use(i)) {
            continue;
        }
        const Halide::Expr value = term(static_cast<int>(i));
        if (!sum.defined()) {
            sum = row[i] == 1 ? value : row[i] == -1 ? -value : value * row[i];
        } else {
            sum = row[i] == 1 ? sum + value : row[i] == -1 ? sum - value : sum + value * row[i];
        }
    }
    return sum;
}

// Whether b is a with some, but not all, of its signs changed: rows of the points p and -p.
inline bool differs_in_signs(const std::vector<float>& a, const std::vector<float>& b) {
    int same = 0;
    int opposite = 0;
    for (size_t i = 0; i < a.size(); ++i) {
        if (a[i] != b[i] && a[i] != -b[i]) {
            return false;
        }
        same += a[i] != 0 && a[i] == b[i];
        opposite += a[i] != 0 && a[i] != b[i];
    }
    return same > 0 && opposite > 0 && same + opposite > 2;
}

// The product of a matrix with the vector term(0), term(1), ... Two rows that differ in signs are the sum and
// the difference of the same two sums.
inline std::vector<Halide::Expr> multiply(const Transform::Matrix& matrix,
                                          const std::function<Halide::Expr(int)>& term) {
    std::vector<Halide::Expr> product(matrix.size());
    for (size_t a = 0; a < matrix.size(); ++a) {
        if (product[a].defined()) {
            continue;
        }
        size_t b = a + 1;
        while (b < matrix.size() && !differs_in_signs(matrix[a], matrix[b])) {
            ++b;
        }
        if (b == matrix.size()) {
            product[a] = weighted_sum(matrix[a], term, [](size_t) { return true; });
            continue;
        }
        const auto same = [&](size_t i) { return matrix[a][i] == matrix[b][i]; };
        const auto opposite = [&](size_t i) { return matrix[a][i] != matrix[b][i]; };
        const Halide::Expr even = weighted_sum(matrix[a], term, same);
        const Halide::Expr odd = weighted_sum(matrix[a], term, opposite);
        product[a] = even + odd;
        product[b] = even - odd;
    }
    return product;
}

// Steps of at most `most` that cover `count` as evenly as possible.
inline int even_step(int count, int most) {
    const int steps = (count + most - 1) / most;
    return (count + steps - 1) / steps;
}

// Asks for the cache line that lies `offset` elements behind the beginning of `buffer`. Its value is 0, to be
// added to something that is computed at the time. Beyond the end of the buffer nothing happens.
inline Halide::Expr prefetch(const Halide::Func& buffer, const Halide::Expr& offset) {
    using namespace Halide::Internal;
    const Call* image = buffer.value().as<Call>();
    const Halide::Expr base = Variable::make(Halide::type_of<float*>(), image->name, image->param);
    return Halide::cast<float>(
        Call::make(Halide::Int(32), Call::prefetch, {base, offset, 1, 1}, Call::Intrinsic));
}

// States the layout of a buffer that has gaps between its elements.
template <typename Buffer>
void set_strided(Buffer& buffer, const std::vector<int>& extents, const std::vector<int>& strides,
                 int alignment = 64) {
    for (int d = 0; d < static_cast<int>(extents.size()); ++d) {
        buffer.dim(d).set_bounds(0, extents[d]).set_stride(strides[d]);
    }
    buffer.set_host_alignment(alignment);
}
