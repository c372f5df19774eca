// How an op is cut into tasks for threads: small enough for the last ones to end together on any
// number of threads, large enough for handing them out not to matter. Nothing depends on the number
// of threads, and no element of the output is computed differently for being in another task.
#include "plan.h"

#include <algorithm>

namespace resnetc {
namespace {

// Multiply-adds of a task: about a microsecond on one core with AVX-512. Handing out a task takes
// 10 to 20 ns, starting and ending an op's tasks 200 to 300 ns.
constexpr int64_t kTaskWork = 65536;

// The loop of which a task takes some iterations, and what one of them costs in multiply-adds.
struct TaskLoop {
    int64_t iterations = 1;
    int64_t work = 1;
    // Two where the last one is smaller: Halide peels it off a loop, but tests for it in a task.
    int64_t least = 1;
    bool divide = false; // only whole tasks
};

// A row of one tile's output channels, or where the map is one long row, a tile of it.
TaskLoop convolution_loop(const Op& op, const Schedule& schedule) {
    const Shape& output = op.output_shape;
    const int64_t taps = int64_t{op.window.kernel} * op.window.kernel;
    const int64_t per_pixel =
        int64_t{schedule.tile_o} * kChannelBlock * (op.input_shape.c / op.groups) * taps;
    if (op.kind == OpKind::fc) {
        return {.iterations = 1, .work = per_pixel};
    }
    if (op.kind == OpKind::stem || op.window != Window{}) {
        return {.iterations = schedule.block_rows > 0 ? schedule.block_rows : output.h,
                .work = per_pixel * output.w};
    }
    const int64_t pixels = output.h * output.w;
    const int64_t tiles = (pixels + schedule.tile_x - 1) / schedule.tile_x;
    const bool whole = pixels % schedule.tile_x == 0;
    return {.iterations = schedule.block_rows > 0 ? schedule.block_rows : tiles,
            .work = per_pixel * schedule.tile_x,
            .least = whole ? 1 : 2,
            .divide = whole};
}

// Pooling waits for memory rather than for arithmetic: an element counts as two multiply-adds.
TaskLoop pooling_loop(const Op& op) {
    const int64_t taps = int64_t{op.window.kernel} * op.window.kernel;
    return {.iterations = op.output_shape.h, .work = 2 * taps * kChannelBlock * op.output_shape.w};
}

TaskLoop loop_of(const Op& op, const Schedule& schedule) {
    switch (op.kind) {
    case OpKind::conv:
    case OpKind::stem:
    case OpKind::fc:
        return convolution_loop(op, schedule);
    case OpKind::global_avg_pool:
        return {.iterations = channel_blocks(op.output_shape.c),
                .work = 2 * kChannelBlock * op.input_shape.h * op.input_shape.w};
    default:
        return pooling_loop(op);
    }
}

} // namespace

bool is_parallel(OpKind kind) {
    switch (kind) {
    case OpKind::conv:
    case OpKind::stem:
    case OpKind::fc:
    case OpKind::max_pool:
    case OpKind::avg_pool:
    case OpKind::global_avg_pool:
        return true;
    default:
        return false; // a microsecond or less
    }
}

bool has_task_rows(OpKind kind, const Schedule& schedule) {
    return is_parallel(kind) && kind != OpKind::fc && !is_winograd(schedule.algorithm);
}

int choose_task_rows(const Op& op, const Schedule& schedule, int /*threads*/) {
    const TaskLoop loop = loop_of(op, schedule);
    const int64_t wanted = std::max(loop.least, (kTaskWork + loop.work - 1) / loop.work);
    int64_t rows = std::min(loop.iterations, wanted);
    while (loop.divide && loop.iterations % rows != 0) {
        ++rows;
    }
    return static_cast<int>(rows);
}

} // namespace resnetc
