// Every distinct op of every shipped spec: the compiled pipeline against the double-precision
// reference on small integers, where every order of summation gives the same bits; Winograd, which
// rounds even then, within a bound. Also that an op
// reads nothing but its tensors, writes nothing but its output, and keeps the runtime contract.
#include "support/library_contract.h"
#include "support/op_model.h"
#include "support/shipped_specs.h"
#include "support/temp_folder.h"

#include "build.h"
#include "file_io.h"
#include "process.h"
#include "schedule_check.h"
#include "target.h"

#include "catch.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>

using namespace resnetc;
using namespace resnetc_test;

namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxOutput = size_t{1} << 30;

// Odd sizes and batches beside the shipped ones: rows that are no multiple of a tile, maps of one
// pixel. And what the rule chooses for two threads: convolutions in blocks of rows, other tiles of
// Winograd.
struct Variant {
    const char* spec;
    SpecOverrides overrides;
    int threads = 1;
};
const std::vector<Variant> kVariants = {
    {"resnet18", {.batch = 2, .channels = 3, .height = 45, .width = 61, .classes = 37}},
    {"resnet20", {.batch = 3, .channels = 3, .height = 21, .width = 27, .classes = 10}},
    {"resnext50_32x4d", {.batch = 2, .channels = 3, .height = 45, .width = 61, .classes = 10}},
    {"resnet50", {.batch = 2, .channels = 3, .height = 80, .width = 112, .classes = 10}, 2},
    {"resnet18", {.batch = 2, .channels = 3, .height = 224, .width = 224, .classes = 1000}, 2},
};

// What the rule never chooses: Winograd for several images a call; all of them where there is a
// residual, else half.
Compilation several_images(const std::string& target) {
    const SpecOverrides overrides{
        .batch = 4, .channels = 3, .height = 21, .width = 27, .classes = 10};
    Compilation c = compile(shipped_spec("resnet20"), overrides, target);
    ScheduleDb db;
    for (const Op& op : c.graph.ops) {
        if (op.kind != OpKind::conv || op.window.kernel != 3) {
            continue;
        }
        const bool half = op.window.stride == 2;
        Schedule s{.algorithm = half ? Algorithm::winograd_stride2 : Algorithm::winograd,
                   .unroll_ci = 2,
                   .prefetch = half ? 0 : 64,
                   .winograd_x = half                     ? 2
                                 : op.output_shape.w > 13 ? 6
                                                          : 4,
                   .winograd_y = half ? 2 : 4,
                   .block_images = op.residual >= 0 ? 4 : 2};
        for (Schedule wider = s; wider.tile_x <= 8; ++wider.tile_x) {
            s = schedule_problem(op, wider, c.plan.target).empty() ? wider : s;
        }
        TunedOp tuned;
        tuned.op = signature(op);
        tuned.schedule = s;
        put_tuned(db, tuned);
    }
    c.plan = make_plan(c.graph, c.plan.target, c.spec.preprocessing.has_value(), db);
    REQUIRE(std::any_of(c.plan.pipelines.begin(), c.plan.pipelines.end(), [](const Pipeline& p) {
        return p.schedule.block_images == 4 && p.schedule.algorithm == Algorithm::winograd;
    }));
    return c;
}

OpModel shipped_ops(const std::string& target) {
    OpCollector collector;
    for (const std::string& spec : shipped_specs()) {
        collector.add(compile(spec, {}, target));
    }
    for (const Variant& variant : kVariants) {
        collector.add(compile(shipped_spec(variant.spec), variant.overrides, target,
                              {.threads = variant.threads}));
    }
    collector.add(several_images(target));
    OpModel model = collector.model("all_ops");
    model.plan.target = find_target(target);
    return model;
}

// The compiled ops of a model in a folder that goes away with it.
class CompiledOps {
public:
    explicit CompiledOps(const OpModel& model) : model_(model) {
        for (const EmittedFile& file : emit_op_model(model)) {
            const fs::path path = folder_.path() / "src" / file.path;
            fs::create_directories(path.parent_path());
            write_file(path.string(), file.bytes);
        }
        try {
            run_cmake({.source = folder_ / "src",
                       .binary = folder_ / "cmake",
                       .options = {"-DRESNETC_STEPS=ON", "-DRESNETC_PROGRAM=OFF"},
                       .targets = {"steps"},
                       .triple = "",
                       .jobs = 0,
                       .verbose = false});
        } catch (const ToolError& error) {
            FAIL(error.what() << '\n' << error.output);
        }
    }

    // The arena after op `index` has run alone.
    std::string run(size_t index, const OpCase& given) const {
        put("input", given.input);
        put("arena", given.arena);
        put("weights", given.weights);
        run_tool({folder_ / "cmake/all_ops_steps", given.u8 ? "u8" : "f32", folder_ / "input",
                  folder_ / "output", std::to_string(index), folder_ / "arena", folder_ / "weights",
                  folder_ / "after"},
                 [](const std::string&) {});
        return read_file(folder_ / "after", given.arena.size());
    }

