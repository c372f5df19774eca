#include "reference.h"

#include "reference_layers.h"

#include <algorithm>
#include <cmath>

namespace resnetc {
namespace {

const std::vector<float>& parameter(const Weights& weights, const Layer& layer, const char* name) {
    return weights.at(layer.name + "." + name);
}

ReferenceTensor conv(const Layer& layer, const ReferenceTensor& input, const Weights& weights) {
    return reference_conv(layer, input, parameter(weights, layer, "weight"),
                          layer.bias ? &parameter(weights, layer, "bias") : nullptr);
}

// y = (x - mean) / sqrt(var + eps) * gamma + beta (torch.nn.BatchNorm2d in eval mode).
ReferenceTensor batch_norm(const Layer& layer, const ReferenceTensor& input,
                           const Weights& weights) {
    const std::vector<float>& gamma = parameter(weights, layer, "weight");
    const std::vector<float>& beta = parameter(weights, layer, "bias");
    const std::vector<float>& mean = parameter(weights, layer, "running_mean");
    const std::vector<float>& var = parameter(weights, layer, "running_var");
    const auto plane = static_cast<size_t>(layer.input.h * layer.input.w);
    ReferenceTensor output(input.size());
    for (size_t i = 0; i < input.size(); ++i) {
        const size_t c = i / plane % gamma.size();
        output[i] =
            (input[i] - mean[c]) / std::sqrt(double{var[c]} + layer.eps) * gamma[c] + beta[c];
    }
    return output;
}

ReferenceTensor relu(const ReferenceTensor& input) {
    ReferenceTensor output(input.size());
    // NaN stays NaN, as in PyTorch.
    std::ranges::transform(input, output.begin(), [](double x) { return x < 0 ? 0.0 : x; });
    return output;
}

ReferenceTensor add(const ReferenceTensor& a, const ReferenceTensor& b) {
    ReferenceTensor output(a.size());
    std::ranges::transform(a, b, output.begin(), std::plus<>());
    return output;
}

// F.pad(x[:, :, ::stride, ::stride], ...) of akamaster's option A.
ReferenceTensor pad_channels(const Layer& layer, const ReferenceTensor& input) {
    const Shape& from = layer.input;
    const Shape& to = layer.output;
    ReferenceTensor output(static_cast<size_t>(elements(to)), 0.0);
    for (int64_t n = 0; n < from.n; ++n) {
        for (int64_t c = 0; c < from.c; ++c) {
            const double* in = input.data() + (n * from.c + c) * from.h * from.w;
            double* out = output.data() + (n * to.c + layer.channels_before + c) * to.h * to.w;
            for (int64_t y = 0; y < to.h; ++y) {
                for (int64_t x = 0; x < to.w; ++x) {
                    out[y * to.w + x] =
                        in[y * layer.window.stride * from.w + x * layer.window.stride];
                }
            }
        }
    }
    return output;
}

ReferenceTensor global_avg_pool(const Layer& layer, const ReferenceTensor& input) {
    const int64_t plane = layer.input.h * layer.input.w;
    ReferenceTensor output(static_cast<size_t>(elements(layer.output)));
    for (size_t i = 0; i < output.size(); ++i) {
        double sum = 0;
        for (int64_t p = 0; p < plane; ++p) {
            sum += input[i * static_cast<size_t>(plane) + static_cast<size_t>(p)];
        }
        output[i] = sum / static_cast<double>(plane);
    }
    return output;
}

ReferenceTensor fc(const Layer& layer, const ReferenceTensor& input, const Weights& weights) {
    const std::vector<float>& weight = parameter(weights, layer, "weight");
    const std::vector<float>& bias = parameter(weights, layer, "bias");
    const size_t inputs = input.size() / static_cast<size_t>(layer.input.n);
    ReferenceTensor output;
    for (size_t n = 0; n < static_cast<size_t>(layer.input.n); ++n) {
        for (size_t k = 0; k < bias.size(); ++k) {
            double sum = bias[k];
            for (size_t c = 0; c < inputs; ++c) {
                sum += input[n * inputs + c] * weight[k * inputs + c];
            }
            output.push_back(sum);
        }
    }
    return output;
}

// Over the classes of each image; the largest logit is subtracted so that nothing overflows.
ReferenceTensor softmax(const Layer& layer, const ReferenceTensor& input) {
    const auto classes = static_cast<ptrdiff_t>(input.size()) / layer.input.n;
    ReferenceTensor output = input;
    for (auto image = output.begin(); image != output.end(); image += classes) {
        const double largest = *std::max_element(image, image + classes);
        double sum = 0;
        for (auto value = image; value != image + classes; ++value) {
            *value = std::exp(*value - largest);
            sum += *value;
        }
        std::for_each(image, image + classes, [&](double& value) { value /= sum; });
    }
    return output;
}

// For each layer, the index of the last layer that reads its output (itself if none does).
std::vector<size_t> last_readers(const Network& network) {
    std::vector<size_t> last(network.layers.size());
    for (size_t i = 0; i < last.size(); ++i) {
        last[i] = i;
        for (const int input : network.layers[i].inputs) {
            if (input != kNetworkInput) {
                last[static_cast<size_t>(input)] = i;
            }
        }
    }
    return last;
}

} // namespace

ReferenceTensor reference_layer(const Layer& layer,
                                const std::vector<const ReferenceTensor*>& inputs,
                                const Weights& weights) {
    const ReferenceTensor& input = *inputs.at(0);
    switch (layer.kind) {
    case LayerKind::conv:
        return conv(layer, input, weights);
    case LayerKind::batch_norm:
        return batch_norm(layer, input, weights);
    case LayerKind::relu:
        return relu(input);
    case LayerKind::max_pool:
        return reference_max_pool(layer, input);
    case LayerKind::avg_pool:
        return reference_avg_pool(layer, input);
    case LayerKind::pad_channels:
        return pad_channels(layer, input);
    case LayerKind::add:
        return add(input, *inputs.at(1));
    case LayerKind::global_avg_pool:
        return global_avg_pool(layer, input);
    case LayerKind::fc:
        return fc(layer, input, weights);
    case LayerKind::softmax:
        return softmax(layer, input);
    }
    return {};
}

ReferenceTensor run_reference(const Network& network, const Weights& weights,
                              const ReferenceTensor& input,
                              const std::function<void(int, const ReferenceTensor&)>& visit) {
    const std::vector<size_t> last = last_readers(network);
    std::vector<ReferenceTensor> outputs(network.layers.size());
    for (size_t i = 0; i < outputs.size(); ++i) {
        const Layer& layer = network.layers[i];
        std::vector<const ReferenceTensor*> inputs;
        for (const int from : layer.inputs) {
            inputs.push_back(from == kNetworkInput ? &input : &outputs[static_cast<size_t>(from)]);
        }
        outputs[i] = reference_layer(layer, inputs, weights);
        if (visit) {
            visit(static_cast<int>(i), outputs[i]);
        }
        for (const int from : layer.inputs) {
            if (from != kNetworkInput && last[static_cast<size_t>(from)] == i) {
                outputs[static_cast<size_t>(from)] = ReferenceTensor();
            }
        }
    }
    if (outputs.empty()) {
        return input;
    }
    return std::move(outputs.back());
}

ReferenceTensor normalise_pixels(const PreprocessingSpec& preprocessing, const Shape& shape,
                                 std::span<const uint8_t> nhwc) {
    ReferenceTensor output(static_cast<size_t>(elements(shape)));
    const auto channels = static_cast<size_t>(shape.c);
    const auto pixels = static_cast<size_t>(shape.h * shape.w);
    for (size_t n = 0; n < static_cast<size_t>(shape.n); ++n) {
        for (size_t c = 0; c < channels; ++c) {
            for (size_t p = 0; p < pixels; ++p) {
                const double pixel = nhwc[(n * pixels + p) * channels + c];
                output[(n * channels + c) * pixels + p] =
                    (pixel / preprocessing.scale - preprocessing.mean[c]) / preprocessing.stddev[c];
            }
        }
    }
    return output;
}

} // namespace resnetc
