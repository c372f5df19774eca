#include "fused_graph.h"

#include <algorithm>
#include <stdexcept>

namespace resnetc {
namespace {

// Which layers read each layer's output; index 0 stands for the network's input.
std::vector<std::vector<int>> find_readers(const Network& network) {
    std::vector<std::vector<int>> readers(network.layers.size() + 1);
    for (size_t i = 0; i < network.layers.size(); ++i) {
        for (const int input : network.layers[i].inputs) {
            readers[static_cast<size_t>(input + 1)].push_back(static_cast<int>(i));
        }
    }
    return readers;
}

class Fuser {
public:
    explicit Fuser(const Network& network)
        : network_(network), readers_(find_readers(network)),
          tensor_of_(network.layers.size() + 1, -1), done_(network.layers.size(), false) {}

    FusedGraph run() {
        if (!input_feeds_a_stem()) {
            emit_pack();
        }
        for (int i = 0; i < static_cast<int>(network_.layers.size()); ++i) {
            if (!done_[static_cast<size_t>(i)]) {
                emit_layer(i);
            }
        }
        finish();
        return std::move(graph_);
    }

private:
    const Layer& layer(int index) const { return network_.layers[static_cast<size_t>(index)]; }
    const std::vector<int>& readers(int index) const {
        return readers_[static_cast<size_t>(index + 1)];
    }
    int& tensor_of(int layer_index) { return tensor_of_[static_cast<size_t>(layer_index + 1)]; }

    // The one layer that reads `index`, if it is the only one and of this kind; otherwise -1.
    int only_reader(int index, LayerKind kind) const {
        const auto& list = readers(index);
        return list.size() == 1 && layer(list[0]).kind == kind ? list[0] : -1;
    }

    bool input_feeds_a_stem() const {
        const int conv = only_reader(kNetworkInput, LayerKind::conv);
        return conv >= 0 && layer(conv).groups == 1 && network_.input.c <= kMaxStemChannels;
    }

    int add_tensor(int layer_index, const Shape& shape, std::string name) {
        graph_.tensors.push_back({.name = std::move(name), .shape = shape, .layer = layer_index});
        const int id = static_cast<int>(graph_.tensors.size()) - 1;
        tensor_of(layer_index) = id;
        return id;
    }

    void emit_pack() {
        Op op{.kind = OpKind::pack, .name = "input"};
        op.input_shape = op.output_shape = network_.input;
        op.output = add_tensor(kNetworkInput, network_.input, "input");
        graph_.ops.push_back(std::move(op));
    }

    void emit_layer(int index) {
        const Layer& l = layer(index);
        switch (l.kind) {
        case LayerKind::conv:
            emit_conv(index);
            return;
        case LayerKind::max_pool:
            emit_simple(index, OpKind::max_pool);
            return;
        case LayerKind::avg_pool:
            emit_simple(index, OpKind::avg_pool);
            return;
        case LayerKind::pad_channels:
            emit_simple(index, OpKind::pad_channels);
            return;
        case LayerKind::global_avg_pool:
            emit_simple(index, OpKind::global_avg_pool);
            return;
        case LayerKind::fc:
            emit_simple(index, OpKind::fc);
            graph_.ops.back().conv_layer = index;
            return;
        case LayerKind::softmax:
            emit_simple(index, OpKind::softmax);
            return;
        case LayerKind::batch_norm:
        case LayerKind::relu:
        case LayerKind::add:
            break;
        }
        throw std::logic_error("fuse: layer '" + l.name + "' follows no convolution");
    }

    void emit_simple(int index, OpKind kind) {
        const Layer& l = layer(index);
        Op op{.kind = kind, .name = l.name, .input = tensor_of(l.inputs[0])};
        op.input_shape = l.input;
        op.output_shape = l.output;
        op.window = l.window;
        op.channels_before = l.channels_before;
        op.output = add_tensor(index, l.output, l.name);
        graph_.ops.push_back(std::move(op));
    }

