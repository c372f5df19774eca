#include "pipeline_buffers.h"

namespace resnetc {
namespace {

// (c, x, y, C/16, N) of a blocked activation.
std::vector<int64_t> blocked(const Shape& s) {
    return {kChannelBlock, s.w, s.h, channel_blocks(s.c), s.n};
}

// The same without telling rows apart.
std::vector<int64_t> blocked_pixels(const Shape& s) {
    return {kChannelBlock, s.w * s.h, channel_blocks(s.c), s.n};
}

// (N,C,1,1) without its map.
std::vector<int64_t> blocked_vector(const Shape& s) {
    return {kChannelBlock, channel_blocks(s.c), s.n};
}

// The user's input: u8 pixels as (c, x, y, n), floats as (x, y, c, n).
std::vector<int64_t> user_input(const Shape& s, InputType type) {
    if (type == InputType::u8) {
        return {s.c, s.w, s.h, s.n};
    }
    return {s.w, s.h, s.c, s.n};
}

void add_constants(const Pipeline& p, std::vector<BufferLayout>& buffers) {
    const int64_t blocks = channel_blocks(p.output.c);
    const int64_t k = p.window.kernel;
    std::vector<int64_t> weights = {kChannelBlock, p.schedule.tile_o};
    if (p.kind == OpKind::stem) {
        weights.push_back(p.input.c);
    } else {
        const Bundle bundle = group_bundle(p.input.c, p.output.c, p.groups);
        weights.insert(weights.end(), {kChannelBlock, bundle.in_blocks});
    }
    if (p.kind != OpKind::fc) {
        weights.insert(weights.end(), {k, k});
    }
    weights.push_back(blocks / p.schedule.tile_o);
    buffers.push_back({BufferRole::weights, "weights", false, weights});
    buffers.push_back({BufferRole::bias, "bias", false, {kChannelBlock, blocks}});
}

std::vector<int64_t> packed_image(const Pipeline& p) {
    const Padding& pad = p.window.padding;
    return {p.input.c * (pad.left + p.input.w + pad.right), p.input.h, p.input.n};
}

std::vector<int64_t> input_extents(const Pipeline& p, InputType type) {
    switch (p.kind) {
    case OpKind::stem:
    case OpKind::pack:
        return user_input(p.input, type);
    case OpKind::global_avg_pool:
        return blocked_pixels(p.input);
    case OpKind::fc:
    case OpKind::softmax:
        return blocked_vector(p.input);
    default:
        break;
    }
    return is_flat(p) ? blocked({p.input.n, p.input.c, 1, p.input.h * p.input.w})
                      : blocked(p.input);
}

std::vector<int64_t> output_extents(const Pipeline& p) {
    switch (p.kind) {
    case OpKind::unpack:
        return user_input(p.output, InputType::f32);
    case OpKind::global_avg_pool:
    case OpKind::fc:
    case OpKind::softmax:
        return blocked_vector(p.output);
    default:
        break;
    }
    return is_flat(p) ? blocked({p.output.n, p.output.c, 1, p.output.h * p.output.w})
                      : blocked(p.output);
}

} // namespace

bool is_flat(const Pipeline& pipeline) {
    return pipeline.kind == OpKind::conv && pipeline.window == Window{};
}

std::vector<PipelineVariant> pipeline_variants(const Pipeline& pipeline, bool pixels) {
    if (pipeline.kind != OpKind::stem && pipeline.kind != OpKind::pack) {
        return {{InputType::none, ""}};
    }
    if (!pixels) {
        return {{InputType::f32, "_f32"}};
    }
    return {{InputType::u8, "_u8"}, {InputType::f32, "_f32"}};
}

std::vector<BufferLayout> pipeline_buffers(const Pipeline& pipeline, InputType input) {
    std::vector<BufferLayout> buffers;
    buffers.push_back(
        {BufferRole::input, "input", input == InputType::u8, input_extents(pipeline, input)});
    if (input == InputType::u8) {
        buffers.push_back(
            {BufferRole::normalise, "normalise", false, {kChannelBlock * pipeline.input.c, 2}});
    }
    if (pipeline.kind == OpKind::stem || pipeline.kind == OpKind::conv ||
        pipeline.kind == OpKind::fc) {
        add_constants(pipeline, buffers);
    }
    if (pipeline.kind == OpKind::stem) {
        buffers.push_back({BufferRole::packed, "packed", false, packed_image(pipeline)});
    }
    buffers.push_back({BufferRole::output, "output", false, output_extents(pipeline)});
    return buffers;
}

} // namespace resnetc
