#include "pack.h"

#include <algorithm>
#include <cstring>

namespace resnetc {
namespace {

// Writes weights[o][i][ky][kx] in the order [tile][ky][kx][input][block of the tile][16 outputs],
// with `inputs_stored` >= I input channels.
void pack_tiles(std::span<const double> weight, const Pipeline& pipeline, int64_t inputs_stored,
                std::span<float> packed) {
    const int64_t outputs = pipeline.output.c;
    const int64_t inputs = pipeline.input.c;
    const int64_t k = pipeline.window.kernel;
    const int64_t tile_channels = pipeline.tile.o * kChannelBlock;
    const int64_t tiles = channel_blocks(outputs) / pipeline.tile.o;
    auto out = packed.begin();
    for (int64_t tile = 0; tile < tiles; ++tile) {
        for (int64_t tap = 0; tap < k * k; ++tap) {
            for (int64_t i = 0; i < inputs_stored; ++i) {
                for (int64_t lane = 0; lane < tile_channels; ++lane) {
                    const int64_t o = tile * tile_channels + lane;
                    const bool exists = o < outputs && i < inputs;
                    const size_t from = static_cast<size_t>((o * inputs + i) * k * k + tap);
                    *out++ = exists ? static_cast<float>(weight[from]) : 0.0F;
                }
            }
        }
    }
}

void put(std::string& blob, const ConstantPlace& place, std::span<const float> values) {
    std::memcpy(blob.data() + place.offset, values.data(), values.size_bytes());
}

// (pixel / scale - mean) / stddev as pixel * factor + shift, in double until the end. Both are repeated
// 16 times, so that 16 pixels of interleaved channels are whole vectors.
std::vector<float> normalise_constants(const PreprocessingSpec& preprocessing) {
    std::vector<float> factors;
    std::vector<float> shifts;
    for (int pixel = 0; pixel < kChannelBlock; ++pixel) {
        for (size_t c = 0; c < preprocessing.mean.size(); ++c) {
            const double stddev = preprocessing.stddev[c];
            factors.push_back(static_cast<float>(1.0 / (preprocessing.scale * stddev)));
            shifts.push_back(static_cast<float>(-preprocessing.mean[c] / stddev));
        }
    }
    factors.insert(factors.end(), shifts.begin(), shifts.end());
    return factors;
}

} // namespace

void pack_conv(std::span<const double> weight, const Pipeline& pipeline, std::span<float> packed) {
    pack_tiles(weight, pipeline, channel_blocks(pipeline.input.c) * kChannelBlock, packed);
}

void pack_stem(std::span<const double> weight, const Pipeline& pipeline, std::span<float> packed) {
    pack_tiles(weight, pipeline, pipeline.input.c, packed);
}

std::string pack_weights(const Network& network, const FusedGraph& graph, const Plan& plan,
                         const Weights& weights, const PreprocessingSpec* preprocessing) {
    std::string blob(static_cast<size_t>(plan.weights_bytes), '\0');
    for (size_t i = 0; i < graph.ops.size(); ++i) {
        const Op& op = graph.ops[i];
        const OpConstants& places = plan.constants[i];
        if (places.normalise.bytes > 0) {
            put(blob, places.normalise, normalise_constants(*preprocessing));
        }
        if (op.conv_layer < 0) {
            continue;
        }
        const Pipeline& pipeline = plan.pipelines[static_cast<size_t>(plan.pipeline_of_op[i])];
        const FoldedWeights folded = fold_weights(network, op, weights);
        std::vector<float> packed(static_cast<size_t>(places.weights.bytes) / sizeof(float));
        if (op.kind == OpKind::stem) {
            pack_stem(folded.weight, pipeline, packed);
        } else {
            pack_conv(folded.weight, pipeline, packed);
        }
        put(blob, places.weights, packed);
        std::vector<float> bias(static_cast<size_t>(places.bias.bytes) / sizeof(float), 0.0F);
        std::transform(folded.bias.begin(), folded.bias.end(), bias.begin(),
                       [](double value) { return static_cast<float>(value); });
        put(blob, places.bias, bias);
    }
    return blob;
}

} // namespace resnetc
