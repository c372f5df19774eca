// The tuner: its candidates, what generators they share, how executables are run and judged, and
// that every algorithm is right on the tuner's own cases and a wrong one is caught.
#include "data_dir.h"
#include "support/shipped_specs.h"
#include "support/temp_folder.h"

#include "candidates.h"
#include "file_io.h"
#include "process.h"
#include "schedule_check.h"
#include "schedule_text.h"
#include "tune_network.h"
#include "tune_op.h"
#include "tune_program.h"
#include "tune_sources.h"

#include "catch.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

using namespace resnetc;
using namespace resnetc_test;

namespace {

bool never() {
    return false;
}

// Runs here; a machine that is busy with other tests makes no variant hang.
const TuneRunner kPatient{"", never, std::chrono::minutes(10)};

Compilation resnet20(const std::string& target) {
    return compile(shipped_spec("resnet20"), {}, target, {.file = "", .none = true});
}

size_t op_called(const Compilation& c, const std::string& name) {
    for (size_t i = 0; i < c.graph.ops.size(); ++i) {
        if (signature(c.graph.ops[i]) == name) {
            return i;
        }
    }
    FAIL("no op " << name);
    return 0;
}

// An executable that is a shell script.
std::string script(const TempFolder& folder, const std::string& text) {
    const std::string path = folder / "runner.sh";
    write_file(path, "#!/bin/sh\n" + text, 0755);
    return path;
}

std::vector<Schedule> some_schedules(const Op& op, const Target& target, int threads) {
    std::vector<Schedule> schedules = {choose_schedule(op, target, threads)};
    const std::vector<Schedule> candidates = candidate_schedules(op, target, threads);
    schedules.insert(schedules.end(), candidates.begin(), candidates.begin() + 3);
    return schedules;
}

} // namespace

TEST_CASE("the tuner's candidates are valid, distinct and the same every time") {
    for (const std::string target : {"x86-64-v4", "x86-64-v3", "x86-64", "arm-64"}) {
        const int threads = target == "x86-64-v3" ? 2 : 1;
        for (const std::string spec : {"resnet20", "resnet50", "resnext50_32x4d"}) {
            const Compilation c =
                compile(shipped_spec(spec), {}, target, {.file = "", .none = true});
            for (const Op& op : c.graph.ops) {
                if (op.conv_layer < 0) {
                    continue;
                }
                INFO(target << " " << signature(op));
                const std::vector<Schedule> candidates =
                    candidate_schedules(op, c.plan.target, threads);
                CHECK(candidates.size() >= 3);
                CHECK(candidates.size() <= 150);
                CHECK(candidates == candidate_schedules(op, c.plan.target, threads));
                const Schedule rule = choose_schedule(op, c.plan.target, threads);
                for (const Schedule& s : candidates) {
                    const bool good = schedule_problem(op, s, c.plan.target).empty() && s != rule;
                    if (!good || std::count(candidates.begin(), candidates.end(), s) != 1) {
                        FAIL_CHECK(schedule_text(s));
                    }
                }
                std::vector<Schedule> fewer = candidates;
                fewer.pop_back();
                CHECK(digest(candidates).size() == 8);
                CHECK(digest(candidates) != digest(fewer));
            }
        }
    }
}

TEST_CASE("both algorithms are among the first candidates of a 3x3 convolution") {
    const Compilation c = resnet20("x86-64-v3");
    const Op& op = c.graph.ops[op_called(c, "conv3x3s1_c64_8x8_k64_relu")];
    const std::vector<Schedule> candidates = candidate_schedules(op, c.plan.target, 1);
    for (const Algorithm algorithm : {Algorithm::direct, Algorithm::winograd}) {
        CHECK(std::any_of(candidates.begin(), candidates.begin() + 4,
                          [&](const Schedule& s) { return s.algorithm == algorithm; }));
    }
}

TEST_CASE("for a batch Winograd of several images a call is a candidate") {
    SpecOverrides six;
    six.batch = 6;
    const Compilation c =
        compile(shipped_spec("resnet20"), six, "x86-64-v4", {.file = "", .none = true});
    for (const std::string name :
         {"conv3x3s1_n6_c64_8x8_k64_relu", "conv3x3s2_n6_c32_16x16_k64_relu"}) {
        const Op& op = c.graph.ops[op_called(c, name)];
        std::vector<int> images;
        for (const Schedule& s : candidate_schedules(op, c.plan.target, 1)) {
            CHECK(schedule_problem(op, s, c.plan.target).empty());
            if (is_winograd(s.algorithm)) {
                images.push_back(s.block_images);
            }
        }
        for (const int together : {1, 2, 3, 6}) {
            INFO(name << " " << together);
            CHECK(std::count(images.begin(), images.end(), together) > 0);
        }
    }
}

