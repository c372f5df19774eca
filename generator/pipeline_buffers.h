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

// Where an op passes an argument from. All are buffers but `block`, the number of the call, an int.
enum class BufferRole { input, normalise, weights, bias, block, scratch, packed, output };

struct BufferLayout {
    BufferRole role{};
    std::string label;              // "input", "weights", ...
    bool u8 = false;                // else float
    std::vector<int64_t> extents{}; // innermost first
    std::vector<int64_t> strides{}; // in elements; empty: dense
    int64_t offset = 0;             // scratch: bytes from the op's scratch memory on
};

std::vector<BufferLayout> pipeline_buffers(const Pipeline& pipeline, InputType input);

// Computed by one of the Winograd algorithms.
bool is_winograd(const Pipeline& pipeline);

// Floats of a conv's, stem's or fc's packed weights.
int64_t packed_weights(const Pipeline& pipeline);

// Bytes of scratch memory for one call.
int64_t scratch_bytes(const Pipeline& pipeline);

// How often an op calls its pipeline, each time for another part of the output; with more than 1
// there is an argument `block`.
int64_t block_count(const Pipeline& pipeline);

// Whether threads take whole blocks, each with scratch memory of its own: where a block is some
// rows, because the weights are small. Otherwise the loops of the pipeline are parallel, block
// after block.
bool has_parallel_blocks(const Pipeline& pipeline);

// The strides of a buffer, dense ones too.
std::vector<int64_t> strides(const BufferLayout& buffer);

// A 1x1 convolution with stride 1 and no padding sees its map as one long row.
bool is_flat(const Pipeline& pipeline);

} // namespace resnetc