    // Follows conv -> batch_norm -> add -> relu as far as each is the only reader of the one
    // before.
    void emit_conv(int index) {
        const Layer& conv = layer(index);
        Op op{.kind = OpKind::conv, .name = conv.name, .input = tensor_of(conv.inputs[0])};
        op.input_shape = conv.input;
        op.output_shape = conv.output;
        op.window = conv.window;
        op.groups = conv.groups;
        op.conv_layer = index;
        int last = index;
        if (const int bn = only_reader(last, LayerKind::batch_norm); bn >= 0) {
            op.batch_norm_layer = last = take(bn);
        }
        if (const int add = only_reader(last, LayerKind::add); add >= 0) {
            const auto& inputs = layer(add).inputs;
            const int other = inputs[0] == last ? inputs[1] : inputs[0];
            // The branch that is computed last takes the addition; the other one only delivers.
            if (tensor_of(other) >= 0) {
                op.residual = tensor_of(other);
                last = take(add);
                check_residual_is_dead_after(other, add);
            }
        }
        if (const int relu = only_reader(last, LayerKind::relu); relu >= 0) {
            op.relu = true;
            last = take(relu);
        }
        if (op.input < 0) {
            make_stem(op);
        }
        op.output = add_tensor(last, conv.output, op.name);
        graph_.ops.push_back(std::move(op));
    }

    int take(int index) {
        done_[static_cast<size_t>(index)] = true;
        return index;
    }

    // The sum is written over the residual, so nobody may read that afterwards.
    void check_residual_is_dead_after(int residual, int add) const {
        const auto& list = readers(residual);
        if (*std::max_element(list.begin(), list.end()) > add) {
            throw std::logic_error("fuse: a residual of '" + layer(add).name + "' is read later");
        }
    }

    void make_stem(Op& op) {
        op.kind = OpKind::stem;
        Tensor packed{.name = "packed_input", .shape = network_.input};
        packed.layout = Layout::packed_image;
        packed.padding = op.window.padding;
        graph_.tensors.push_back(packed);
        op.packed = static_cast<int>(graph_.tensors.size()) - 1;
    }

    void finish() {
        const int last = static_cast<int>(network_.layers.size()) - 1;
        const LayerKind kind = layer(last).kind;
        if (kind == LayerKind::fc || kind == LayerKind::softmax) {
            graph_.output = static_cast<int>(graph_.tensors.size()) - 1;
            return;
        }
        Op op{.kind = OpKind::unpack, .name = "output"};
        op.input = graph_.ops.back().output;
        op.input_shape = op.output_shape = graph_.ops.back().output_shape;
        graph_.ops.push_back(std::move(op));
    }

    const Network& network_;
    std::vector<std::vector<int>> readers_;
    std::vector<int> tensor_of_; // by layer index + 1; -1: not computed (yet) or fused away
    std::vector<bool> done_;     // layers that an earlier op has taken in
    FusedGraph graph_;
};

std::string dump_tensor(const FusedGraph& graph, int id) {
    const Tensor& t = graph.tensors[static_cast<size_t>(id)];
    return "%" + std::to_string(id) + " " + to_string(t.shape);
}

} // namespace

int64_t stored_floats(const Tensor& tensor) {
    const Shape& s = tensor.shape;
    switch (tensor.layout) {
    case Layout::nchw_c16:
        return s.n * channel_blocks(s.c) * kChannelBlock * s.h * s.w;
    case Layout::packed_image:
        return s.n * s.h * (tensor.padding.left + s.w + tensor.padding.right) * s.c;
    }
    throw std::logic_error("stored_floats: unknown layout");
}

FusedGraph fuse(const Network& network) {
    return Fuser(network).run();
}

const char* to_string(OpKind kind) {
    switch (kind) {
    case OpKind::stem:
        return "stem";
    case OpKind::pack:
        return "pack";
    case OpKind::conv:
        return "conv";
    case OpKind::max_pool:
        return "max_pool";
    case OpKind::avg_pool:
        return "avg_pool";
    case OpKind::pad_channels:
        return "pad_channels";
    case OpKind::global_avg_pool:
        return "global_avg_pool";
    case OpKind::fc:
        return "fc";
    case OpKind::softmax:
        return "softmax";
    case OpKind::unpack:
        return "unpack";
    }
    return "?";
}

std::string dump(const FusedGraph& graph) {
    std::string text;
    for (const Op& op : graph.ops) {
        text += std::string(to_string(op.kind)) + " " + op.name + ": ";
        text += op.input < 0 ? "input" : dump_tensor(graph, op.input);
        if (op.residual >= 0) {
            text += " + %" + std::to_string(op.residual);
        }
        text += " -> ";
        text += op.output < 0 ? "output" : dump_tensor(graph, op.output);
        if (op.window.kernel > 1 || op.window.stride > 1) {
            text +=
                " k" + std::to_string(op.window.kernel) + " s" + std::to_string(op.window.stride);
        }
        text += op.relu ? " relu\n" : "\n";
    }
    return text;
}

} // namespace resnetc
