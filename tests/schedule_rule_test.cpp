// What the rule chooses for several threads: blocks of rows, smaller tiles of Winograd, how large
// the pieces of a thread are; and what is refused. That all of it computes the right thing is in
// op_exactness_test.cpp.
#include "plan.h"
#include "schedule_check.h"

#include "catch.h"

using namespace resnetc;

namespace {

Op convolution(const Shape& input, int64_t outputs, const Window& window) {
    Op op{.kind = OpKind::conv, .name = "conv"};
    op.window = window;
    op.input_shape = input;
    op.output_shape = {input.n, outputs, (input.h - 1) / window.stride + 1,
                       (input.w - 1) / window.stride + 1};
    return op;
}

const Window kPointwise{};
const Window kHalving{.kernel = 1, .stride = 2, .padding = {}};

Schedule chosen(const Op& op, int threads, const char* target = "zen4") {
    const Schedule s = choose_direct(op, find_target(target), threads);
    CHECK(schedule_problem(op, s, find_target(target)) == "");
    return s;
}

} // namespace

TEST_CASE("the rule computes blocks of rows where several threads or many images make it pay") {
    const Op large = convolution({1, 256, 56, 56}, 64, kPointwise);
    CHECK(chosen(large, 1).block_rows == 0);
    CHECK(chosen(large, 2).block_rows > 0);
    CHECK(chosen(large, 2).block_rows < 224); // tiles
    CHECK(chosen(convolution({8, 256, 56, 56}, 64, kPointwise), 1).block_rows > 0);

    const Op halving = convolution({8, 64, 56, 56}, 256, kHalving);
    CHECK(28 % chosen(halving, 1).block_rows == 0);

    // Its weights would be read from memory again and again.
    const Op heavy = convolution({1, 1024, 14, 14}, 512, kPointwise);
    CHECK(chosen(heavy, 2).block_rows == 0);
    CHECK(chosen(heavy, 2).prefetch > 0);
}

TEST_CASE("the rule spares the memory that threads share where Winograd's weights come from it") {
    const auto weights_of_a_channel = [](const Op& op, int threads) {
        const Schedule s = choose_schedule(op, find_target("zen4"), threads);
        CHECK(s.algorithm == Algorithm::winograd);
        return (s.winograd_x + 2) * (s.winograd_y + 2);
    };
    const Window window{.kernel = 3, .stride = 1, .padding = {1, 1, 1, 1}};
    const Op large = convolution({1, 256, 14, 14}, 256, window);
    CHECK(weights_of_a_channel(large, 2) < weights_of_a_channel(large, 1));
    // Each thread has these in its own cache.
    const Op small = convolution({1, 64, 8, 8}, 64, window);
    CHECK(weights_of_a_channel(small, 2) == weights_of_a_channel(small, 1));
}

TEST_CASE("an incomplete tile at the end of a map is never a task of its own") {
    const Op op = convolution({1, 1024, 14, 14}, 256, kPointwise); // 196 pixels
    const Schedule tiles_of_6{.tile_x = 6};
    const Schedule tiles_of_7{.tile_x = 7};
    CHECK(choose_task_rows(op, tiles_of_6, 1) == 2);
    CHECK(choose_task_rows(op, tiles_of_7, 1) == 1);
    const Op light = convolution({1, 64, 14, 14}, 256, kPointwise);
    CHECK(choose_task_rows(light, tiles_of_7, 1) == 14); // divides 28 tiles
    CHECK(choose_task_rows(light, {.tile_x = 7, .block_rows = 4}, 1) == 4);
}

TEST_CASE("blocks of rows that a direct convolution cannot have are refused with the reason") {
    const Target target = find_target("zen4");
    const Op pointwise = convolution({1, 64, 14, 14}, 64, kPointwise);
    const auto with = [&](const Op& op, Schedule s) {
        s.unroll_ci = 4;
        return schedule_problem(op, s, target);
    };
    CHECK(with(pointwise, {.tile_x = 7, .block_rows = 4}).empty());
    CHECK(with(pointwise, {.tile_x = 7, .block_rows = 5}) ==
          "block_rows is 5, expected to divide the 196 pixels into whole tiles");
    CHECK(with(pointwise, {.tile_x = 7, .prefetch = 1, .block_rows = 4}) ==
          "block_rows is 4, expected 0 but for convolutions without prefetch");
    const Op halving = convolution({1, 64, 14, 14}, 64, kHalving);
    CHECK(with(halving, {.tile_x = 7, .block_rows = 5}).empty());
    CHECK(with(halving, {.tile_x = 7, .block_rows = 8}) ==
          "block_rows is 8, expected at most 7 rows");
    Op fc = convolution({1, 64, 1, 1}, 64, kPointwise);
    fc.kind = OpKind::fc;
    CHECK(with(fc, {.block_rows = 1}) ==
          "block_rows is 1, expected 0 but for convolutions without prefetch");
}
