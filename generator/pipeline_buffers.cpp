#include "pipeline_buffers.h"

#include "winograd_geometry.h"

#include <functional>
#include <numeric>

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

// In the order in which the loops read them.
std::vector<int64_t> weights_extents(const Pipeline& p) {
    const int64_t panels = channel_blocks(p.output.c) / p.schedule.tile_o;
    const int64_t k = p.window.kernel;
    if (p.schedule.algorithm == Algorithm::grouped) {
        return {kChannelBlock, p.input.c / p.groups, k, k, panels};
    }
    std::vector<int64_t> weights = {kChannelBlock, p.schedule.tile_o};
    if (p.kind == OpKind::stem) {
        weights.push_back(p.input.c);
    } else {
        const Bundle bundle = group_bundle(p.input.c, p.output.c, p.groups);
        weights.insert(weights.end(), {kChannelBlock, bundle.in_blocks});
    }
    if (p.schedule.algorithm == Algorithm::winograd_raw) {
        return {kChannelBlock, k * k, kChannelBlock, channel_blocks(p.input.c), panels};
    }
    if (is_winograd(p)) {
        const int64_t positions_y = p.schedule.winograd_y + 2;
        const int64_t positions_x = p.schedule.winograd_x + 2;
        weights.insert(weights.end(), {panels, positions_y, positions_x});
        return weights;
    }
    if (p.kind != OpKind::fc) {
        weights.insert(weights.end(), {k, k});
    }
    weights.push_back(panels);
    return weights;
}

// The transformed input and the products of a block: (16 channels, tile, block of channels, y
// position, x position); with stride 2 slots and sums.
// For winograd_raw the transformed input of an image alone: (16 channels, block of channels, x
// slot, y slot).
void add_winograd_scratch(const Pipeline& p, std::vector<BufferLayout>& buffers) {
    const WinogradGeometry g = winograd_geometry(p);
    if (p.schedule.algorithm == Algorithm::winograd_raw) {
        const auto slots_x = static_cast<int64_t>(slot_axis(g.x).positions.size());
        const auto slots_y = static_cast<int64_t>(slot_axis(g.y).positions.size());
        buffers.push_back({.role = BufferRole::scratch,
                           .label = "transformed",
                           .extents = {kChannelBlock, channel_blocks(p.input.c), slots_x, slots_y},
                           .strides = {1, kChannelBlock, g.slot_plane, g.slot_plane * slots_x}});
        return;
    }
    const auto append = [&](const char* label, int64_t channels, size_t planes_y, size_t planes_x,
                            int64_t plane, int64_t offset) {
        const auto y = static_cast<int64_t>(planes_y);
        const auto x = static_cast<int64_t>(planes_x);
        buffers.push_back({.role = BufferRole::scratch,
                           .label = label,
                           .extents = {kChannelBlock, g.tiles, channel_blocks(channels), y, x},
                           .strides = {1, kChannelBlock, kChannelBlock * g.tiles, plane, plane * y},
                           .offset = offset});
        return offset + x * y * plane * 4;
    };
    const int64_t end = append("transformed", p.input.c, g.y.whole.input.size(),
                               g.x.whole.input.size(), g.transformed_plane, 0);
    append("products", p.output.c, g.y.whole.output.front().size(), g.x.whole.output.front().size(),
           g.products_plane, end);
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

bool is_winograd(const Pipeline& pipeline) {
    return is_winograd(pipeline.schedule.algorithm);
}

int64_t packed_weights(const Pipeline& pipeline) {
    const std::vector<int64_t> extents = weights_extents(pipeline);
    return std::accumulate(extents.begin(), extents.end(), int64_t{1}, std::multiplies<>());
}

int64_t scratch_bytes(const Pipeline& pipeline) {
    if (!is_winograd(pipeline)) {
        return 0;
    }
    std::vector<BufferLayout> buffers;
    add_winograd_scratch(pipeline, buffers);
    int64_t bytes = 0;
    for (const BufferLayout& buffer : buffers) {
        bytes += buffer.strides.back() * buffer.extents.back() * 4;
    }
    return bytes;
}

int64_t block_count(const Pipeline& pipeline) {
    return is_winograd(pipeline) ? winograd_geometry(pipeline).blocks : 1;
}

bool has_parallel_blocks(const Pipeline& pipeline) {
    return block_count(pipeline) > 1 && pipeline.schedule.block_rows > 0;
}

std::vector<int64_t> strides(const BufferLayout& buffer) {
    if (!buffer.strides.empty()) {
        return buffer.strides;
    }
    std::vector<int64_t> dense;
    int64_t stride = 1;
    for (const int64_t extent : buffer.extents) {
        dense.push_back(stride);
        stride *= extent;
    }
    return dense;
}

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
    buffers.push_back({.role = BufferRole::input,
                       .label = "input",
                       .u8 = input == InputType::u8,
                       .extents = input_extents(pipeline, input)});
    if (input == InputType::u8) {
        buffers.push_back({.role = BufferRole::normalise,
                           .label = "normalise",
                           .extents = {kChannelBlock * pipeline.input.c, 2}});
    }
    if (pipeline.kind == OpKind::stem || pipeline.kind == OpKind::conv ||
        pipeline.kind == OpKind::fc) {
        buffers.push_back({.role = BufferRole::weights,
                           .label = "weights",
                           .extents = weights_extents(pipeline)});
        buffers.push_back({.role = BufferRole::bias,
                           .label = "bias",
                           .extents = {kChannelBlock, channel_blocks(pipeline.output.c)}});
    }
    if (block_count(pipeline) > 1) {
        buffers.push_back({.role = BufferRole::block, .label = "block"});
    }
    if (is_winograd(pipeline)) {
        add_winograd_scratch(pipeline, buffers);
    }
    if (pipeline.kind == OpKind::stem) {
        buffers.push_back(
            {.role = BufferRole::packed, .label = "packed", .extents = packed_image(pipeline)});
    }
    buffers.push_back(
        {.role = BufferRole::output, .label = "output", .extents = output_extents(pipeline)});
    return buffers;
}

} // namespace resnetc
