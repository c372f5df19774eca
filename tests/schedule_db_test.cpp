// The files of tuned schedules: reader, writer, merging, and how a plan uses them.
#include "support/error_cases.h"
#include "support/shipped_specs.h"
#include "support/temp_folder.h"

#include "compile.h"
#include "embedded_files.h"
#include "file_io.h"
#include "schedule_check.h"
#include "schedule_db.h"
#include "schedule_text.h"

#include "catch.h"

#include <algorithm>

using namespace resnetc;
using namespace resnetc_test;

namespace {

const std::string kOp = "conv3x3s1_c16_32x32_k16_relu";

TunedOp tuned(const std::string& op, int threads, const Schedule& schedule) {
    TunedOp t;
    t.op = op;
    t.threads = threads;
    t.schedule = schedule;
    t.us = 20.125;
    t.rule_us = 1234.56;
    t.tried = 3;
    t.candidates = 20;
    t.list = "0123abcd";
    t.tool = "0.1.0";
    t.cpu = "a \"quoted\" \\ CPU";
    return t;
}

const Pipeline& pipeline_of(const Compilation& c, const std::string& name) {
    const auto found = std::find_if(c.plan.pipelines.begin(), c.plan.pipelines.end(),
                                    [&](const Pipeline& p) { return p.name == name; });
    REQUIRE(found != c.plan.pipelines.end());
    return *found;
}

} // namespace

TEST_CASE("every malformed schedule file gets its message") {
    const size_t cases = check_error_cases("schedules", [](const std::string& file) {
        compile(shipped_spec("resnet20"), {}, "x86-64-v3", {.file = file});
    });
    CHECK(cases >= 20);
}

TEST_CASE("a schedule file is written as it is read, sorted, each op once") {
    const Target target = find_target("x86-64-v3");
    ScheduleDb db;
    db.target = target.name;
    put_tuned(db, tuned("b", 1, {.tile_x = 7, .tile_o = 2, .unroll_ci = 2}));
    TunedOp unjudged = tuned("a", 2, {.tile_x = 3, .tile_o = 1, .unroll_ci = 8});
    unjudged.judged = false;
    put_tuned(db, unjudged);
    put_tuned(db, tuned("a", 1, {.tile_x = 1, .tile_o = 1, .unroll_ci = 1}));
    TunedOp rule = tuned("b", 1, {});
    rule.schedule.reset();
    rule.us = 5;
    put_tuned(db, rule);
    const std::string text = schedules_text(db);
    CHECK(text ==
          "# Schedules that `resnetc tune` measured for x86-64-v3: sorted by op, later runs "
          "are merged.\n"
          "version: 1\n"
          "target: x86-64-v3\n"
          "ops:\n"
          "  - op: a\n"
          "    for: {precision: f32, threads: 1}\n"
          "    schedule: {algorithm: direct, tile_x: 1, tile_o: 1, unroll_ci: 1}\n"
          "    measured: {us: 20.12, rule_us: 1234.6, resnetc: 0.1.0, cpu: \"a "
          "\\\"quoted\\\" \\\\ CPU\"}\n"
          "    search: {tried: 3, candidates: 20, list: \"0123abcd\"}\n"
          "  - op: a\n"
          "    for: {precision: f32, threads: 2}\n"
          "    schedule: {algorithm: direct, tile_x: 3, tile_o: 1, unroll_ci: 8}\n"
          "    measured: {us: 20.12, rule_us: 1234.6, resnetc: 0.1.0, cpu: \"a "
          "\\\"quoted\\\" \\\\ CPU\"}\n"
          "    search: {tried: 3, candidates: 20, list: \"0123abcd\", judged: false}\n"
          "  - op: b\n"
          "    for: {precision: f32, threads: 1}\n"
          "    schedule: rule\n"
          "    measured: {us: 5.000, rule_us: 1234.6, resnetc: 0.1.0, cpu: \"a "
          "\\\"quoted\\\" \\\\ CPU\"}\n"
          "    search: {tried: 3, candidates: 20, list: \"0123abcd\"}\n");
    const ScheduleDb again = parse_schedules({"x.yaml", text}, target);
    CHECK(schedules_text(again) == text);
    REQUIRE(find_tuned(again, "a", 2) != nullptr);
    CHECK(find_tuned(again, "a", 2)->schedule->unroll_ci == 8);
    CHECK_FALSE(find_tuned(again, "a", 2)->judged);
    CHECK(find_tuned(again, "a", 1)->judged);
    CHECK(find_tuned(again, "a", 1)->cpu == "a \"quoted\" \\ CPU");
    CHECK_FALSE(find_tuned(again, "b", 1)->schedule);
    CHECK(find_tuned(again, "b", 2) == nullptr);
    CHECK(find_tuned(again, "c", 1) == nullptr);
    ScheduleDb none;
    none.target = target.name;
    CHECK(parse_schedules({"x.yaml", schedules_text(none)}, target).ops.empty());
}

