#include "schedule_check.h"

#include "plan.h"
#include "winograd.h"

namespace resnetc {
namespace {

std::string expected(const std::string& name, int64_t value, const std::string& what) {
    return name + " is " + std::to_string(value) + ", expected " + what;
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

std::string direct_problem(const Schedule& s) {
    if (s.winograd_x != 0 || s.winograd_y != 0 || s.block_rows != 0 || s.block_images != 0) {
        return std::string("the algorithm is ") + to_string(s.algorithm) +
               ", expected no numbers of Winograd";
    }
    return "";
}

std::string grouped_problem(const Op& op, const Schedule& s) {
    if (op.kind != OpKind::conv || op.residual >= 0 || narrow_group(op) == 0) {
        return "expected a convolution in groups of 2, 4 or 8 channels, without a residual";
    }
    if (s.tile_o != 1 || s.prefetch != 0) {
        return "the algorithm is grouped, expected tile_o 1 and prefetch 0";
    }
    return direct_problem(s);
}

std::string winograd_tile_problem(const std::string& name, int tile, int64_t size) {
    if (tile < 2 || tile > kMaxWinogradTile) {
        return expected(name, tile, "2 to " + std::to_string(kMaxWinogradTile));
    }
    return tile > size ? expected(name, tile, "at most " + std::to_string(size) + " outputs") : "";
}

std::string winograd_problem(const Op& op, const Schedule& s) {
    if (op.kind != OpKind::conv || op.window.kernel != 3 || op.window.stride != 1 ||
        op.groups != 1) {
        return "Winograd needs a 3x3 convolution with stride 1 and without groups";
    }
    const Shape& output = op.output_shape;
    for (const std::string& problem :
         {winograd_tile_problem("winograd_x", s.winograd_x, output.w),
          winograd_tile_problem("winograd_y", s.winograd_y, output.h)}) {
        if (!problem.empty()) {
            return problem;
        }
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

} // namespace

int narrow_group(const Op& op) {
    const int64_t size = op.input_shape.c / op.groups;
    const bool narrow = size == 2 || size == 4 || size == 8;
    return op.groups > 1 && narrow && op.output_shape.c / op.groups == size ? static_cast<int>(size)
                                                                            : 0;
}

std::string schedule_problem(const Op& op, const Schedule& schedule, const Target& target) {
    const int registers = schedule.tile_x * schedule.tile_o * registers_per_block(target);
    const std::string problem = tile_problem(op, schedule);
    if (!problem.empty()) {
        return problem;
    }
    if (registers >= target.vector_registers) {
        return "a tile takes " + std::to_string(registers) + " registers, expected fewer than " +
               std::to_string(target.vector_registers);
    }
    switch (schedule.algorithm) {
    case Algorithm::direct:
        return direct_problem(schedule);
    case Algorithm::grouped:
        return grouped_problem(op, schedule);
    case Algorithm::winograd:
        return winograd_problem(op, schedule);
    }
    return "unknown algorithm";
}

const char* to_string(Algorithm algorithm) {
    switch (algorithm) {
    case Algorithm::direct:
        return "direct";
    case Algorithm::grouped:
        return "grouped";
    case Algorithm::winograd:
        return "winograd";
    }
    return "?";
}

} // namespace resnetc
