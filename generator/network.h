// The layers as the user knows them, every shape resolved. Included by summary, the reference
// interpreter, the checkpoint check and the fusion.
//
// In: a Spec. Out: a flat list of layers in execution order, named as in torchvision; a layer's
// output is known by the layer's index. Nothing downstream computes a shape again.
#pragma once

#include "shape.h"
#include "spec.h"

#include <string>
#include <vector>

namespace resnetc {

enum class LayerKind {
    conv,
    batch_norm,
    relu,
    max_pool,
    avg_pool,        // count_include_pad = false, ceil_mode as Window says
    pad_channels,    // every stride-th pixel, zero channels before and after (option A)
    add,             // inputs[0] + inputs[1]
    global_avg_pool, // (N,C,H,W) -> (N,C,1,1)
    fc,              // (N,C,1,1) -> (N,K,1,1), always with bias
    softmax
};

// Index of the network's input where a layer index is expected.
inline constexpr int kNetworkInput = -1;

struct Layer {
    LayerKind kind{};
    std::string name;        // "layer2.0.conv1"; unique
    std::vector<int> inputs; // producing layers, or kNetworkInput; two for add, one otherwise
    Shape input;             // of inputs[0]
    Shape output;
    Window window;           // conv, max_pool, avg_pool; pad_channels: its stride only
    int groups = 1;          // conv
    bool bias = false;       // conv, fc
    double eps = 0;          // batch_norm
    int channels_before = 0; // pad_channels: zero channels in front; the rest go behind
    int64_t params = 0;      // learnable ones, as PyTorch's num_params counts them
    int64_t macs = 0;        // multiply-accumulates of conv and fc over the whole batch's N images
    int stage = 0;           // 0: stem and head, 1...: layer1...
};

struct Network {
    std::string name;
    Shape input;
    std::vector<Layer> layers;
    int64_t params = 0;
    int64_t macs = 0;
};

// Resolves all shapes. Throws DiagnosticError that points into the spec where a shape reaches zero
// or overflows (more than 2^31-1 bytes a tensor), channels don't divide by groups, an identity
// shortcut changes shape, padding does not fit.
Network build_network(const Spec& spec);

// One tensor that the network needs from a checkpoint.
struct ParameterInfo {
    std::string name;           // "layer2.0.conv1.weight"
    std::vector<int64_t> shape; // OIHW, {O}, {O,I}
    int layer;                  // index in Network::layers
};

// Every parameter and running statistic, in layer order: conv .weight [.bias]; batch norm .weight
// .bias .running_mean .running_var; fc .weight .bias.
std::vector<ParameterInfo> network_parameters(const Network& network);

// "conv", "batch_norm", ... as `summary` prints it.
const char* to_string(LayerKind kind);

} // namespace resnetc
