// The buffers of each kind of pipeline, in argument order. Included by the two halves of the
// emitter, so that a pipeline and its caller cannot disagree.
#pragma once

#include "plan.h"

#include <string>
#include <vector>

namespace resnetc {

// Type of the network's input that a stem or pack pipeline is compiled for.
enum class InputType { none, u8, f32 };

// One compiled function of a pipeline.
struct PipelineVariant {
    InputType input = InputType::none;
    std::string suffix; // of the function's name: "", "_u8", "_f32"
};

// stem and pack: one a type of input; other pipelines: one without a suffix.
std::vector<PipelineVariant> pipeline_variants(const Pipeline& pipeline, bool pixels);

// Where an op passes a buffer from.
enum class BufferRole { input, normalise, weights, bias, packed, output };

struct BufferLayout {
    BufferRole role{};
    std::string label;            // "input", "weights", ...
    bool u8 = false;              // else float
    std::vector<int64_t> extents; // innermost first; strides are dense
};

std::vector<BufferLayout> pipeline_buffers(const Pipeline& pipeline, InputType input);

// A 1x1 convolution with stride 1 and no padding sees its map as one long row.
bool is_flat(const Pipeline& pipeline);

} // namespace resnetc
