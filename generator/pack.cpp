#include "pack.h"

#include "pipeline_buffers.h"

#include <algorithm>
#include <cstring>

namespace resnetc {
namespace {

// The weight between two channels of the whole network, or nothing where there is none.
struct WeightIndex {
    const Pipeline& pipeline;

    // `o` and `i` may lie beyond the channels. Returns the index of the first tap, or -1.
    int64_t first_tap(int64_t o, int64_t i) const {
        const int64_t out_size = pipeline.output.c / pipeline.groups;
        const int64_t in_size = pipeline.input.c / pipeline.groups;
        const int64_t taps = int64_t{pipeline.window.kernel} * pipeline.window.kernel;
        if (o >= pipeline.output.c || i >= pipeline.input.c || o / out_size != i / in_size) {
            return -1;
        }
        return (o * in_size + i % in_size) * taps;
    }
};

// Writes the weights in the order [tile][ky][kx][input][block of the tile][16 outputs], where a
// tile reads `inputs` channels from its bundle's first on, and a bundle has `bundle_outputs`
// channels.
void pack_tiles(std::span<const double> weight, const Pipeline& pipeline, int64_t inputs,
                int64_t bundle_outputs, std::span<float> packed) {
    const WeightIndex index{pipeline};
    const int64_t taps = int64_t{pipeline.window.kernel} * pipeline.window.kernel;
    const int64_t tile_outputs = int64_t{pipeline.schedule.tile_o} * kChannelBlock;
    const int64_t tiles = channel_blocks(pipeline.output.c) / pipeline.schedule.tile_o;
    auto out = packed.begin();
    for (int64_t tile = 0; tile < tiles; ++tile) {
        const int64_t first_output = tile * tile_outputs;
        const int64_t first_input = first_output / bundle_outputs * inputs;
        for (int64_t tap = 0; tap < taps; ++tap) {
            for (int64_t i = first_input; i < first_input + inputs; ++i) {
                for (int64_t o = first_output; o < first_output + tile_outputs; ++o) {
                    const int64_t from = index.first_tap(o, i);
                    *out++ = from < 0 ? 0.0F
                                      : static_cast<float>(weight[static_cast<size_t>(from + tap)]);
                }
            }
        }
    }
}

// Narrow groups, in the order [block of 16 outputs][ky][kx][input of the group][16 outputs].
void pack_grouped(std::span<const double> weight, const Pipeline& pipeline,
                  std::span<float> packed) {
    const WeightIndex index{pipeline};
    const int64_t taps = int64_t{pipeline.window.kernel} * pipeline.window.kernel;
    const int64_t group = pipeline.input.c / pipeline.groups;
    auto out = packed.begin();
    for (int64_t block = 0; block < channel_blocks(pipeline.output.c); ++block) {
        for (int64_t tap = 0; tap < taps; ++tap) {
            for (int64_t i = 0; i < group; ++i) {
                for (int64_t lane = 0; lane < kChannelBlock; ++lane) {
                    const int64_t o = block * kChannelBlock + lane;
                    const int64_t from = index.first_tap(o, o / group * group + i);
                    *out++ = from < 0 ? 0.0F
                                      : static_cast<float>(weight[static_cast<size_t>(from + tap)]);
                }
            }
        }
    }
}

void put(std::string& blob, const ConstantPlace& place, std::span<const float> values) {
    std::memcpy(blob.data() + place.offset, values.data(), values.size_bytes());
}

// (pixel / scale - mean) / stddev as pixel * factor + shift, in double until the end. Both are
// repeated 16 times, so that 16 pixels of interleaved channels are whole vectors.
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
    if (pipeline.schedule.algorithm == Algorithm::grouped) {
        pack_grouped(weight, pipeline, packed);
        return;
    }
    const Bundle bundle = group_bundle(pipeline.input.c, pipeline.output.c, pipeline.groups);
    pack_tiles(weight, pipeline, bundle.in_blocks * kChannelBlock,
               bundle.out_blocks * kChannelBlock, packed);
}

void pack_stem(std::span<const double> weight, const Pipeline& pipeline, std::span<float> packed) {
    pack_tiles(weight, pipeline, pipeline.input.c,
               channel_blocks(pipeline.output.c) * kChannelBlock, packed);
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
        } else if (is_winograd(pipeline)) {
            pack_winograd(folded.weight, pipeline, packed);
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
