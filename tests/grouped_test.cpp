// Convolutions in narrow groups: when they are chosen, what is refused, the order of the weights.
// That they compute the right thing is in op_exactness_test.cpp.
#include "pack.h"
#include "plan.h"
#include "schedule_check.h"

#include "catch.h"

#include <numeric>

using namespace resnetc;

namespace {

Op grouped_convolution(int64_t channels, int groups, int stride) {
    Op op;
    op.kind = OpKind::conv;
    op.name = "conv";
    op.groups = groups;
    op.input_shape = {1, channels, 28, 28};
    op.output_shape = {1, channels, 28 / stride, 28 / stride};
    op.window = {.kernel = 3, .stride = stride, .padding = {1, 1, 1, 1}};
    op.conv_layer = 0;
    return op;
}

std::string problem(const Op& op, const Schedule& schedule) {
    return schedule_problem(op, schedule, find_target("x86-64-v4"));
}

Algorithm chosen(const Op& op) {
    return choose_schedule(op, find_target("x86-64-v4"), 1).algorithm;
}

} // namespace

TEST_CASE("groups that fill a block of 16 together share a vector") {
    CHECK(chosen(grouped_convolution(128, 32, 1)) == Algorithm::grouped); // 4 channels each
    CHECK(chosen(grouped_convolution(128, 32, 2)) == Algorithm::grouped);
    CHECK(chosen(grouped_convolution(256, 32, 1)) == Algorithm::grouped); // 8
    CHECK(chosen(grouped_convolution(256, 32, 2)) == Algorithm::direct);
    CHECK(chosen(grouped_convolution(512, 32, 1)) == Algorithm::direct); // 16
    CHECK(chosen(grouped_convolution(96, 32, 1)) == Algorithm::direct);  // 3
    for (const char* target : {"x86-64-v4", "x86-64-v3", "x86-64"}) {
        const Op op = grouped_convolution(128, 32, 1);
        const Target found = find_target(target);
        CHECK(schedule_problem(op, choose_schedule(op, found, 1), found) == "");
    }
}

TEST_CASE("schedules of narrow groups that an op cannot have are refused with the reason") {
    const Op op = grouped_convolution(128, 32, 1);
    const Schedule schedule{.algorithm = Algorithm::grouped, .tile_x = 8};
    const std::string which =
        "expected a convolution in groups of 2, 4 or 8 channels, without a residual";
    CHECK(problem(op, schedule) == "");
    CHECK(problem(grouped_convolution(128, 1, 1), schedule) == which);
    CHECK(problem(grouped_convolution(512, 32, 1), schedule) == which);
    Op added = op;
    added.residual = 0;
    CHECK(problem(added, schedule) == which);
    Op wider = op;
    wider.output_shape.c = 256; // 4 channels to 8
    CHECK(problem(wider, schedule) == which);
    const auto with = [&](auto change) {
        Schedule s = schedule;
        change(s);
        return problem(op, s);
    };
    CHECK(with([](Schedule& s) { s.prefetch = 1; }) ==
          "the algorithm is grouped, expected tile_o 1, prefetch 0 and block_rows 0");
    CHECK(with([](Schedule& s) { s.winograd_x = 4; }) ==
          "the algorithm is grouped, expected no numbers of Winograd");
}

TEST_CASE("weights of narrow groups are packed by block, tap, input of the group, output") {
    const Op op = grouped_convolution(24, 6, 1); // 4 channels each, the last block half full
    Pipeline pipeline{.name = "conv", .kind = op.kind};
    pipeline.input = op.input_shape;
    pipeline.output = op.output_shape;
    pipeline.window = op.window;
    pipeline.groups = op.groups;
    pipeline.schedule = choose_schedule(op, find_target("x86-64-v4"), 1);
    REQUIRE(pipeline.schedule.algorithm == Algorithm::grouped);
    std::vector<double> weight(24 * 4 * 9);
    std::iota(weight.begin(), weight.end(), 1.0);
    std::vector<float> packed(2 * 9 * 4 * 16, -1.0F);
    pack_conv(weight, pipeline, packed);
    for (size_t at = 0; at < packed.size(); ++at) {
        const size_t o = at / (9 * 4 * 16) * 16 + at % 16;
        const size_t i = at / 16 % 4;
        const size_t tap = at / (4 * 16) % 9;
        CHECK(packed[at] == (o < 24 ? static_cast<float>(weight[(o * 4 + i) * 9 + tap]) : 0.0F));
    }
}
