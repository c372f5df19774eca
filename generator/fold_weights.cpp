// Batch norm into the convolution before it (fold_weights of fused_graph.h).
#include "fused_graph.h"

#include <cmath>

namespace resnetc {
namespace {

const std::vector<float>& parameter(const Weights& weights, const Layer& layer, const char* name) {
    return weights.at(layer.name + "." + name);
}

// weight: O * per_channel values; bias: O values.
void fold_batch_norm(const Layer& norm, const Weights& weights, FoldedWeights& folded) {
    const std::vector<float>& gamma = parameter(weights, norm, "weight");
    const std::vector<float>& beta = parameter(weights, norm, "bias");
    const std::vector<float>& mean = parameter(weights, norm, "running_mean");
    const std::vector<float>& var = parameter(weights, norm, "running_var");
    const size_t per_channel = folded.weight.size() / folded.bias.size();
    for (size_t o = 0; o < folded.bias.size(); ++o) {
        const double scale = double{gamma[o]} / std::sqrt(double{var[o]} + norm.eps);
        for (size_t i = 0; i < per_channel; ++i) {
            folded.weight[o * per_channel + i] *= scale;
        }
        folded.bias[o] = double{beta[o]} + (folded.bias[o] - double{mean[o]}) * scale;
    }
}

} // namespace

FoldedWeights fold_weights(const Network& network, const Op& op, const Weights& weights) {
    FoldedWeights folded;
    if (op.conv_layer < 0) {
        return folded; // pooling and the like have no weights
    }
    const Layer& layer = network.layers[static_cast<size_t>(op.conv_layer)];
    const std::vector<float>& weight = parameter(weights, layer, "weight");
    folded.weight.assign(weight.begin(), weight.end());
    folded.bias.assign(static_cast<size_t>(layer.output.c), 0.0);
    if (layer.bias) {
        const std::vector<float>& bias = parameter(weights, layer, "bias");
        folded.bias.assign(bias.begin(), bias.end());
    }
    if (op.batch_norm_layer >= 0) {
        fold_batch_norm(network.layers[static_cast<size_t>(op.batch_norm_layer)], weights, folded);
    }
    return folded;
}

} // namespace resnetc
