// The oracle: a plain interpreter of the unfused Network in double precision. Included by verify
// and the tests. Shares no code with fusion, planning, packing or the pipelines.
//
// In: a Network, its weights (unfolded) and an input. Out: every layer's output, NCHW, row-major.
#pragma once

#include "checkpoint.h"
#include "network.h"

#include <functional>
#include <span>
#include <vector>

namespace resnetc {

// N*C*H*W doubles in NCHW order.
using ReferenceTensor = std::vector<double>;

// Computes one layer from its inputs (one, or two for add). `weights` holds at least this layer's
// parameters.
ReferenceTensor reference_layer(const Layer& layer,
                                const std::vector<const ReferenceTensor*>& inputs,
                                const Weights& weights);

// Runs the whole network over `input` (Network::input's shape). Calls `visit` with each layer's
// index and output as soon as it is known; outputs that no later layer reads are freed. Returns the
// last.
ReferenceTensor run_reference(const Network& network, const Weights& weights,
                              const ReferenceTensor& input,
                              const std::function<void(int, const ReferenceTensor&)>& visit = {});

// The network's float input from pixels, as Spec's preprocessing says (crop and resize excluded).
// `nhwc`: N*H*W*C bytes whose channels are in the network's order already; result NCHW.
ReferenceTensor normalise_pixels(const PreprocessingSpec& preprocessing, const Shape& shape,
                                 std::span<const uint8_t> nhwc);

} // namespace resnetc
