#include "plan_dump.h"

#include "schedule_text.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

namespace resnetc {
namespace {

using Json = nlohmann::ordered_json;

Json shape_json(const Shape& s) {
    return {s.n, s.c, s.h, s.w};
}

const Storage& storage_of(const Plan& plan, size_t tensor) {
    return plan.storages[static_cast<size_t>(plan.storage_of_tensor[tensor])];
}

// Of no size if the op needs none.
Storage scratch_of(const Plan& plan, size_t op) {
    const int storage = plan.scratch_of_op[op];
    return storage < 0 ? Storage{} : plan.storages[static_cast<size_t>(storage)];
}

Json tensors_json(const FusedGraph& graph, const Plan& plan) {
    Json list = Json::array();
    for (size_t i = 0; i < graph.tensors.size(); ++i) {
        const Storage& s = storage_of(plan, i);
        list.push_back({{"name", graph.tensors[i].name},
                        {"shape", shape_json(graph.tensors[i].shape)},
                        {"offset", s.offset},
                        {"bytes", s.bytes},
                        {"first_op", s.first_op},
                        {"last_op", s.last_op}});
    }
    return list;
}

// Letters for the map; storages beyond the alphabet start again.
char letter(size_t index) {
    static const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    return letters[index % letters.size()];
}

std::string map_line(const Plan& plan, int op, int columns) {
    std::string line(static_cast<size_t>(columns), '.');
    for (size_t i = 0; i < plan.storages.size(); ++i) {
        const Storage& s = plan.storages[i];
        if (op < s.first_op || op > s.last_op) {
            continue;
        }
        const int64_t begin = s.offset * columns / plan.arena_bytes;
        const int64_t end = std::max(begin + 1, (s.offset + s.bytes) * columns / plan.arena_bytes);
        for (int64_t at = begin; at < std::min<int64_t>(end, columns); ++at) {
            line[static_cast<size_t>(at)] = letter(i);
        }
    }
    return line;
}

} // namespace

Json plan_json(const FusedGraph& graph, const Plan& plan) {
    Json pipelines = Json::array();
    for (const Pipeline& p : plan.pipelines) {
        Json entry = {{"name", p.name}, {"kind", to_string(p.kind)}};
        if (p.kind == OpKind::conv || p.kind == OpKind::stem || p.kind == OpKind::fc) {
            entry["algorithm"] = to_string(p.schedule.algorithm);
            entry["schedule"] = schedule_json(p.schedule);
        }
        pipelines.push_back(entry);
    }
    Json ops = Json::array();
    for (size_t i = 0; i < graph.ops.size(); ++i) {
        const OpConstants& c = plan.constants[i];
        const Storage scratch = scratch_of(plan, i);
        ops.push_back(
            {{"name", graph.ops[i].name},
             {"pipeline", plan.pipelines[static_cast<size_t>(plan.pipeline_of_op[i])].name},
             {"weights_offset", c.weights.offset},
             {"weights_bytes", c.weights.bytes},
             {"bias_offset", c.bias.offset},
             {"scratch_offset", scratch.offset},
             {"scratch_bytes", scratch.bytes}});
    }
    return {{"target", plan.target.name},
            {"arena_bytes", plan.arena_bytes},
            {"lower_bound_bytes", plan.lower_bound_bytes},
            {"weights_bytes", plan.weights_bytes},
            {"scratch_bytes", plan.scratch_bytes},
            {"tensors", tensors_json(graph, plan)},
            {"ops", ops},
            {"pipelines", pipelines}};
}

std::string plan_text(const FusedGraph& graph, const Plan& plan, int columns) {
    std::ostringstream out;
    out << std::left << std::setw(28) << "tensor" << std::setw(20) << "shape" << std::right
        << std::setw(12) << "offset" << std::setw(12) << "bytes"
        << "  ops\n";
    for (size_t i = 0; i < graph.tensors.size(); ++i) {
        const Storage& s = storage_of(plan, i);
        const size_t storage = static_cast<size_t>(plan.storage_of_tensor[i]);
        out << letter(storage) << ' ' << std::left << std::setw(26) << graph.tensors[i].name
            << std::setw(20) << to_string(graph.tensors[i].shape) << std::right << std::setw(12)
            << s.offset << std::setw(12) << s.bytes << "  " << s.first_op << "-" << s.last_op
            << '\n';
    }
    out << "\narena, one column = " << (plan.arena_bytes + columns - 1) / columns << " bytes\n";
    for (size_t i = 0; i < graph.ops.size(); ++i) {
        out << std::setw(4) << i << " |" << map_line(plan, static_cast<int>(i), columns) << "| "
            << graph.ops[i].name << '\n';
    }
    out << "\ntarget             " << plan.target.name << "\narena_bytes        "
        << plan.arena_bytes << "\nlower_bound_bytes  " << plan.lower_bound_bytes
        << "\nweights_bytes      " << plan.weights_bytes << "\nscratch_bytes      "
        << plan.scratch_bytes << '\n';
    return out.str();
}

} // namespace resnetc
