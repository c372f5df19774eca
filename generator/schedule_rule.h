// The parts of the rule that chooses a schedule where none is given. Included by
// schedule_rule*.cpp; everybody else calls choose_schedule (plan.h).
#pragma once

#include "fused_graph.h"
#include "schedule.h"
#include "target.h"

#include <optional>

namespace resnetc {

// Whether a tile of so many pixels and blocks of output channels stays in the target's registers.
bool fits_registers(int tile_x, int tile_o, const Target& target);

// How many lines of the next panel of weights each iteration of a tile asks for, so that `tiles`
// tiles ask for all of it. Measured on ResNet-50 with Zen 5: maps of 28 pixels 1-2 % faster, 14:
// 6-8 %, 7: 15-30 %. With more tiles the wait of the first one is less than what asking costs, with
// fewer nothing can hide the wait. Shares that leave lines out are slower than none, as the
// processor's own prefetcher doesn't see a stream any more.
int prefetch_share(const Schedule& s, int64_t tiles);

// The schedule of a Winograd algorithm for `op`, a conv, if one is faster than direct convolution
// on so many threads.
std::optional<Schedule> choose_winograd(const Op& op, const Target& target, int threads);

} // namespace resnetc
