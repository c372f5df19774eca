#include "schedule_check.h"

#include "plan.h"
#include "winograd.h"

#include <tuple>

namespace resnetc {
namespace {

std::string expected(const std::string& name, int64_t value, const std::string& what) {
    return name + " is " + std::to_string(value) + ", expected " + what;
}

std::string too_many_registers(int64_t registers, const Target& target) {
    return "a tile takes " + std::to_string(registers) + " registers, expected fewer than " +
           std::to_string(target.vector_registers);
}

std::string tile_problem(const Op& op, const Schedule& s) {
    if (s.tile_x < 1) {
        return expected("tile_x", s.tile_x, "at least 1");
    }
    const int64_t blocks = group_bundle(op.input_shape.c, op.output_shape.c, op.groups).out_blocks;
    if (s.tile_o < 1 || blocks % s.tile_o != 0) {
        return expected("tile_o", s.tile_o,
                        "a divisor of " + std::to_string(blocks) + " output blocks");
    }
    if (s.unroll_ci < 1 || kChannelBlock % s.unroll_ci != 0) {
        return expected("unroll_ci", s.unroll_ci, "a divisor of " + std::to_string(kChannelBlock));
    }
    return "";
}

// A task is some of the rows of the map, and of 1x1 stride 1, where all rows are one, of its tiles.
std::string task_problem(const Op& op, const Schedule& s) {
    if (!has_task_rows(op.kind, s)) {
        return s.task_rows != 0
                   ? expected("task_rows", s.task_rows, "0: threads don't take rows of this op")
                   : "";
    }
    const Shape& output = op.output_shape;
    const bool flat =
        op.kind == OpKind::conv && op.window == Window{} && s.algorithm == Algorithm::direct;
    const int64_t all = flat ? (output.h * output.w + s.tile_x - 1) / s.tile_x : output.h;
    const int64_t rows = s.block_rows > 0 ? s.block_rows : all;
    return s.task_rows < 0 || s.task_rows > rows
               ? expected("task_rows", s.task_rows, "0 to " + std::to_string(rows))
               : "";
}

std::string no_winograd_problem(const Schedule& s) {
    if (s.winograd_x != 0 || s.winograd_y != 0 || s.block_images != 0 || s.chunks != 0) {
        return std::string("the algorithm is ") + to_string(s.algorithm) +
               ", expected no numbers of Winograd";
    }
    return "";
}

std::string direct_problem(const Op& op, const Schedule& s) {
    if (s.block_rows == 0 || !no_winograd_problem(s).empty()) {
        return no_winograd_problem(s);
    }
    if (op.kind != OpKind::conv || s.prefetch != 0) {
        return expected("block_rows", s.block_rows, "0 but for convolutions without prefetch");
    }
    const Shape& output = op.output_shape;
    if (op.window != Window{}) {
        return s.block_rows > output.h ? expected("block_rows", s.block_rows,
                                                  "at most " + std::to_string(output.h) + " rows")
                                       : "";
    }
    const int64_t pixels = output.h * output.w;
    return pixels % (int64_t{s.tile_x} * s.block_rows) != 0
               ? expected("block_rows", s.block_rows,
                          "to divide the " + std::to_string(pixels) + " pixels into whole tiles")
               : "";
}

std::string grouped_problem(const Op& op, const Schedule& s) {
    if (op.kind != OpKind::conv || op.residual >= 0 || narrow_group(op) == 0) {
        return "expected a convolution in groups of 2, 4 or 8 channels, without a residual";
    }
    if (s.tile_o != 1 || s.prefetch != 0 || s.block_rows != 0) {
        return "the algorithm is grouped, expected tile_o 1, prefetch 0 and block_rows 0";
    }
    return no_winograd_problem(s);
}

std::string winograd_tile_problem(const std::string& name, int tile, int64_t size) {
    if (tile < 2 || tile > kMaxWinogradTile) {
        return expected(name, tile, "2 to " + std::to_string(kMaxWinogradTile));
    }
    return tile > size ? expected(name, tile, "at most " + std::to_string(size) + " outputs") : "";
}

// What both forms of Winograd need.
std::string winograd_shape_problem(const Op& op, const Schedule& s) {
    const int stride = s.algorithm == Algorithm::winograd_stride2 ? 2 : 1;
    if (op.kind != OpKind::conv || op.window.kernel != 3 || op.window.stride != stride ||
        op.groups != 1) {
        return std::string(to_string(s.algorithm)) + " needs a 3x3 convolution with stride " +
               std::to_string(stride) + " and without groups";
    }
    const Shape& output = op.output_shape;
    for (const std::string& problem :
         {winograd_tile_problem("winograd_x", s.winograd_x, output.w),
          winograd_tile_problem("winograd_y", s.winograd_y, output.h)}) {
        if (!problem.empty()) {
            return problem;
        }
    }
    return s.prefetch < 0 ? expected("prefetch", s.prefetch, "at least 0") : "";
}

std::string winograd_problem(const Op& op, const Schedule& s) {
    const Shape& output = op.output_shape;
    if (s.chunks != 0) {
        return expected("chunks", s.chunks, "0: only winograd_raw has chunks");
    }
    if (s.algorithm == Algorithm::winograd_stride2 &&
        (s.winograd_x != 2 || s.winograd_y != 2 || s.prefetch != 0)) {
        return "winograd_stride2 has tiles of 2x2, expected winograd_x and winograd_y to be 2 and "
               "prefetch to be 0";
    }
    const int64_t tile_rows = (output.h + s.winograd_y - 1) / s.winograd_y;
    if (s.block_rows < 0 || s.block_rows > tile_rows) {
        return expected("block_rows", s.block_rows,
                        "0 to " + std::to_string(tile_rows) + " tile rows");
    }
    if (s.block_images < 1 || output.n % s.block_images != 0) {
        return expected("block_images", s.block_images,
                        "a divisor of " + std::to_string(output.n) + " images");
    }
    if (s.block_rows > 0 && s.block_images > 1) {
        return expected("block_images", s.block_images, "1 where block_rows is not 0");
    }
    return "";
}

// Of winograd_raw's stack: the products of 16 output channels and their map. A quarter of the 16
// KiB that a function may take is left to what the compiler spills.
constexpr int64_t kRawStackBytes = 12'288;

// Two tiles an axis at most: their products lie on the stack.
std::string winograd_raw_problem(const Op& op, const Schedule& s, const Target& target) {
    for (const auto& [name, tile, size] :
         {std::tuple("winograd_x", s.winograd_x, op.output_shape.w),
          std::tuple("winograd_y", s.winograd_y, op.output_shape.h)}) {
        if (size > int64_t{2} * tile) {
            return expected(name, tile, "at least half of " + std::to_string(size) + " outputs");
        }
    }
    const int64_t in_blocks = channel_blocks(op.input_shape.c);
    if (s.chunks < 1 || in_blocks % s.chunks != 0) {
        return expected("chunks", s.chunks,
                        "a divisor of " + std::to_string(in_blocks) + " input blocks");
    }
    if (s.tile_x != 1 || s.tile_o != 1 || s.block_rows != 0 || s.block_images != 1) {
        return "winograd_raw computes whole images one by one, expected tile_x, tile_o and "
               "block_images to be 1 and block_rows to be 0";
    }
    // Accumulators of one row of slots and its transformed weights, one vector each.
    const auto slots = [](int tile, int64_t size) { return size + 2 * ((size + tile - 1) / tile); };
    const int64_t rows = (op.output_shape.h + s.winograd_y - 1) / s.winograd_y;
    const int64_t registers = (slots(s.winograd_x, op.output_shape.w) * rows + s.winograd_x + 2) *
                              registers_per_block(target);
    if (registers >= target.vector_registers) {
        return too_many_registers(registers, target);
    }
    const int64_t stack =
        (slots(s.winograd_x, op.output_shape.w) * slots(s.winograd_y, op.output_shape.h) +
         op.output_shape.w * op.output_shape.h) *
        kChannelBlock * 4;
    return stack > kRawStackBytes
               ? "the products take " + std::to_string(stack) +
                     " bytes of stack, expected at most " + std::to_string(kRawStackBytes)
               : "";
}

} // namespace

int narrow_group(const Op& op) {
    const int64_t size = op.input_shape.c / op.groups;
    const bool narrow = size == 2 || size == 4 || size == 8;
    return op.groups > 1 && narrow && op.output_shape.c / op.groups == size ? static_cast<int>(size)
                                                                            : 0;
}

std::string schedule_problem(const Op& op, const Schedule& schedule, const Target& target) {
    const int64_t registers =
        int64_t{schedule.tile_x} * schedule.tile_o * registers_per_block(target);
    std::string problem = tile_problem(op, schedule);
    if (!problem.empty()) {
        return problem;
    }
    if (registers >= target.vector_registers) {
        return too_many_registers(registers, target);
    }
    problem = task_problem(op, schedule);
    if (!problem.empty()) {
        return problem;
    }
    switch (schedule.algorithm) {
    case Algorithm::direct:
        return direct_problem(op, schedule);
    case Algorithm::grouped:
        return grouped_problem(op, schedule);
    case Algorithm::winograd:
    case Algorithm::winograd_raw:
    case Algorithm::winograd_stride2:
        break;
    }
    std::string shape_problem = winograd_shape_problem(op, schedule);
    if (!shape_problem.empty()) {
        return shape_problem;
    }
    return schedule.algorithm == Algorithm::winograd_raw
               ? winograd_raw_problem(op, schedule, target)
               : winograd_problem(op, schedule);
}

const char* to_string(Algorithm algorithm) {
    switch (algorithm) {
    case Algorithm::direct:
        return "direct";
    case Algorithm::grouped:
        return "grouped";
    case Algorithm::winograd:
        return "winograd";
    case Algorithm::winograd_raw:
        return "winograd_raw";
    case Algorithm::winograd_stride2:
        return "winograd_stride2";
    }
    return "?";
}

} // namespace resnetc
