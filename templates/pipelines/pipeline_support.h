// Shared by the emitted pipelines. Included by the generators only, never by the runtime.
//
// A pipeline is compiled without asserts and without bounds queries, so the layout stated with
// set_dense is the contract: what the driver passes must match it exactly.
#pragma once

#include <Halide.h>

#include <vector>

// States the layout of a buffer: dimension d runs over [0, extents[d]) and the strides are dense,
// innermost first. `alignment` is that of the first element, in bytes: 64 for everything that lies in
// the arena or among the weights.
template <typename Buffer>
void set_dense(Buffer& buffer, const std::vector<int>& extents, int alignment = 64) {
    int stride = 1;
    for (int d = 0; d < static_cast<int>(extents.size()); ++d) {
        buffer.dim(d).set_bounds(0, extents[d]).set_stride(stride);
        stride *= extents[d];
    }
    buffer.set_host_alignment(alignment);
}

// Zero, with a side effect: the cache line that holds element `index` of a dense buffer is asked for.
// It may lie beyond the end; a prefetch never faults.
inline Halide::Expr prefetch_line(const Halide::Parameter& buffer, const Halide::Expr& index) {
    using namespace Halide;
    const Expr address = Internal::Variable::make(Handle(), buffer.name(), buffer);
    return cast<float>(Internal::Call::make(Int(32), Internal::Call::prefetch,
                                            {address, index, 1, 1}, Internal::Call::Intrinsic));
}

template <typename Buffer>
Halide::Expr prefetch_line(const Buffer& buffer, const Halide::Expr& index) {
    return prefetch_line(Halide::ExternFuncArgument(buffer).image_param, index);
}
