// The weights of Winograd convolutions, transformed and packed.
#include "pack.h"

#include "winograd_geometry.h"

namespace resnetc {
namespace {

constexpr size_t kTaps = 3;

// One element of G_y w G_x^T; `w` points to 3x3 taps.
double transformed_weight(const std::vector<double>& row_y, const std::vector<double>& row_x,
                          const double* w) {
    double sum = 0;
    for (size_t ky = 0; ky < kTaps; ++ky) {
        for (size_t kx = 0; kx < kTaps; ++kx) {
            sum += row_y[ky] * row_x[kx] * w[ky * kTaps + kx];
        }
    }
    return sum;
}

void pack_raw(std::span<const double> weight, const Pipeline& pipeline, std::span<float> packed) {
    const auto inputs = static_cast<size_t>(pipeline.input.c);
    const auto outputs = static_cast<size_t>(pipeline.output.c);
    const auto padded_inputs =
        static_cast<size_t>(channel_blocks(pipeline.input.c) * kChannelBlock);
    auto out = packed.begin();
    for (size_t first = 0; first < outputs; first += kChannelBlock) {
        for (size_t i = 0; i < padded_inputs; ++i) {
            for (size_t tap = 0; tap < kTaps * kTaps; ++tap) {
                for (size_t o = first; o < first + kChannelBlock; ++o) {
                    const bool exists = o < outputs && i < inputs;
                    const size_t from = (o * inputs + i) * kTaps * kTaps + tap;
                    *out++ = exists ? static_cast<float>(weight[from]) : 0.0F;
                }
            }
        }
    }
}

} // namespace

void pack_winograd(std::span<const double> weight, const Pipeline& pipeline,
                   std::span<float> packed) {
    if (pipeline.schedule.algorithm == Algorithm::winograd_raw) {
        pack_raw(weight, pipeline, packed);
        return;
    }
    const WinogradGeometry g = winograd_geometry(pipeline);
    const auto inputs = static_cast<size_t>(pipeline.input.c);
    const auto outputs = static_cast<size_t>(pipeline.output.c);
    const auto padded_inputs =
        static_cast<size_t>(channel_blocks(pipeline.input.c) * kChannelBlock);
    const auto panel = static_cast<size_t>(pipeline.schedule.tile_o * kChannelBlock);
    const auto panels =
        static_cast<size_t>(channel_blocks(pipeline.output.c)) * kChannelBlock / panel;
    auto out = packed.begin();
    for (const std::vector<double>& row_x : g.x.whole.weights) {
        for (const std::vector<double>& row_y : g.y.whole.weights) {
            for (size_t first = 0; first < panels * panel; first += panel) {
                for (size_t i = 0; i < padded_inputs; ++i) {
                    for (size_t o = first; o < first + panel; ++o) {
                        const bool exists = o < outputs && i < inputs;
                        const size_t from = (o * inputs + i) * kTaps * kTaps;
                        *out++ = !exists ? 0.0F
                                         : static_cast<float>(transformed_weight(
                                               row_y, row_x, weight.data() + from));
                    }
                }
            }
        }
    }
}

} // namespace resnetc
