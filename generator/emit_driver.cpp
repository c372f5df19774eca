#include "emit_driver.h"

#include "embedded_files.h"
#include "emit_profile.h"
#include "pipeline_buffers.h"
#include "plan_dump.h"
#include "sha256.h"
#include "template.h"
#include "tools_config.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace resnetc {
namespace {

using Json = nlohmann::ordered_json;

Json mark_first(Json list) {
    for (size_t i = 0; i < list.size(); ++i) {
        list[i]["first"] = i == 0;
    }
    return list;
}

Json buffer_data(const BufferLayout& buffer) {
    Json dimensions = Json::array();
    const std::vector<int64_t> buffer_strides = strides(buffer);
    for (size_t d = 0; d < buffer.extents.size(); ++d) {
        dimensions.push_back({{"extent", buffer.extents[d]}, {"stride", buffer_strides[d]}});
    }
    return {{"label", buffer.label},
            {"scalar", buffer.role == BufferRole::block},
            {"code", buffer.u8 ? "halide_type_uint" : "halide_type_float"},
            {"bits", buffer.u8 ? 8 : 32},
            {"rank", buffer.extents.size()},
            {"dimensions", mark_first(dimensions)}};
}

Json pipelines_data(const EmitInput& in) {
    Json list = Json::array();
    for (const Pipeline& p : in.plan.pipelines) {
        for (const auto& variant : pipeline_variants(p, in.spec.preprocessing.has_value())) {
            Json buffers = Json::array();
            for (const BufferLayout& buffer : pipeline_buffers(p, variant.input)) {
                buffers.push_back(buffer_data(buffer));
            }
            const std::string function = p.name + variant.suffix;
            list.push_back({{"comment", to_string(p.input) + " -> " + to_string(p.output)},
                            {"symbol", in.spec.name.value + "_" + function},
                            {"function", function},
                            {"buffers", mark_first(buffers)}});
        }
    }
    return list;
}

const Storage& storage_of(const EmitInput& in, int tensor) {
    const int storage = in.plan.storage_of_tensor[static_cast<size_t>(tensor)];
    return in.plan.storages[static_cast<size_t>(storage)];
}

// `offset` < 0: none is added.
Json argument(const std::string& base, int64_t offset) {
    Json data = {{"base", base}, {"offset", offset >= 0}};
    if (offset >= 0) {
        data["bytes"] = offset;
    }
    return data;
}

// The op's scratch memory; a function that computes one of several blocks gets it as an argument.
Json scratch_argument(const EmitInput& in, size_t op_index, int64_t offset, bool blocked) {
    if (blocked) {
        return argument("scratch", offset);
    }
    const int storage = in.plan.scratch_of_op[op_index];
    return argument("run->arena", in.plan.storages[static_cast<size_t>(storage)].offset + offset);
}

Json argument_of(const EmitInput& in, size_t op_index, const BufferLayout& buffer, bool blocked) {
    const Op& op = in.graph.ops[op_index];
    const OpConstants& constants = in.plan.constants[op_index];
    const auto in_arena = [&](int tensor, const char* user) {
        return tensor < 0 ? argument(user, -1)
                          : argument("run->arena", storage_of(in, tensor).offset);
    };
    switch (buffer.role) {
    case BufferRole::input:
        return in_arena(op.input, "run->input");
    case BufferRole::packed:
        return in_arena(op.packed, "run->input");
    case BufferRole::output:
        return in_arena(op.output, "run->output");
    case BufferRole::weights:
        return argument("run->weights", constants.weights.offset);
    case BufferRole::bias:
        return argument("run->weights", constants.bias.offset);
    case BufferRole::normalise:
        return argument("run->weights", constants.normalise.offset);
    case BufferRole::block:
        return argument("block", -1);
    case BufferRole::scratch:
        return scratch_argument(in, op_index, buffer.offset, blocked);
    }
    throw std::logic_error("argument_of: unknown role");
}

// One element for an op that is computed in several calls, none otherwise.
Json blocks_data(const EmitInput& in, size_t op_index) {
    const auto pipeline = static_cast<size_t>(in.plan.pipeline_of_op[op_index]);
    const int64_t blocks = block_count(in.plan.pipelines[pipeline]);
    if (blocks == 1) {
        return Json::array();
    }
    const auto scratch = static_cast<size_t>(in.plan.scratch_of_op[op_index]);
    return {{{"count", blocks},
             {"scratch_offset", in.plan.storages[scratch].offset},
             {"in_parallel", in.plan.threads && has_parallel_blocks(in.plan.pipelines[pipeline])}}};
}

std::string op_comment(const Op& op) {
    std::string text =
        op.name + ": " + to_string(op.input_shape) + " -> " + to_string(op.output_shape);
    text += op.residual >= 0 ? ", added to what the output holds" : "";
    return text + (op.relu ? ", relu" : "");
}

Json ops_data(const EmitInput& in) {
    Json list = Json::array();
    for (size_t i = 0; i < in.graph.ops.size(); ++i) {
        const Op& op = in.graph.ops[i];
        const Pipeline& p = in.plan.pipelines[static_cast<size_t>(in.plan.pipeline_of_op[i])];
        for (const auto& variant : pipeline_variants(p, in.spec.preprocessing.has_value())) {
            const bool blocked = block_count(p) > 1;
            Json arguments = Json::array();
            for (const BufferLayout& buffer : pipeline_buffers(p, variant.input)) {
                arguments.push_back(argument_of(in, i, buffer, blocked));
            }
            list.push_back({{"comment", op_comment(op)},
                            {"function", op_function(op) + variant.suffix},
                            {"pipeline", p.name + variant.suffix},
                            {"arguments", mark_first(arguments)},
                            {"blocks", blocks_data(in, i)}});
        }
    }
    return list;
}

// Name and place of every op's output, one entry a variant of the first op.
Json steps_data(const EmitInput& in) {
    Json list = Json::array();
    for (size_t i = 0; i < in.graph.ops.size(); ++i) {
        const Op& op = in.graph.ops[i];
        const Pipeline& p = in.plan.pipelines[static_cast<size_t>(in.plan.pipeline_of_op[i])];
        int64_t bytes = 0;
        int64_t offset = 0;
        if (op.output >= 0) {
            bytes = stored_floats(in.graph.tensors[static_cast<size_t>(op.output)]) * 4;
            offset = storage_of(in, op.output).offset;
        }
        for (const auto& variant : pipeline_variants(p, in.spec.preprocessing.has_value())) {
            list.push_back({{"name", op.name + variant.suffix},
                            {"function", op_function(op) + variant.suffix},
                            {"offset", offset},
                            {"bytes", bytes}});
        }
    }
    return list;
}

bool has_head(const EmitInput& in) {
    return in.graph.output >= 0;
}

// "logits", "probabilities" or "map": what the output is called in the C API.
void add_result_names(const EmitInput& in, Json& data) {
    if (!has_head(in)) {
        data["result_name"] = "map";
        data["result_text"] = "N*C*H*W floats";
        return;
    }
    const bool softmax = in.spec.head && in.spec.head->softmax.value;
    data["result_name"] = softmax ? "probabilities" : "logits";
    data["result_text"] = "N*" + std::to_string(in.network.layers.back().output.c) + " floats";
}

const char* resize_mode(const PreprocessingSpec& preprocessing) {
    switch (preprocessing.resize) {
    case ResizeMode::none:
        return "RESNETC_RESIZE_NONE";
    case ResizeMode::short_side:
        return "RESNETC_RESIZE_SHORT_SIDE";
    case ResizeMode::exact:
        return "RESNETC_RESIZE_EXACT";
    }
    throw std::logic_error("resize_mode: unknown mode");
}

const char* colour_order(ColourOrder colour) {
    switch (colour) {
    case ColourOrder::rgb:
        return "RESNETC_COLOUR_RGB";
    case ColourOrder::bgr:
        return "RESNETC_COLOUR_BGR";
    case ColourOrder::grey:
        return "RESNETC_COLOUR_GREY";
    }
    throw std::logic_error("colour_order: unknown order");
}

// A C string literal. Non-ASCII bytes stay as they are: C strings are UTF-8 here.
std::string c_literal(const std::string& text) {
    std::string literal = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            literal += '\\';
        }
        literal += c;
    }
    return literal + "\"";
}