TEST_CASE("with threads the sizes of their tasks are candidates, too") {
    const Compilation c = resnet20("x86-64-v3");
    const Target& target = c.plan.target;
    const auto sizes = [&](const std::string& name, int threads) {
        const Op& op = c.graph.ops[op_called(c, name)];
        const Schedule rule = choose_schedule(op, target, threads);
        std::vector<int> rows;
        for (Schedule s : candidate_schedules(op, target, threads)) {
            CHECK(schedule_problem(op, s, target).empty());
            if (s.task_rows != 0) {
                rows.push_back(s.task_rows);
                s.task_rows = rule.task_rows;
                CHECK(s == rule);
            }
        }
        return rows;
    };
    const std::string stem = "stem3x3s1_c3_32x32_k16_relu";
    CHECK(sizes(stem, 1).empty());
    const Op& op = c.graph.ops[op_called(c, stem)];
    const int usual = choose_task_rows(op, choose_schedule(op, target, 2), 2);
    const std::vector<int> rows = sizes(stem, 2);
    CHECK(rows.size() >= 2);
    CHECK(std::count(rows.begin(), rows.end(), usual) == 0);
    CHECK(std::count(rows.begin(), rows.end(), usual / 2) == (usual > 1 ? 1 : 0));
    CHECK(sizes("fc_c64_k10", 2).empty());
    Schedule fc = choose_schedule(c.graph.ops[op_called(c, "fc_c64_k10")], target, 2);
    fc.task_rows = 1;
    CHECK(schedule_problem(c.graph.ops[op_called(c, "fc_c64_k10")], fc, target) ==
          "task_rows is 1, expected 0: threads don't take rows of this op");
    Schedule many = choose_schedule(op, target, 2);
    many.task_rows = 33;
    CHECK(schedule_problem(op, many, target) == "task_rows is 33, expected 0 to 32");
}

TEST_CASE("pipelines that differ in parameters only share a generator") {
    GeneratorSources sources;
    std::vector<std::string> added;
    const std::string text = "// for NAME, tile 7\n"
                             "class NAME {\n"
                             "    GeneratorParam<int> tile_x{\"tile_x\", 7}; // pixels\n"
                             "    GeneratorParam<int> tile_o{\"tile_o\", 2};\n"
                             "};\n";
    const auto named = [&](std::string name, const std::string& from, const std::string& to) {
        std::string bytes = text;
        for (size_t at = bytes.find("NAME"); at != std::string::npos; at = bytes.find("NAME")) {
            bytes.replace(at, 4, name);
        }
        for (size_t at = bytes.find(from); at != std::string::npos && !from.empty();) {
            bytes.replace(at, from.size(), to);
            at = bytes.find(from, at + to.size());
        }
        return EmittedFile{"pipelines/" + name + ".cpp", bytes};
    };
    const PipelineJob a = sources.add(named("conv_v0", "", ""), added);
    REQUIRE(added.size() == 1);
    CHECK(added[0].find("class g0 {") != std::string::npos);
    CHECK(a.function == "conv_v0");
    CHECK(a.generator == "g0");
    CHECK(a.parameters == std::vector<std::string>{"tile_x=7", "tile_o=2"});
    const PipelineJob b = sources.add(named("conv_v1", " 7", " 3"), added); // comment, too
    CHECK(added.size() == 1);
    CHECK(b.function == "conv_v1");
    CHECK(b.generator == "g0");
    CHECK(b.parameters == std::vector<std::string>{"tile_x=3", "tile_o=2"});
    const PipelineJob other = sources.add(named("conv_v2", "class", "struct"), added);
    CHECK(added.size() == 2);
    CHECK(other.generator == "g1");
}

TEST_CASE("a duel is won by a gain beyond the noise") {
    using Rounds = std::vector<std::vector<double>>;
    const Rounds same(9, {100, 100});
    CHECK(winner(same) == 0);
    const Rounds little(9, {100, 99.5});
    CHECK(winner(little) == 0);
    const Rounds clear(9, {100, 95});
    CHECK(winner(clear) == 1);
    // 3 % in the median, but as often 10 % worse as better.
    CHECK(winner({{100, 97}, {100, 110}, {100, 85}, {100, 108}, {100, 90}}) == 0);
    const Rounds three(7, {100, 90, 80});
    CHECK(winner(three) == 2);
    const Rounds worse(7, {100, 110, 98.9});
    CHECK(winner(worse) == 2);
    CHECK(median({3, 1, 2}) == 2);
}

TEST_CASE("a variant that crashes, hangs or is wrong costs nobody but itself") {
    const TempFolder folder;
    // Arguments: check MS variants. 1 crashes, 3 hangs, 4 is wrong.
    const std::string runner = script(folder, R"(shift 2
for v in "$@"; do
    echo "start $v"
    case $v in
    1) kill -SEGV $$ ;;
    3) sleep 60 ;;
    4) echo "wrong 4 12.5 0" ;;
    *) echo "time $v $v.5" ;;
    esac
done
echo end
)");
    TuneRunner run{"", never};
    run.silence = std::chrono::milliseconds(400);
    const CheckResult result = check_variants(run, runner, {0, 1, 2, 3, 4, 5}, 10);
    CHECK(result.us == std::map<int, double>{{0, 0.5}, {2, 2.5}, {5, 5.5}});
    REQUIRE(result.refused.size() == 3);
    CHECK(result.refused.at(1) == runner + " was ended by signal 11");
    CHECK(result.refused.at(3) == runner + " hangs, it was ended");
    CHECK(result.refused.at(4) == "wrong 4 12.5 0");
}

