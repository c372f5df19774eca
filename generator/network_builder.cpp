#include "network_builder.h"

#include <algorithm>

namespace resnetc {

namespace {

// Largest tensor in bytes: Halide computes offsets in 32 bits.
constexpr int64_t kTensorByteLimit = 2147483647;

// Activations are stored as float in blocks of 16 channels.
constexpr int64_t kBytesPerElement = 4;
constexpr int64_t kChannelsPerBlock = 16;

int64_t padded_channels(int64_t channels) {
    return (channels + kChannelsPerBlock - 1) / kChannelsPerBlock * kChannelsPerBlock;
}

// Whether the product of positive factors is at most `limit`, without computing it.
bool product_within(int64_t limit, std::initializer_list<int64_t> factors) {
    return std::all_of(factors.begin(), factors.end(), [&](int64_t factor) {
        limit /= factor;
        return limit > 0;
    });
}

Padding resolve(const PaddingSpec& padding, const Shape& input, int kernel, int stride) {
    switch (padding.rule) {
    case PaddingRule::symmetric: {
        const int side = (kernel - 1) / 2;
        return {side, side, side, side};
    }
    case PaddingRule::same:
        return same_padding(input.h, input.w, kernel, stride);
    case PaddingRule::valid:
        return {};
    case PaddingRule::numbers:
        break;
    }
    return padding.numbers;
}

std::string size_text(int kernel) {
    return std::to_string(kernel) + "x" + std::to_string(kernel);
}

int largest_side(const Padding& p) {
    return std::max({p.top, p.left, p.bottom, p.right});
}

} // namespace

NetworkBuilder::NetworkBuilder(const Spec& spec) : spec_(spec) {
    network_.name = spec.name.value;
    network_.input = {spec.batch.value, spec.channels.value, spec.height.value, spec.width.value};
    SourceLocation where{};
    for (const Located<int>* field : {&spec.width, &spec.height, &spec.channels, &spec.batch}) {
        where = field->where.line > 0 ? field->where : where;
    }
    check_bytes("the input", network_.input, where);
}

const Shape& NetworkBuilder::shape_of(int layer) const {
    return layer == kNetworkInput ? network_.input
                                  : network_.layers[static_cast<size_t>(layer)].output;
}

void NetworkBuilder::refuse(SourceLocation where, const std::string& message,
                            const std::string& hint) {
    Diagnostics diagnostics({spec_.path, spec_.text});
    diagnostics.error(where, message, hint);
    diagnostics.throw_if_any();
    std::abort(); // not reached: there is an error
}

void NetworkBuilder::check_bytes(const std::string& what, const Shape& shape,
                                 SourceLocation where) {
    const std::initializer_list<int64_t> factors = {shape.n, padded_channels(shape.c), shape.h,
                                                    shape.w, kBytesPerElement};
    if (!product_within(kTensorByteLimit, factors)) {
        refuse(where, what + " is " + to_string(shape) + ", expected at most 2^31-1 bytes a tensor",
               "channels are stored as floats in blocks of 16");
    }
}

void NetworkBuilder::check_weights(const Layer& layer, int64_t count, SourceLocation where) {
    if (!product_within(kTensorByteLimit, {count, kBytesPerElement})) {
        refuse(where, layer.name + " has " + std::to_string(count) +
                          " weights, expected at most 2^31-1 bytes a tensor");
    }
}

Layer NetworkBuilder::layer(LayerKind kind, const std::string& name, int input) const {
    Layer layer;
    layer.kind = kind;
    layer.name = name;
    layer.inputs = {input};
    layer.input = shape_of(input);
    layer.output = layer.input;
    layer.stage = stage_;
    return layer;
}

int NetworkBuilder::append(Layer layer, SourceLocation where) {
    check_bytes("the output of " + layer.name, layer.output, where);
    network_.params += layer.params;
    network_.macs += layer.macs;
    network_.layers.push_back(std::move(layer));
    return static_cast<int>(network_.layers.size()) - 1;
}

// Resolves the padding and the output of a layer with a window.
void NetworkBuilder::slide(Layer& layer, int64_t channels, const WindowSpec& spec) {
    Window& window = layer.window;
    window.kernel = spec.kernel;
    window.stride = spec.stride;
    window.padding = resolve(spec.padding, layer.input, spec.kernel, spec.stride);
    // torch.nn.MaxPool2d's rule; a convolution's window may not lie in the padding altogether.
    const bool pools = layer.kind == LayerKind::max_pool;
    const int most = pools ? spec.kernel / 2 : spec.kernel - 1;
    if (largest_side(window.padding) > most) {
        refuse(spec.where, layer.name + " has padding " +
                               std::to_string(largest_side(window.padding)) +
                               ", expected at most " + std::to_string(most) + " for a " +
                               size_text(spec.kernel) + (pools ? " pool" : " convolution"));
    }
    const Padding& p = window.padding;
    layer.output = {layer.input.n, channels,
                    window_positions(layer.input.h, p.top, p.bottom, spec.kernel, spec.stride,
                                     window.ceil_mode),
                    window_positions(layer.input.w, p.left, p.right, spec.kernel, spec.stride,
                                     window.ceil_mode)};
    if (layer.output.h < 1 || layer.output.w < 1) {
        refuse(spec.where,
               layer.name + " reads " + to_string(layer.input) + ", expected a map in which its " +
                   size_text(spec.kernel) + " window fits",
               "a larger input, fewer strides or more padding");
    }
}

int NetworkBuilder::conv(const std::string& name, int input, int64_t channels,
                         const WindowSpec& window, int groups) {
    Layer conv = layer(LayerKind::conv, name, input);
    conv.groups = groups;
    conv.bias = spec_.conv_bias.value;
    slide(conv, channels, window);
    const int64_t per_output = conv.input.c / groups * window.kernel * window.kernel;
    const int64_t weights = channels * per_output;
    check_weights(conv, weights, window.where);
    // Checked before the MACs are computed, so that they cannot overflow.
    check_bytes("the output of " + name, conv.output, window.where);
    conv.params = weights + (conv.bias ? channels : 0);
    conv.macs = elements(conv.output) * per_output;
    return append(std::move(conv), window.where);
}

int NetworkBuilder::batch_norm(const std::string& name, int input) {
    Layer norm = layer(LayerKind::batch_norm, name, input);
    norm.eps = spec_.bn_eps.value;
    norm.params = 2 * norm.input.c;
    return append(std::move(norm), {});
}

int NetworkBuilder::relu(const std::string& name, int input) {
    return append(layer(LayerKind::relu, name, input), {});
}

int NetworkBuilder::max_pool(const std::string& name, int input, const WindowSpec& window) {
    Layer pool = layer(LayerKind::max_pool, name, input);
    slide(pool, pool.input.c, window);
    return append(std::move(pool), window.where);
}

int NetworkBuilder::average_pool(const std::string& name, int input, int stride,
                                 SourceLocation where) {
    Layer pool = layer(LayerKind::avg_pool, name, input);
    pool.window.ceil_mode = true;
    slide(pool, pool.input.c, {2, stride, {PaddingRule::valid, {}}, where});
    return append(std::move(pool), where);
}

int NetworkBuilder::pad_channels(const std::string& name, int input, int64_t channels,
                                 int64_t before, int stride, SourceLocation where) {
    Layer pad = layer(LayerKind::pad_channels, name, input);
    pad.channels_before = static_cast<int>(before);
    slide(pad, channels, {1, stride, {PaddingRule::valid, {}}, where});
    return append(std::move(pad), where);
}

int NetworkBuilder::add(const std::string& name, int input, int shortcut) {
    Layer add = layer(LayerKind::add, name, input);
    add.inputs.push_back(shortcut);
    return append(std::move(add), {});
}

int NetworkBuilder::global_average_pool(const std::string& name, int input) {
    Layer pool = layer(LayerKind::global_avg_pool, name, input);
    pool.output = {pool.input.n, pool.input.c, 1, 1};
    return append(std::move(pool), {});
}

int NetworkBuilder::fully_connected(const std::string& name, int input, int64_t classes,
                                    SourceLocation where) {
    Layer fc = layer(LayerKind::fc, name, input);
    fc.bias = true;
    fc.output = {fc.input.n, classes, 1, 1};
    check_weights(fc, fc.input.c * classes, where);
    fc.params = fc.input.c * classes + classes;
    fc.macs = fc.input.n * fc.input.c * classes;
    return append(std::move(fc), where);
}

int NetworkBuilder::softmax(const std::string& name, int input) {
    return append(layer(LayerKind::softmax, name, input), {});
}

} // namespace resnetc