void add_input_shape(const EmitInput& in, Json& data) {
    data["n"] = in.network.input.n;
    data["c"] = in.network.input.c;
    data["h"] = in.network.input.h;
    data["w"] = in.network.input.w;
}

} // namespace

// With a prefix, so that no layer name can be a C keyword.
std::string op_function(const Op& op) {
    std::string name = "op_" + op.name;
    std::replace_if(
        name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name;
}

Json common_template_data(const EmitInput& in) {
    std::string upper = in.spec.name.value;
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return {{"model", in.spec.name.value},
            {"MODEL", upper},
            {"version", RESNETC_VERSION},
            {"command", in.command},
            {"target", in.plan.target.name}};
}

std::string render_file(const std::string& name, const Json& data) {
    const std::string path = "templates/" + name;
    return render_template(path, embedded_file(path), data);
}

EmittedFile emit_driver(const EmitInput& in) {
    Json data = common_template_data(in);
    data.erase("MODEL");
    add_result_names(in, data);
    data.erase("result_text");
    const bool pixels = in.spec.preprocessing.has_value();
    const Op& first = in.graph.ops.front();
    data["pixels"] = pixels;
    data["threads"] = in.plan.threads;
    data["arena_layout"] = Json::array();
    if (in.plan.worker_bytes > 0) {
        data["arena_layout"].push_back(
            {{"arena_bytes", in.plan.arena_bytes}, {"worker_bytes", in.plan.worker_bytes}});
    }
    data["pipelines"] = pipelines_data(in);
    data["ops"] = ops_data(in);
    data["first_u8"] = op_function(first) + "_u8";
    data["first_f32"] = op_function(first) + "_f32";
    data["rest"] = Json::array();
    for (size_t i = 1; i < in.graph.ops.size(); ++i) {
        data["rest"].push_back({{"function", op_function(in.graph.ops[i])}});
    }
    data["result"] = Json::array();
    if (has_head(in)) {
        const Shape& shape = in.network.layers.back().output;
        data["result"].push_back({{"batch", shape.n},
                                  {"classes", shape.c},
                                  {"offset", storage_of(in, in.graph.output).offset},
                                  {"row_bytes", channel_blocks(shape.c) * kChannelBlock * 4}});
    }
    data["steps"] = steps_data(in);
    data["profile"] = profile_driver_data(in);
    data["runs"] = in.runs;
    return {in.spec.name.value + ".c", render_file("driver.c", data)};
}

EmittedFile emit_header(const EmitInput& in) {
    Json data = common_template_data(in);
    add_result_names(in, data);
    add_input_shape(in, data);
    const Shape& output = in.graph.ops.back().output_shape;
    data["head"] = has_head(in);
    data["map"] = !has_head(in);
    data["classes"] = output.c;
    data["output_n"] = output.n;
    data["output_c"] = output.c;
    data["output_h"] = output.h;
    data["output_w"] = output.w;
    data["params"] = in.network.params;
    data["macs"] = in.network.macs;
    data["arena_bytes"] = in.plan.arena_bytes;
    data["weights_bytes"] = in.plan.weights_bytes;
    data["alignment"] = kAlignment;
    data["threads"] = in.plan.threads;
    data["worker_bytes"] = in.plan.worker_bytes;
    data["parallel"] = in.plan.threads || in.profile;
    data["spec_sha256"] = sha256_hex(in.spec.text);
    data["weights_sha256"] = sha256_hex(in.packed_weights);
    data["pixels"] = in.spec.preprocessing.has_value();
    data["profile"] = in.profile;
    return {in.spec.name.value + ".h", render_file("model.h", data)};
}

EmittedFile emit_classify(const EmitInput& in) {
    Json data = common_template_data(in);
    add_result_names(in, data);
    data.erase("result_text");
    data.erase("target");
    data["pixels"] = in.spec.preprocessing.has_value();
    return {in.spec.name.value + "_classify.c", render_file("classify.c", data)};
}

EmittedFile emit_program_model(const EmitInput& in) {
    Json data = common_template_data(in);
    add_input_shape(in, data);
    const Shape& output = in.graph.ops.back().output_shape;
    data["classes"] = output.c * output.h * output.w;
    data["map"] = Json::array();
    if (!has_head(in)) {
        data["map"].push_back(
            {{"output_c", output.c}, {"output_h", output.h}, {"output_w", output.w}});
    }
    data["plan_sha256"] = sha256_hex(plan_json(in.graph, in.plan).dump());
    data["pixels"] = in.spec.preprocessing.has_value();
    data["threads"] = in.plan.threads;
    const PreprocessingSpec preprocessing = in.spec.preprocessing.value_or(PreprocessingSpec{});
    data["resize_mode"] = resize_mode(preprocessing);
    data["resize"] = preprocessing.short_side;
    data["colour_order"] = colour_order(preprocessing.colour);
    data["has_labels"] = !in.spec.labels.empty();
    data["labels"] = Json::array();
    for (const std::string& label : in.spec.labels) {
        data["labels"].push_back({{"text", c_literal(label)}});
    }
    data["profile"] = profile_program_data(in);
    data["head_is_softmax"] = in.spec.head && in.spec.head->softmax.value ? 1 : 0;
    return {in.spec.name.value + "_program.c", render_file("program_model.c", data)};
}

} // namespace resnetc
