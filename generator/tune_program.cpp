#include "tune_program.h"

#include "emit_driver.h"
#include "emit_pipelines.h"
#include "pack.h"
#include "pipeline_buffers.h"

#include <algorithm>

namespace resnetc {
namespace {

using Json = nlohmann::ordered_json;

EmitInput emit_input(const TuneModel& model) {
    return {.spec = model.spec,
            .network = model.network,
            .graph = model.graph,
            .plan = model.plan,
            .packed_weights = model.weights,
            .checkpoint_file = "",
            .checkpoint_sha256 = "",
            .command = "resnetc tune",
            .profile = false,
            .runs = false};
}

const Storage& storage_of(const TuneModel& model, int tensor) {
    return model.plan
        .storages[static_cast<size_t>(model.plan.storage_of_tensor[static_cast<size_t>(tensor)])];
}

Json steps_json(const std::vector<int>& steps) {
    Json list = Json::array();
    for (const int step : steps) {
        list.push_back({{"step", step}, {"first", list.empty()}});
    }
    return list;
}

// What both kinds of executable have: `title` for the comment.
Json common_data(const TuneModel& model, const std::string& title, const TuneBlobs& blobs) {
    Json labels = Json::array();
    for (const auto& [label, bytes] : blobs) {
        labels.push_back({{"label", label}});
    }
    return {{"title", title},
            {"blobs", labels},
            {"has_variants", false},
            {"variants", Json::array()},
            {"variant_count", 0},
            {"has_steps", false},
            {"before", Json::array()},
            {"after", Json::array()},
            {"step_count", 0},
            {"input_bytes", blobs.at("input").size()},
            {"output_bytes", 4 * elements(model.graph.ops.back().output_shape)},
            {"arena_bytes", model.plan.arena_bytes + (model.threads - 1) * model.plan.worker_bytes},
            {"threads", model.threads},
            {"cache_bytes", std::max({model.plan.target.caches.l1d, model.plan.target.caches.l2,
                                      model.plan.target.caches.l3})},
            {"places", Json::array()}};
}

TuneProgram program_of(const TuneModel& model, TuneBlobs blobs, const Json& data) {
    TuneProgram program;
    const EmitInput in = emit_input(model);
    program.pipelines = emit_pipelines(in);
    program.sources = {emit_driver(in),
                       emit_header(in),
                       {"tune_data.c", render_file("tune_data.c", data)},
                       {"tune_data.S", render_file("tune_data.S", {{"blobs", data["blobs"]}})}};
    program.blobs = std::move(blobs);
    return program;
}

// Everything that a step reads of the packed weights: its weights and its bias.
std::pair<int64_t, int64_t> constants_range(const OpConstants& constants) {
    const int64_t begin = std::min(constants.weights.offset, constants.bias.offset);
    const int64_t end = std::max(constants.weights.offset + constants.weights.bytes,
                                 constants.bias.offset + constants.bias.bytes);
    return {begin, end - begin};
}

Json variants_json(const TuneModel& model, const TuneCase& given) {
    Json list = Json::array();
    for (size_t i = 0; i < model.graph.ops.size(); ++i) {
        const auto pipeline = static_cast<size_t>(model.plan.pipeline_of_op[i]);
        const auto [offset, bytes] = constants_range(model.plan.constants[i]);
        list.push_back(
            {{"step", i},
             {"offset", offset},
             {"bytes", bytes},
             {"tolerance", tolerance_of(model.plan.pipelines[pipeline].schedule, given)}});
    }
    return list;
}

void add_place(const TuneModel& model, const std::string& role, int tensor,
               const std::string& bytes, Json& data) {
    if (!bytes.empty()) {
        data["places"].push_back({{"role", role},
                                  {"offset", storage_of(model, tensor).offset},
                                  {"bytes", bytes.size()},
                                  {"label", role}});
    }
}

} // namespace

TuneProgram op_program(const TuneModel& model, const TuneCase& given) {
    const TuneBlobs blobs = {{"weights", model.weights},
                             {"input", given.input},
                             {"activation", given.activation},
                             {"residual", given.residual},
                             {"expected", given.expected}};
    Json data = common_data(model, model.graph.ops.front().name, blobs);
    const TuneTensors tensors = tensors_of(model);
    add_place(model, "activation", tensors.input, given.activation, data);
    add_place(model, "residual", tensors.residual, given.residual, data);
    add_place(model, "expected", tensors.output, given.expected, data);
    data["has_variants"] = true;
    data["variants"] = variants_json(model, given);
    data["variant_count"] = model.graph.ops.size();
    return program_of(model, blobs, data);
}

TwoWays make_two_ways(const Compilation& c, const ScheduleDb& before, const ScheduleDb& after) {
    TwoWays ways;
    TuneModel& model = ways.model;
    model.threads = after.threads;
    model.spec.name.value = "tune";
    model.spec.depths = c.spec.depths;
    model.network = c.network;
    model.graph = c.graph;
    model.graph.ops.clear();
    ScheduleDb both = before;
    for (const Op& op : c.graph.ops) {
        ways.before.push_back(static_cast<int>(model.graph.ops.size()));
        ways.after.push_back(ways.before.back());
        model.graph.ops.push_back(op);
        const TunedOp* tuned = find_tuned(after, signature(op), after.threads);
        const bool tunable = op.conv_layer >= 0 && tuned != nullptr;
        if (!tunable ||
            schedule_of(op, c.plan.target, before) == schedule_of(op, c.plan.target, after)) {
            continue;
        }
        Op other = op;
        other.variant = "_after";
        other.name += "_after";
        TunedOp entry = *tuned;
        entry.op = signature(other);
        put_tuned(both, entry);
        ways.after.back() = static_cast<int>(model.graph.ops.size());
        model.graph.ops.push_back(std::move(other));
    }
    model.plan = make_plan(model.graph, c.plan.target, /*pixels=*/false, both, /*threads=*/true);
    model.weights =
        pack_weights(model.network, model.graph, model.plan, random_weights(c.network, 1), nullptr);
    return ways;
}

TuneProgram network_program(const TwoWays& ways) {
    const TuneModel& model = ways.model;
    std::string input(static_cast<size_t>(elements(model.network.input)) * 4, '\0');
    const TuneBlobs blobs = {{"weights", model.weights}, {"input", input}};
    Json data = common_data(model, model.network.name, blobs);
    data["has_steps"] = true;
    data["before"] = steps_json(ways.before);
    data["after"] = steps_json(ways.after);
    data["step_count"] = ways.before.size();
    return program_of(model, blobs, data);
}

} // namespace resnetc
