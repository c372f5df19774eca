// The kinds of layers that the reference computes with windows over maps. Included by reference.cpp
// only.
#pragma once

#include "reference.h"

#include <vector>

namespace resnetc {

// Convolution with groups and zero padding. weight: O * I/groups * K * K floats in OIHW order;
// bias: O floats, or nullptr.
ReferenceTensor reference_conv(const Layer& layer, const ReferenceTensor& input,
                               const std::vector<float>& weight, const std::vector<float>* bias);

// Largest value of each window; padding never wins.
ReferenceTensor reference_max_pool(const Layer& layer, const ReferenceTensor& input);

// Mean of the values of each window that lie inside the map (torch.nn.AvgPool2d with
// count_include_pad=False).
ReferenceTensor reference_avg_pool(const Layer& layer, const ReferenceTensor& input);

} // namespace resnetc
