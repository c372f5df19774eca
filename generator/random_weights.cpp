// Weights without a checkpoint (random_weights of checkpoint.h).
//
// Every operation below is exact or rounded as IEEE 754 prescribes (no logarithm, no cosine,
// nothing that a fused multiply-add would change), so that all machines make the same bits.
#include "checkpoint.h"

#include <cmath>
#include <set>

namespace resnetc {
namespace {

// splitmix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators").
struct RandomBits {
    uint64_t state;

    uint64_t next() {
        state += 0x9e3779b97f4a7c15U;
        uint64_t z = state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }
};

// Uniform in [0, width) for a power of two `width`, in steps of width / 2^20: exact in float.
double uniform(RandomBits& bits, double width) {
    return static_cast<double>(bits.next() >> 44) * 0x1p-20 * width;
}

// Approximately normal with mean 0 and variance 1: the sum of twelve uniform numbers of 16 bits
// (Irwin-Hall), each in steps of 2^-16 around -1/2.
double normal(RandomBits& bits) {
    int64_t sum = 0;
    for (int draw = 0; draw < 3; ++draw) {
        const uint64_t four = bits.next();
        for (int shift = 0; shift < 64; shift += 16) {
            sum += 2 * static_cast<int64_t>(four >> shift & 0xffff) - 0xffff;
        }
    }
    return static_cast<double>(sum) * 0x1p-17;
}

// The layers that end a residual branch: what add takes as its first input. Scaling them down to a
// quarter keeps the activations of 152 layers within a few orders of magnitude.
std::set<int> branch_ends(const Network& network) {
    std::set<int> ends;
    for (const Layer& layer : network.layers) {
        if (layer.kind == LayerKind::add) {
            ends.insert(layer.inputs[0]);
        }
    }
    return ends;
}

std::vector<float> draw(const ParameterInfo& parameter, bool ends_branch, RandomBits& bits) {
    int64_t count = 1;
    for (const int64_t extent : parameter.shape) {
        count *= extent;
    }
    const bool is_matrix = parameter.shape.size() > 1; // of a convolution or fc: He et al. 2015
    const double fan_in = static_cast<double>(count) / static_cast<double>(parameter.shape[0]);
    const double branch_scale = ends_branch ? 0.25 : 1.0;
    const double deviation = std::sqrt(2.0 / fan_in) * branch_scale;
    const bool is_variance = parameter.name.ends_with(".running_var");
    const bool is_gamma = parameter.name.ends_with(".weight");

    std::vector<float> values(static_cast<size_t>(count));
    for (float& value : values) {
        if (is_matrix) {
            value = static_cast<float>(normal(bits) * deviation);
        } else if (is_variance) {
            value = static_cast<float>(0.5 + uniform(bits, 1.0));
        } else if (is_gamma) {
            value = static_cast<float>((0.75 + uniform(bits, 0.5)) * branch_scale);
        } else { // biases and running means
            value = static_cast<float>(uniform(bits, 0.25) - 0.125);
        }
    }
    return values;
}

} // namespace

Weights random_weights(const Network& network, uint64_t seed) {
    const std::set<int> ends = branch_ends(network);
    RandomBits bits{seed};
    Weights weights;
    for (const ParameterInfo& parameter : network_parameters(network)) {
        weights[parameter.name] = draw(parameter, ends.contains(parameter.layer), bits);
    }
    return weights;
}

} // namespace resnetc
