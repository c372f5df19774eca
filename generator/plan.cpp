#include "plan.h"

#include "pipeline_buffers.h"
#include "schedule_check.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <stdexcept>

namespace resnetc {
namespace {

constexpr int64_t kMaxBytes = std::numeric_limits<int32_t>::max();

int64_t align_up(int64_t bytes) {
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

std::string shape_words(const Shape& s) {
    std::string words = s.n > 1 ? "n" + std::to_string(s.n) + "_" : "";
    words += "c" + std::to_string(s.c);
    if (s.h != 1 || s.w != 1) {
        words += "_" + std::to_string(s.h) + "x" + std::to_string(s.w);
    }
    return words;
}

// "_p0_0_1_1", or nothing for PyTorch's habitual (kernel - 1) / 2.
std::string padding_words(const Window& window) {
    const int usual = (window.kernel - 1) / 2;
    const Padding& p = window.padding;
    if (p == Padding{usual, usual, usual, usual}) {
        return "";
    }
    return "_p" + std::to_string(p.top) + "_" + std::to_string(p.left) + "_" +
           std::to_string(p.bottom) + "_" + std::to_string(p.right);
}

// Lifetimes of the tensors, with the tensors that are added in place merged into one storage.
void find_storages(const FusedGraph& graph, Plan& plan) {
    plan.storage_of_tensor.assign(graph.tensors.size(), -1);
    // A part of a network reads tensors that nothing in it writes, and several ops may write the
    // same: it lives from the first of them on.
    auto use = [&](int tensor, int op) {
        const int storage = plan.storage_of_tensor[static_cast<size_t>(tensor)];
        if (storage >= 0) {
            plan.storages[static_cast<size_t>(storage)].last_op = op;
            return;
        }
        const int64_t bytes =
            align_up(stored_floats(graph.tensors[static_cast<size_t>(tensor)]) * 4);
        plan.storage_of_tensor[static_cast<size_t>(tensor)] =
            static_cast<int>(plan.storages.size());
        plan.storages.push_back({.bytes = bytes, .first_op = op, .last_op = op});
    };
    for (int i = 0; i < static_cast<int>(graph.ops.size()); ++i) {
        const Op& op = graph.ops[static_cast<size_t>(i)];
        if (op.input >= 0) {
            use(op.input, i);
        }
        if (op.packed >= 0) {
            use(op.packed, i);
        }
        plan.scratch_of_op.push_back(-1);
        const auto pipeline = static_cast<size_t>(plan.pipeline_of_op[static_cast<size_t>(i)]);
        const int64_t scratch = scratch_bytes(plan.pipelines[pipeline]);
        if (scratch > 0) {
            plan.scratch_bytes = std::max(plan.scratch_bytes, scratch);
            if (plan.threads && has_parallel_blocks(plan.pipelines[pipeline])) {
                plan.worker_bytes = std::max(plan.worker_bytes, align_up(scratch));
            }
            plan.scratch_of_op.back() = static_cast<int>(plan.storages.size());
            plan.storages.push_back({.bytes = scratch, .first_op = i, .last_op = i});
        }
        if (op.residual >= 0) {
            use(op.residual, i);
            plan.storage_of_tensor[static_cast<size_t>(op.output)] =
                plan.storage_of_tensor[static_cast<size_t>(op.residual)];
        } else if (op.output >= 0) {
            use(op.output, i);
        }
    }
    if (graph.output >= 0) { // the driver copies it to the user after the last op
        use(graph.output, static_cast<int>(graph.ops.size()) - 1);
    }
}

void find_pipelines(const FusedGraph& graph, const ScheduleDb& schedules, Plan& plan) {
    std::map<std::string, int> known;
    for (int i = 0; i < static_cast<int>(graph.ops.size()); ++i) {
        const Op& op = graph.ops[static_cast<size_t>(i)];
        const std::string name = signature(op);
        const auto [place, is_new] = known.emplace(name, static_cast<int>(plan.pipelines.size()));
        if (is_new) {
            Pipeline pipeline{.name = name, .kind = op.kind};
            pipeline.input = op.input_shape;
            pipeline.output = op.output_shape;
            pipeline.window = op.window;
            pipeline.groups = op.groups;
            pipeline.residual = op.residual >= 0;
            pipeline.relu = op.relu;
            pipeline.channels_before = op.channels_before;
            pipeline.first_op = i;
            if (op.kind == OpKind::conv || op.kind == OpKind::stem || op.kind == OpKind::fc) {
                pipeline.schedule = schedule_of(op, plan.target, schedules);
                const std::string problem = schedule_problem(op, pipeline.schedule, plan.target);
                if (!problem.empty()) {
                    throw std::logic_error(name + ": " + problem);
                }
            }
            if (plan.threads && has_task_rows(op.kind, pipeline.schedule) &&
                pipeline.schedule.task_rows == 0) {
                pipeline.schedule.task_rows =
                    choose_task_rows(op, pipeline.schedule, schedules.threads);
            }
            plan.pipelines.push_back(std::move(pipeline));
        }
        plan.pipeline_of_op.push_back(place->second);
    }
}

void find_constants(const FusedGraph& graph, bool pixels, Plan& plan) {
    auto append = [&](int64_t floats) {
        const ConstantPlace place{plan.weights_bytes, floats * 4};
        plan.weights_bytes += align_up(place.bytes);
        return place;
    };
    for (const Op& op : graph.ops) {
        OpConstants constants;
        const bool reads_input = op.kind == OpKind::stem || op.kind == OpKind::pack;
        if (reads_input && pixels) {
            constants.normalise = append(int64_t{2} * kChannelBlock * op.input_shape.c);
        }
        if (op.conv_layer >= 0) {
            const auto pipeline = static_cast<size_t>(plan.pipeline_of_op[plan.constants.size()]);
            constants.weights = append(packed_weights(plan.pipelines[pipeline]));
            constants.bias = append(channel_blocks(op.output_shape.c) * kChannelBlock);
        }
        plan.constants.push_back(constants);
    }
}

void check_limits(const Plan& plan) {
    if (plan.arena_bytes > kMaxBytes) {
        fail("",
             "the network needs an arena of " + std::to_string(plan.arena_bytes) +
                 " bytes, expected at most 2147483647",
             "make the batch or the input smaller");
    }
    if (plan.weights_bytes > kMaxBytes) {
        fail("",
             "the network needs " + std::to_string(plan.weights_bytes) +
                 " bytes of weights, expected at most 2147483647",
             "make the widths smaller");
    }
}

} // namespace

std::string signature(const Op& op) {
    std::string name = to_string(op.kind);
    const std::string k = std::to_string(op.window.kernel);
    switch (op.kind) {
    case OpKind::stem:
    case OpKind::conv:
    case OpKind::max_pool:
    case OpKind::avg_pool:
        name += k + "x" + k + "s" + std::to_string(op.window.stride) + padding_words(op.window);
        break;
    case OpKind::pad_channels:
        name += "_s" + std::to_string(op.window.stride);
        break;
    default:
        break;
    }
    name += "_" + shape_words(op.input_shape);
    if (op.output_shape.c != op.input_shape.c || op.conv_layer >= 0) {
        name += "_k" + std::to_string(op.output_shape.c);
    }
    if (op.window.ceil_mode) {
        name += "_ceil";
    }
    if (op.groups > 1) {
        name += "_g" + std::to_string(op.groups);
    }
    if (op.channels_before > 0) {
        name += "_before" + std::to_string(op.channels_before);
    }
    return name + (op.residual >= 0 ? "_add" : "") + (op.relu ? "_relu" : "") + op.variant;
}

Bundle group_bundle(int64_t in_channels, int64_t out_channels, int groups) {
    const Bundle all{channel_blocks(in_channels), channel_blocks(out_channels)};
    const int64_t in_size = in_channels / groups;
    const int64_t out_size = out_channels / groups;
    const int64_t for_in = kChannelBlock / std::gcd<int64_t>(in_size, kChannelBlock);
    const int64_t for_out = kChannelBlock / std::gcd<int64_t>(out_size, kChannelBlock);
    // Groups that fill whole blocks.
    const int64_t bundled = std::max<int64_t>(1, std::lcm(for_in, for_out));
    if (groups % bundled != 0) {
        return all;
    }
    return {bundled * in_size / kChannelBlock, bundled * out_size / kChannelBlock};
}

int64_t lower_bound(const std::vector<Storage>& storages) {
    int64_t most = 0;
    // The sum can only grow where a storage begins.
    for (const Storage& at : storages) {
        int64_t live = 0;
        for (const Storage& s : storages) {
            const bool lives = s.first_op <= at.first_op && at.first_op <= s.last_op;
            live += lives ? s.bytes : 0;
        }
        most = std::max(most, live);
    }
    return most;
}

Plan make_plan(const FusedGraph& graph, const Target& target, bool pixels,
               const ScheduleDb& schedules, bool threads) {
    Plan plan;
    plan.target = target;
    plan.threads = threads;
    find_pipelines(graph, schedules, plan);
    find_constants(graph, pixels, plan);
    find_storages(graph, plan);
    plan.arena_bytes = place_storages(plan.storages);
    plan.lower_bound_bytes = lower_bound(plan.storages);
    check_limits(plan);
    return plan;
}

} // namespace resnetc
