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

// The schedule of a Winograd algorithm for `op`, a conv, if one is faster than direct convolution.
std::optional<Schedule> choose_winograd(const Op& op, const Target& target);

} // namespace resnetc