    // What is wrong with op `index`; empty: nothing.
    std::string difference(size_t index, const OpCase& given) const {
        std::string found = first_difference(model_, index, run(index, given), given);
        if (!found.empty() || given.output.empty()) {
            return found;
        }
        const std::string output = read_file(folder_ / "output", kMaxOutput);
        return output.starts_with(given.output) ? "" : "the user's output differs";
    }

    // All pipelines in one library.
    std::string library() const {
        std::vector<std::string> command = {"ar", "rc", folder_ / "all_ops.a"};
        for (const auto& entry : fs::directory_iterator(folder_ / "cmake")) {
            if (entry.path().extension() == ".o") {
                command.push_back(entry.path().string());
            }
        }
        REQUIRE(command.size() >= 3 + model_.ops.size());
        tool_output(command);
        return command[2];
    }

    std::string scratch() const { return folder_ / "scratch.o"; }

private:
    void put(const std::string& name, const std::string& bytes) const {
        std::ofstream(folder_ / name, std::ios::binary) << bytes;
    }

    const OpModel& model_;
    TempFolder folder_;
};

void check_every_op(const OpModel& model, const CompiledOps& compiled) {
    for (size_t i = 0; i < model.ops.size(); ++i) {
        const bool reads_picture = model.ops[i].op.input < 0;
        for (const bool u8 :
             reads_picture ? std::vector<bool>{true, false} : std::vector<bool>{true}) {
            INFO(model.ops[i].op.name << (reads_picture ? u8 ? " (u8)" : " (f32)" : "")
                                      << ", first in " << model.ops[i].from);
            CHECK(compiled.difference(i, make_op_case(model, i, u8)) == "");
        }
    }
}

// The first op of this kind and algorithm with more than one block of output channels; not every
// target has every algorithm.
std::optional<size_t> find_op(const OpModel& model, OpKind kind, Algorithm algorithm) {
    const auto found = std::find_if(model.ops.begin(), model.ops.end(), [&](const DistinctOp& d) {
        return d.op.kind == kind && d.pipeline.schedule.algorithm == algorithm &&
               channel_blocks(d.op.output_shape.c) > 1;
    });
    if (found == model.ops.end()) {
        REQUIRE(algorithm >= Algorithm::winograd_raw);
        return std::nullopt;
    }
    return static_cast<size_t>(found - model.ops.begin());
}

void add_one(std::string& bytes, int64_t offset) {
    float value = 0;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    value += 1;
    std::memcpy(bytes.data() + offset, &value, sizeof value);
}

// The offset of a weight that takes part in a sum: a pixel of fc's only one may be 0.
int64_t weight_that_counts(const OpModel& model, const DistinctOp& distinct, const OpCase& given) {
    const int64_t first = distinct.constants.weights.offset;
    if (distinct.op.kind != OpKind::fc) {
        return first;
    }
    const Storage& input = model.plan.storages[static_cast<size_t>(distinct.op.input)];
    int64_t channel = 0;
    for (float pixel = 0; pixel == 0 && channel < kChannelBlock; ++channel) {
        std::memcpy(&pixel, given.arena.data() + input.offset + 4 * channel, sizeof pixel);
    }
    return first + 4 * kChannelBlock * distinct.pipeline.schedule.tile_o * (channel - 1);
}

