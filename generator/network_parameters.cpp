#include "network.h"

namespace resnetc {

std::vector<ParameterInfo> network_parameters(const Network& network) {
    std::vector<ParameterInfo> parameters;
    for (size_t i = 0; i < network.layers.size(); ++i) {
        const Layer& layer = network.layers[i];
        const auto need = [&](const char* suffix, std::vector<int64_t> shape) {
            parameters.push_back({layer.name + suffix, std::move(shape), static_cast<int>(i)});
        };
        const int64_t channels = layer.output.c;
        const int64_t kernel = layer.window.kernel;
        if (layer.kind == LayerKind::conv) {
            need(".weight", {channels, layer.input.c / layer.groups, kernel, kernel});
        } else if (layer.kind == LayerKind::fc) {
            need(".weight", {channels, layer.input.c});
        } else if (layer.kind == LayerKind::batch_norm) {
            need(".weight", {channels});
            need(".bias", {channels});
            need(".running_mean", {channels});
            need(".running_var", {channels});
        }
        if (layer.bias) {
            need(".bias", {channels});
        }
    }
    return parameters;
}

const char* to_string(LayerKind kind) {
    switch (kind) {
    case LayerKind::conv:
        return "conv";
    case LayerKind::batch_norm:
        return "batch_norm";
    case LayerKind::relu:
        return "relu";
    case LayerKind::max_pool:
        return "max_pool";
    case LayerKind::avg_pool:
        return "avg_pool";
    case LayerKind::pad_channels:
        return "pad_channels";
    case LayerKind::add:
        return "add";
    case LayerKind::global_avg_pool:
        return "global_avg_pool";
    case LayerKind::fc:
        return "fc";
    case LayerKind::softmax:
        return "softmax";
    }
    return "unknown";
}

} // namespace resnetc