TEST_CASE("a plan uses the entry of an op, and the rule where there is none") {
    const TempFolder folder;
    const std::string file = folder / "mine.yaml";
    const Target target = find_target("x86-64-v3");
    ScheduleDb db;
    db.target = target.name;
    const Schedule odd{.tile_x = 3, .tile_o = 1, .unroll_ci = 8};
    put_tuned(db, tuned(kOp, 1, odd));
    write_file(file, schedules_text(db));

    const std::string spec = shipped_spec("resnet20");
    const Compilation by_rule = compile(spec, {}, target.name, {.file = "", .none = true});
    const Compilation by_file = compile(spec, {}, target.name, {.file = file});
    CHECK(pipeline_of(by_file, kOp).schedule == odd);
    for (size_t i = 0; i < by_rule.plan.pipelines.size(); ++i) {
        const Pipeline& rule = by_rule.plan.pipelines[i];
        CHECK((rule.schedule == by_file.plan.pipelines[i].schedule) == (rule.name != kOp));
    }
    db.ops[0].schedule.reset();
    write_file(file, schedules_text(db));
    CHECK(pipeline_of(compile(spec, {}, target.name, {.file = file}), kOp).schedule ==
          pipeline_of(by_rule, kOp).schedule);
    db.ops[0] = tuned(kOp, 2, odd); // measured with another number of threads
    write_file(file, schedules_text(db));
    CHECK(pipeline_of(compile(spec, {}, target.name, {.file = file}), kOp).schedule ==
          pipeline_of(by_rule, kOp).schedule);
    const ScheduleSource for_two{.file = file, .threads = 2};
    CHECK(pipeline_of(compile(spec, {}, target.name, for_two), kOp).schedule == odd);
}

TEST_CASE("without Winograd every op is direct, and those that were stay as they were") {
    const TempFolder folder;
    const std::string file = folder / "mine.yaml";
    const Target target = find_target("x86-64-v3");
    ScheduleDb db;
    db.target = target.name;
    const Schedule odd{.tile_x = 3, .tile_o = 1, .unroll_ci = 8};
    put_tuned(db, tuned(kOp, 1, odd));
    write_file(file, schedules_text(db));

    const std::string spec = shipped_spec("resnet20");
    const Compilation all = compile(spec, {}, target.name, {.file = file});
    const Compilation direct = compile(spec, {}, target.name, {.file = file, .direct_only = true});
    CHECK(pipeline_of(direct, kOp).schedule == odd);
    size_t winograd = 0;
    for (size_t i = 0; i < all.plan.pipelines.size(); ++i) {
        const Schedule& before = all.plan.pipelines[i].schedule;
        const Schedule& after = direct.plan.pipelines[i].schedule;
        CHECK(after.algorithm == Algorithm::direct);
        const bool same = before.algorithm == Algorithm::direct;
        winograd += same ? 0 : 1;
        CHECK((after == before) == same);
    }
    CHECK(winograd > 0);
}

TEST_CASE("every field of a schedule is read and written") {
    Schedule schedule;
    int value = 2;
    for (const ScheduleField& field : schedule_fields()) {
        schedule.*field.member = std::min(value++, field.range.max);
    }
    for (const Word<Algorithm>& word : algorithm_words()) {
        schedule.algorithm = word.value;
        Diagnostics diagnostics({"x.yaml", schedule_text(schedule)});
        const auto root = read_yaml(diagnostics);
        REQUIRE(root);
        CHECK(read_schedule(diagnostics, *root, "s") == schedule);
        CHECK(diagnostics.empty());
    }
}

TEST_CASE("the shipped schedule files are read, belong to a target and are in canonical form") {
    for (const std::string_view name : embedded_file_names()) {
        if (!name.starts_with("specs/schedules/")) {
            continue;
        }
        INFO(name);
        const std::string stem(name.substr(16, name.size() - 16 - 5));
        const Target target = find_target(stem);
        const ScheduleDb db = load_schedules({}, target);
        CHECK(schedules_text(db) == embedded_file(name));
        CHECK_FALSE(db.ops.empty());
        for (const TunedOp& op : db.ops) {
            CHECK((!op.schedule || op.us <= op.rule_us));
        }
    }
}