TEST_CASE("an executable that cannot be run is an error, and so is an interrupt") {
    const TempFolder folder;
    TuneRunner run{"", never};
    CHECK_THROWS_AS(check_variants(run, folder / "nothing", {0}, 10), ToolError);
    run.stop = [] { return true; };
    const std::string runner = script(folder, "echo start 0; sleep 60\n");
    CHECK_THROWS_WITH(check_variants(run, runner, {0}, 10), runner + " was interrupted");
}

TEST_CASE("a runner called ssh gets the executable through its standard input") {
    const TempFolder folder;
    // A machine of its own: what it is told to do runs in an empty folder.
    write_file(folder / "ssh",
               "#!/bin/sh\nshift\nmkdir -p '" + (folder / "there") + "'\ncd '" +
                   (folder / "there") + "' && TMPDIR=$PWD exec sh -c \"$*\"\n",
               0755);
    const std::string runner = script(folder, "echo \"start $3\"; echo \"time $3 7\"; echo end\n");
    const TuneRunner run{folder / "ssh" + std::string(" board"), never};
    CHECK(check_variants(run, runner, {5}, 10).us == std::map<int, double>{{5, 7}});
    CHECK(std::filesystem::is_empty(folder.path() / "there"));
}

TEST_CASE("every way to compute an op is right on the tuner's case, and wrong weights are caught") {
    const Compilation c = resnet20("host");
    const TempFolder folder;
    TuneToolchain toolchain(folder.path().string(), c.plan.target, never);
    const std::vector<std::pair<std::string, int>> ops = {{"conv3x3s1_c64_8x8_k64_add_relu", 1},
                                                          {"conv3x3s2_c16_32x32_k32_relu", 3},
                                                          {"stem3x3s1_c3_32x32_k16_relu", 2},
                                                          {"fc_c64_k10", 2}};
    for (const auto& [name, threads] : ops) {
        INFO(name << " on " << threads);
        const size_t index = op_called(c, name);
        const std::vector<Schedule> schedules =
            some_schedules(c.graph.ops[index], c.plan.target, threads);
        const TuneCase given = make_tune_case(c, index);
        TuneModel model = make_tune_model(c, index, schedules, given.weights, threads);
        std::map<std::string, std::string> failed;
        const std::string executable = toolchain.compile(op_program(model, given), failed);
        CHECK(failed.empty());
        REQUIRE_FALSE(executable.empty());
        const CheckResult result = check_variants(kPatient, executable, {0, 1, 2, 3}, 1);
        CHECK(result.refused == std::map<int, std::string>{});
        CHECK(result.us.size() == 4);
        const auto rounds = duel(kPatient, executable, {2, 0}, 1);
        CHECK(rounds.size() >= 5);

        // One weight of variant 2 is another.
        const ConstantPlace& place = model.plan.constants[2].weights;
        float value = 0;
        std::memcpy(&value, model.weights.data() + place.offset, sizeof value);
        value += 1;
        std::memcpy(model.weights.data() + place.offset, &value, sizeof value);
        const std::string wrong = toolchain.compile(op_program(model, given), failed);
        const CheckResult caught = check_variants(kPatient, wrong, {0, 1, 2, 3}, 1);
        CHECK(caught.us.size() == 3);
        REQUIRE(caught.refused.count(2) == 1);
        CHECK(caught.refused.at(2).find("wrong 2 ") == 0);
    }
}

TEST_CASE("the whole network decides which entries stay") {
    const Compilation c =
        compile(shipped_spec("resnet8_mlperf"), {}, "host", {.file = "", .none = true});
    const std::string name = "conv3x3s1_c64_8x8_k64_add_relu";
    ScheduleDb before;
    before.target = c.plan.target.name;
    ScheduleDb after = before;
    TunedOp slow; // one pixel, one block: nothing hides the latency
    slow.op = name;
    slow.schedule = Schedule{.tile_x = 1, .tile_o = 1, .unroll_ci = 1};
    slow.us = 1;
    slow.rule_us = 2;
    slow.tried = 7;
    put_tuned(after, slow);
    const TempFolder folder;
    TuneToolchain toolchain(folder.path().string(), c.plan.target, never);
    const NetworkVerdict verdict = judge_network(c, before, after, toolchain, kPatient, 200);
    CHECK(verdict.before_us > 0);
    CHECK(verdict.after_us > verdict.before_us);
    CHECK(verdict.dropped == std::vector<std::string>{name});
    REQUIRE(find_tuned(after, name, 1) != nullptr);
    CHECK_FALSE(find_tuned(after, name, 1)->schedule);
    CHECK(find_tuned(after, name, 1)->tried == 7);
    CHECK(find_tuned(after, name, 1)->us == 2);
    // Nothing has changed now.
    CHECK(judge_network(c, before, after, toolchain, kPatient, 200).before_us == 0);
}
