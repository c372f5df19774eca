// The weights blob: folded weights in exactly the order in which the pipelines read them. Included
// by generate and the tests.
#pragma once

#include "fused_graph.h"
#include "plan.h"
#include "spec.h"

#include <span>
#include <string>

namespace resnetc {

// Packs O x I/groups x K x K weights (row-major) for a conv or fc pipeline into `packed`:
//   [O/16/tile.o][ky][kx][input blocks of the bundle][16 input channels][tile.o][16 output
//   channels]
// or, if the algorithm is `grouped`, with G = I/groups
//   [O/16][ky][kx][G][16 output channels]
// Channels beyond O and I are zero, and so is what lies between groups (see Bundle in plan.h).
// `packed` has as many elements as Plan's ConstantPlace says.
void pack_conv(std::span<const double> weight, const Pipeline& pipeline, std::span<float> packed);

// The same for Winograd, transformed in double: G w G^T of every pair of channels, in the order of
// the products:
//   [x position][y position][O/16/tile.o][input blocks][16 input channels][tile.o][16 output
//   channels]
// winograd_raw takes them as they are:
//   [O/16][input blocks][16 input channels][9 taps][16 output channels]
void pack_winograd(std::span<const double> weight, const Pipeline& pipeline,
                   std::span<float> packed);

// The same for a stem, whose image has its channels innermost:
//   [O/16/tile.o][ky][kx][I][tile.o][16 output channels]
void pack_stem(std::span<const double> weight, const Pipeline& pipeline, std::span<float> packed);

// The whole blob, Plan::weights_bytes long. `preprocessing` may be null if the plan has no pixels.
std::string pack_weights(const Network& network, const FusedGraph& graph, const Plan& plan,
                         const Weights& weights, const PreprocessingSpec* preprocessing);

} // namespace resnetc
