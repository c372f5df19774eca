// Adds layers to a Network one by one, each with its shape, parameters and MACs resolved and
// checked. Included by network.cpp only, which knows how a ResNet is put together.
//
// A layer that cannot be is reported and ends the construction: every later shape depends on it.
#pragma once

#include "network.h"

#include <string>

namespace resnetc {

// A convolution or pooling window before its padding is resolved.
struct WindowSpec {
    int kernel = 1;
    int stride = 1;
    PaddingSpec padding;
    SourceLocation where; // what to point at if it does not fit
};

class NetworkBuilder {
public:
    // The spec must outlive the builder. Reports an input that is too large.
    explicit NetworkBuilder(const Spec& spec);

    // Shape of a layer's output; kNetworkInput: the network's input.
    const Shape& shape_of(int layer) const;

    // Layers added from now on belong to this stage (Layer::stage).
    void begin_stage(int stage) { stage_ = stage; }

    // Each adds a layer that reads `input` (and for add, `shortcut`) and returns its index.
    int conv(const std::string& name, int input, int64_t channels, const WindowSpec& window,
             int groups = 1);
    int batch_norm(const std::string& name, int input);
    int relu(const std::string& name, int input);
    int max_pool(const std::string& name, int input, const WindowSpec& window);
    // 2x2 windows, ceil mode, padding not counted (torch.nn.AvgPool2d(2, stride, ceil_mode=True,
    // count_include_pad=False)).
    int average_pool(const std::string& name, int input, int stride, SourceLocation where);
    // Every stride-th pixel, `before` zero channels in front and as many behind as make `channels`.
    int pad_channels(const std::string& name, int input, int64_t channels, int64_t before,
                     int stride, SourceLocation where);
    int add(const std::string& name, int input, int shortcut);
    int global_average_pool(const std::string& name, int input);
    int fully_connected(const std::string& name, int input, int64_t classes, SourceLocation where);
    int softmax(const std::string& name, int input);

    // Reports an error of the spec and ends the construction.
    [[noreturn]] void refuse(SourceLocation where, const std::string& message,
                             const std::string& hint = "");

    Network take() { return std::move(network_); }

private:
    Layer layer(LayerKind kind, const std::string& name, int input) const;
    int append(Layer layer, SourceLocation where);
    void slide(Layer& layer, int64_t channels, const WindowSpec& window);
    void check_bytes(const std::string& what, const Shape& shape, SourceLocation where);
    void check_weights(const Layer& layer, int64_t count, SourceLocation where);

    const Spec& spec_;
    Network network_;
    int stage_ = 0;
};

} // namespace resnetc
