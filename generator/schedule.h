// How one pipeline is computed: its algorithm and the numbers of its schedule. Included by the
// plan, the packer, the emitter and everything that chooses, stores or tries schedules.
#pragma once

namespace resnetc {

enum class Algorithm {
    direct,          // one multiplication a tap
    grouped,         // direct, for groups of 2, 4 or 8 channels: a vector holds several groups
    winograd,        // 3x3 stride 1 in tiles of several outputs; weights transformed when packed
    winograd_raw,    // the same for small maps, weights transformed in registers: a quarter as many
    winograd_stride2 // 3x3 stride 2 in tiles of 2x2 outputs, 25 multiplications for 36
};

// What may differ between two correct ways to compute the same op. The packed weights' layout and
// the scratch memory follow from it. schedule_check.h says which values an op can have.
struct Schedule {
    Algorithm algorithm = Algorithm::direct;
    // Accumulated in registers: pixels of a row (all rows for 1x1 stride 1), of Winograd tiles.
    int tile_x = 1;
    int tile_o = 1;    // blocks of 16 output channels beside them; divides the number of blocks
    int unroll_ci = 4; // input channels per iteration; divides 16
    // Weights that are asked for in advance; 0: none. Direct: so many cache lines of the next ones
    // by each iteration. Winograd: so many cache lines ahead of reading; winograd_raw, which asks
    // for the next chunk: any number.
    int prefetch = 0;
    // Rows that are computed for all output channels before the next ones; 0: all rows. Winograd:
    // rows of tiles, each block a call of the pipeline. Direct: rows of the map (of 1x1 stride 1,
    // where all rows are one, tiles: a divisor of their number); only without prefetch.
    int block_rows = 0;
    // Winograd only; 0 otherwise.
    int winograd_x = 0; // outputs of a tile along x, 2 to 6; stride 2: 2
    int winograd_y = 0; // and along y
    int chunks = 0;     // raw: parts of the input channels, one after the other; divides the blocks
    int block_images = 0; // images per call; divides N, and is 1 unless block_rows is 0
    // Rows of one tile's output channels (or of a pool's block of channels) that a thread takes at
    // a time; of 1x1 stride 1, where all rows are one, tiles; of global pooling, blocks of
    // channels. 0: as the rule says. Without a meaning in a serial build.
    int task_rows = 0;
    friend bool operator==(const Schedule&, const Schedule&) = default;
};

// One of the Winograd algorithms, which round where direct convolution may be exact.
constexpr bool is_winograd(Algorithm algorithm) {
    return algorithm == Algorithm::winograd || algorithm == Algorithm::winograd_raw ||
           algorithm == Algorithm::winograd_stride2;
}

const char* to_string(Algorithm algorithm);

} // namespace resnetc
