#include "emit_pipelines.h"

#include "emit_driver.h"
#include "emit_winograd.h"
#include "pipeline_buffers.h"

#include <stdexcept>

namespace resnetc {
namespace {

using Json = nlohmann::ordered_json;

std::string template_of(const Pipeline& p) {
    if (p.schedule.algorithm == Algorithm::grouped) {
        return "pipelines/conv_grouped.cpp";
    }
    return std::string("pipelines/") +
           (is_winograd(p) ? to_string(p.schedule.algorithm) : to_string(p.kind)) + ".cpp";
}

std::string list_text(const std::vector<int64_t>& values) {
    std::string text;
    for (const int64_t value : values) {
        text += (text.empty() ? "" : ", ") + std::to_string(value);
    }
    return text;
}

// "layer1.0.conv1, layer1.1.conv1 (5 in all)".
std::string users(const EmitInput& in, int pipeline) {
    std::string text;
    int count = 0;
    for (size_t i = 0; i < in.graph.ops.size(); ++i) {
        if (in.plan.pipeline_of_op[i] == pipeline && ++count <= 3) {
            text += (text.empty() ? "" : ", ") + in.graph.ops[i].name;
        }
    }
    return count > 3 ? text + ", ... (" + std::to_string(count) + " ops)" : text;
}

std::string storage_range(const EmitInput& in, int storage) {
    const Storage& s = in.plan.storages[static_cast<size_t>(storage)];
    return "arena [" + std::to_string(s.offset) + ", " + std::to_string(s.offset + s.bytes) + ")";
}

std::string tensor_range(const EmitInput& in, int tensor) {
    return tensor < 0 ? "the user's buffer"
                      : storage_range(in, in.plan.storage_of_tensor[static_cast<size_t>(tensor)]);
}

// The line of the spec that an op comes from: its stage's entry in `depths`, or just the file.
std::string spec_line(const EmitInput& in, const Op& op) {
    std::string text = in.spec.name.value + ".yaml";
    if (op.conv_layer >= 0) {
        const int stage = in.network.layers[static_cast<size_t>(op.conv_layer)].stage;
        const int line = stage > 0 ? in.spec.depths[static_cast<size_t>(stage - 1)].where.line : 0;
        text += line > 0 ? ":" + std::to_string(line) : "";
    }
    return text;
}

// What every emitted pipeline says about itself.
Json header_data(const EmitInput& in, const Pipeline& p, int index, const std::string& suffix) {
    const Op& op = in.graph.ops[static_cast<size_t>(p.first_op)];
    Json data = common_template_data(in);
    data.erase("model");
    data.erase("MODEL");
    data.erase("target");
    data["name"] = p.name + suffix;
    data["spec_line"] = spec_line(in, op);
    data["input_shape"] = to_string(p.input);
    if (p.kind == OpKind::unpack) {
        data["input_place"] = tensor_range(in, op.input);
        return data;
    }
    data["output_place"] = tensor_range(in, op.output);
    if (p.kind == OpKind::pack) {
        return data;
    }
    data["output_shape"] = to_string(p.output);
    data["used_by"] = users(in, index);
    if (p.kind == OpKind::stem) {
        data["packed_place"] = tensor_range(in, op.packed);
    } else {
        data["first_op"] = op.name;
        data["input_place"] = tensor_range(in, op.input);
    }
    if (is_winograd(p)) {
        data["scratch_place"] =
            storage_range(in, in.plan.scratch_of_op[static_cast<size_t>(p.first_op)]);
    }
    return data;
}

void add_window(const Pipeline& p, Json& data) {
    data["kernel"] = p.window.kernel;
    data["stride"] = p.window.stride;
    data["pad_top"] = p.window.padding.top;
    data["pad_left"] = p.window.padding.left;
    data["in_h"] = p.input.h;
    data["in_w"] = p.input.w;
}

void add_convolution(const Pipeline& p, Json& data) {
    data["macs"] = elements(p.output) * p.input.c / p.groups * p.window.kernel * p.window.kernel;
    data["out_blocks"] = channel_blocks(p.output.c);
    data["tile_x"] = p.schedule.tile_x;
    data["tile_o"] = p.schedule.tile_o;
}

void add_grouped(const Pipeline& p, Json& data) {
    add_window(p, data);
    add_convolution(p, data);
    data.erase("tile_o");
    data["group"] = p.input.c / p.groups;
    data["groups_per_block"] = kChannelBlock / (p.input.c / p.groups);
    data["padded"] = p.window.padding != Padding{};
    data["out_w"] = p.output.w;
    data["relu"] = p.relu;
}

void add_conv(const Pipeline& p, Json& data) {
    if (p.schedule.algorithm == Algorithm::grouped) {
        add_grouped(p, data);
        return;
    }
    add_window(p, data);
    add_convolution(p, data);
    data["unroll_ci"] = p.schedule.unroll_ci;
    data["residual"] = p.residual;
    data["relu"] = p.relu;
    if (is_winograd(p)) {
        for (const char* unused : {"kernel", "stride"}) {
            data.erase(unused);
        }
        data["out_h"] = p.output.h;
        add_winograd(p, data);
        return;
    }
    data["flat"] = is_flat(p);
    data["padded"] = p.window.padding != Padding{};
    const Bundle bundle = group_bundle(p.input.c, p.output.c, p.groups);
    data["in_blocks"] = bundle.in_blocks;
    data["bundles"] = channel_blocks(p.output.c) / bundle.out_blocks > 1;
    data["bundle_blocks"] = bundle.out_blocks;
    data["out_w"] = is_flat(p) ? p.output.w * p.output.h : p.output.w;
    data["out_h"] = is_flat(p) ? 1 : p.output.h;
    data["prefetch"] = p.schedule.prefetch;
    data["block_rows"] = p.schedule.block_rows;
}

void add_fc(const Pipeline& p, Json& data) {
    add_convolution(p, data);
    data["in_blocks"] = channel_blocks(p.input.c);
    data["unroll_ci"] = p.schedule.unroll_ci;
}

// Columns of zeros beside the packed picture, as update definitions of `packed` after the
// picture's.
Json margins(const Pipeline& p) {
    const int64_t left = p.window.padding.left * p.input.c;
    const int64_t right = p.window.padding.right * p.input.c;
    Json list = Json::array();
    if (left > 0) {
        list.push_back({{"side", "left"}, {"begin", 0}, {"length", left}, {"update", 1}});
    }
    if (right > 0) {
        list.push_back({{"side", "right"},
                        {"begin", left + p.input.w * p.input.c},
                        {"length", right},
                        {"update", list.size() + 1}});
    }
    return list;
}

void add_stem(const Pipeline& p, InputType input, Json& data) {
    add_window(p, data);
    add_convolution(p, data);
    data.erase("pad_left");
    data["in_channels"] = p.input.c;
    data["row"] = p.input.w * p.input.c;
    data["left"] = p.window.padding.left * p.input.c;
    data["margins"] = margins(p);
    data["u8"] = input == InputType::u8;
    data["f32"] = input == InputType::f32;
    data["relu"] = p.relu;
}

// The longest run of channels that starts at a multiple of itself on both sides: a power of two
// that divides 16, the zeros in front and the channels.
int channel_run(const Pipeline& p) {
    int run = kChannelBlock;
    while (p.channels_before % run != 0 || p.input.c % run != 0) {
        run /= 2;
    }
    return run;
}

void add_pad_channels(const Pipeline& p, Json& data) {
    data["stride"] = p.window.stride;
    data["channels_before"] = p.channels_before;
    data["run"] = channel_run(p);
    data["runs"] = p.input.c / channel_run(p);
}

void add_kind(const Pipeline& p, InputType input, Json& data) {
    switch (p.kind) {
    case OpKind::stem:
        add_stem(p, input, data);
        return;
    case OpKind::conv:
        add_conv(p, data);
        return;
    case OpKind::fc:
        add_fc(p, data);
        return;
    case OpKind::max_pool:
        add_window(p, data);
        return;
    case OpKind::pad_channels:
        add_pad_channels(p, data);
        return;
    case OpKind::global_avg_pool:
        data["pixels"] = p.input.h * p.input.w;
        return;
    case OpKind::avg_pool:
        add_window(p, data);
        return;
    case OpKind::pack:
        data["in_channels"] = p.input.c;
        data["u8"] = input == InputType::u8;
        data["f32"] = input == InputType::f32;
        return;
    case OpKind::softmax:
        data["classes"] = p.input.c;
        data["blocks"] = channel_blocks(p.input.c);
        return;
    case OpKind::unpack:
        return;
    }
    throw std::logic_error(std::string("no pipeline for op ") + to_string(p.kind));
}

// The extents of a buffer under its label, the strides too where they are not dense.
void add_layout(const BufferLayout& buffer, Json& data) {
    if (buffer.role == BufferRole::weights || buffer.role == BufferRole::block) {
        return; // the weights' layout follows the tile; a block is no buffer
    }
    data[buffer.label] = list_text(buffer.extents);
    if (!buffer.strides.empty()) {
        data[buffer.label + "_strides"] = list_text(buffer.strides);
    }
}

// The parallel loop, of the kinds of op that have one.
void add_tasks(const Plan& plan, const Pipeline& p, Json& data) {
    if (is_parallel(p.kind)) {
        data["threads"] = plan.threads && !has_parallel_blocks(p);
        if (has_task_rows(p.kind, p.schedule)) {
            data["task_rows"] = p.schedule.task_rows;
        }
    }
}

} // namespace

std::vector<EmittedFile> emit_pipelines(const EmitInput& in) {
    std::vector<EmittedFile> files;
    for (size_t i = 0; i < in.plan.pipelines.size(); ++i) {
        const Pipeline& p = in.plan.pipelines[i];
        for (const auto& variant : pipeline_variants(p, in.spec.preprocessing.has_value())) {
            Json data = header_data(in, p, static_cast<int>(i), variant.suffix);
            add_kind(p, variant.input, data);
            add_tasks(in.plan, p, data);
            for (const BufferLayout& buffer : pipeline_buffers(p, variant.input)) {
                add_layout(buffer, data);
            }
            files.push_back({"pipelines/" + p.name + variant.suffix + ".cpp",
                             render_file(template_of(p), data)});
        }
    }
    return files;
}

} // namespace resnetc
