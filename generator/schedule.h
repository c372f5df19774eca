// How one pipeline is computed: its algorithm and the numbers of its schedule. Included by the
// plan, the packer, the emitter and everything that chooses, stores or tries schedules.
#pragma once

namespace resnetc {

enum class Algorithm {
    direct // one multiplication a tap
};

// What may differ between two correct ways to compute the same op. The packed weights' layout and
// the scratch memory follow from it.
struct Schedule {
    Algorithm algorithm = Algorithm::direct;
    int tile_x = 1;    // pixels of a row (all rows for 1x1 stride 1) accumulated in registers
    int tile_o = 1;    // blocks of 16 output channels beside them; divides the number of blocks
    int unroll_ci = 4; // input channels per iteration; divides 16
    friend bool operator==(const Schedule&, const Schedule&) = default;
};

} // namespace resnetc