// The comparison must see one wrong weight, weights in the order of another tile, a wrong residual,
// and a write beside the output.
void check_that_faults_are_seen(OpModel& model, const CompiledOps& compiled) {
    const std::vector<std::pair<OpKind, Algorithm>> kinds = {
        {OpKind::stem, Algorithm::direct},       {OpKind::conv, Algorithm::direct},
        {OpKind::conv, Algorithm::grouped},      {OpKind::conv, Algorithm::winograd},
        {OpKind::conv, Algorithm::winograd_raw}, {OpKind::conv, Algorithm::winograd_stride2},
        {OpKind::fc, Algorithm::direct}};
    for (const auto& [kind, algorithm] : kinds) {
        const std::optional<size_t> found = find_op(model, kind, algorithm);
        if (!found) {
            continue;
        }
        const size_t index = *found;
        DistinctOp& distinct = model.ops[index];
        INFO(distinct.op.name);
        OpCase one_weight = make_op_case(model, index, false);
        add_one(one_weight.weights, weight_that_counts(model, distinct, one_weight));
        CHECK(compiled.difference(index, one_weight) != "");

        if (algorithm == Algorithm::grouped) { // has one order of weights for all tiles
            continue;
        }
        OpCase other_tile = make_op_case(model, index, false);
        const Schedule schedule = distinct.pipeline.schedule;
        const auto blocks = static_cast<int>(channel_blocks(distinct.op.output_shape.c));
        distinct.pipeline.schedule.tile_o = schedule.tile_o == 1 ? blocks : 1;
        if (algorithm == Algorithm::winograd_raw) { // knows no tile_o: the direct order
            distinct.pipeline.schedule = Schedule{};
        }
        other_tile.weights = make_op_case(model, index, false).weights;
        distinct.pipeline.schedule = schedule;
        CHECK(compiled.difference(index, other_tile) != "");
    }
    const auto added = std::find_if(model.ops.begin(), model.ops.end(),
                                    [](const DistinctOp& d) { return d.op.residual >= 0; });
    REQUIRE(added != model.ops.end());
    const auto index = static_cast<size_t>(added - model.ops.begin());
    const Storage& output = model.plan.storages[static_cast<size_t>(added->op.output)];
    OpCase residual = make_op_case(model, index, false);
    for (int64_t i = 0; i < 64; ++i) { // ReLU may hide it in some, not in all
        add_one(residual.arena, output.offset + 4 * i);
    }
    OpCase beside = make_op_case(model, index, false);
    beside.after.replace(static_cast<size_t>(output.offset + output.bytes), 4, 4, '\0');
    CHECK(compiled.difference(index, residual) != "");
    CHECK(compiled.difference(index, beside).find("no tensor") == 0);
}

// Softmax is the one op that rounds on small integers. On logits as networks have them: every
// probability to 4e-6 of itself, most of which is the rounding of logit - largest logit: half a
// unit of 2^-23 of a difference of up to 50 is 3e-6 in the exponent.
void check_softmax_accuracy(const OpModel& model, const CompiledOps& compiled) {
    const size_t index = find_op(model, OpKind::softmax, Algorithm::direct).value();
    const Op& op = model.ops[index].op;
    const auto classes = static_cast<size_t>(op.input_shape.c);
    REQUIRE(op.input_shape.n == 1);
    const auto at = [&](int tensor) { // one pixel: class c is float c
        return static_cast<size_t>(model.plan.storages[static_cast<size_t>(tensor)].offset);
    };
    std::mt19937 random(20240609);
    for (const float deviation : {0.1F, 3.0F, 8.0F}) {
        std::normal_distribution<float> logit(0, deviation);
        std::vector<float> logits(classes);
        std::generate(logits.begin(), logits.end(), [&] { return logit(random); });
        OpCase given = make_op_case(model, index, false);
        std::memcpy(given.arena.data() + at(op.input), logits.data(), classes * sizeof(float));
        const std::string after = compiled.run(index, given);
        std::vector<float> probabilities(classes);
        std::memcpy(probabilities.data(), after.data() + at(op.output), classes * sizeof(float));
        const double largest = *std::max_element(logits.begin(), logits.end());
        double sum = 0;
        for (const float value : logits) {
            sum += std::exp(value - largest);
        }
        double worst = 0;
        for (size_t c = 0; c < classes; ++c) {
            const double expected = std::exp(logits[c] - largest) / sum;
            worst = std::max(worst, std::abs(probabilities[c] - expected) / expected);
        }
        INFO("standard deviation " << deviation);
        CHECK(worst <= 4e-6);
    }
}

// No tuned tile ships that is not among the ops compared here.
void check_that_tuned_ops_are_in(const OpModel& model) {
    for (const TunedOp& tuned : load_schedules({}, model.plan.target).ops) {
        INFO(tuned.op);
        const auto found =
            std::find_if(model.ops.begin(), model.ops.end(), [&](const DistinctOp& distinct) {
                return distinct.pipeline.name == tuned.op;
            });
        REQUIRE(found != model.ops.end());
        CHECK((!tuned.schedule || found->pipeline.schedule == *tuned.schedule));
    }
}

void check_target(const std::string& target) {
    OpModel model = shipped_ops(target);
    check_that_tuned_ops_are_in(model);
    std::cout << target << ": " << model.ops.size() << " distinct ops" << std::endl;
    const CompiledOps compiled(model);
    check_every_op(model, compiled);
    check_softmax_accuracy(model, compiled);
    CHECK(contract_violations(compiled.library(), compiled.scratch()) ==
          std::vector<std::string>{});
    check_that_faults_are_seen(model, compiled);
}

} // namespace

TEST_CASE("every distinct op of every shipped spec equals the reference bit for bit") {
    check_target("host");
}

TEST_CASE("so it does for every other target that this machine runs", "[slow]") {
    const std::string host = find_target("host").name;
    for (const std::string& name : target_names()) {
        if (name != host && runs_here(find_target(name))) {
            check_target(name);
        }
    }
}
