// One op = one Halide pipeline call. Included by the planner, the packer, the emitter and verify.
//
// In: a Network. Out: ops in execution order over numbered tensors in NCHWc16 layout. Batch norm is
// folded into the convolution before it, bias, residual and ReLU ride in its epilogue.
#pragma once

#include "checkpoint.h"
#include "network.h"

#include <string>
#include <vector>

namespace resnetc {

// Channels of a block of the activation layout NCHWc16: Halide dimensions (c, x, y, C/16, N).
inline constexpr int kChannelBlock = 16;

inline int64_t channel_blocks(int64_t channels) {
    return (channels + kChannelBlock - 1) / kChannelBlock;
}

enum class OpKind {
    stem,            // input packing (u8 or float) and the first convolution
    pack,            // input (u8 or float) to NCHWc16, where no stem can do it
    conv,            // + bias [+ residual] [+ relu]
    max_pool,        //
    avg_pool,        //
    pad_channels,    // option A shortcut
    global_avg_pool, //
    fc,              //
    softmax,         //
    unpack           // NCHWc16 to the user's float NCHW, when there is no head
};

// Where a tensor's elements lie.
enum class Layout {
    nchw_c16,    // blocked activations; channels beyond C are zero
    packed_image // stem: [N][H][left + W + right][C], normalised, columns zero-padded
};

struct Tensor {
    std::string name; // of the layer that makes it
    Shape shape;
    Layout layout = Layout::nchw_c16;
    Padding padding{};         // packed_image: zero columns left and right (rows are skipped)
    int layer = kNetworkInput; // the Network layer whose output this is (of a fused run: the last)
};

// Floats that a tensor takes, padding channels and columns included.
int64_t stored_floats(const Tensor& tensor);

struct Op {
    OpKind kind{};
    std::string name; // of its main layer: "layer2.0.conv1"
    int input = -1;   // tensor; -1: the network's input (stem, pack)
    int residual =
        -1;          // tensor added in the epilogue, whose storage the output takes over; -1: none
    int packed = -1; // stem: the packed image, an extra output
    int output = -1; // tensor; -1: the user's output (unpack)
    Shape input_shape{};  //
    Shape output_shape{}; //
    Window window{};
    int groups = 1;
    bool relu = false;
    int channels_before = 0;   // pad_channels
    std::string variant{};     // end of the signature, of the tuner's copies of an op; else empty
    int conv_layer = -1;       // conv, stem, fc: index in Network::layers
    int batch_norm_layer = -1; // folded into it; -1: none
};

struct FusedGraph {
    std::vector<Tensor> tensors;
    std::vector<Op> ops;
    int output = -1; // tensor whose first `classes` channels are the result; -1: unpack wrote it
};

// Most input channels that a stem packs as an interleaved image; wider inputs go through `pack`.
inline constexpr int kMaxStemChannels = 4;

FusedGraph fuse(const Network& network);

// Weights and bias of one op after folding, still in OIHW order. Folding is done in double:
// w' = w * gamma / sqrt(var + eps), b' = beta + (b - mean) * gamma / sqrt(var + eps).
struct FoldedWeights {
    std::vector<double> weight; // O * I/groups * K * K
    std::vector<double> bias;   // O
};
FoldedWeights fold_weights(const Network& network, const Op& op, const Weights& weights);

// The text dump that the tests read: one line an op.
std::string dump(const FusedGraph& graph);

const char* to_string(OpKind kind);

} // namespace resnetc
