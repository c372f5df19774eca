// Which schedules an op can have. Included by the planner and everything that makes schedules up:
// pipelines are compiled without asserts, so a wrong one would be silently wrong.
//
// In: an op and a schedule for it. Out: what is wrong, in words.
#pragma once

#include "fused_graph.h"
#include "schedule.h"
#include "target.h"

#include <string>

namespace resnetc {

// Why `op` (a conv, stem or fc) cannot be computed by `schedule` on `target`, e.g. "tile_o is 3,
// expected a divisor of 4 output blocks"; empty if it can.
std::string schedule_problem(const Op& op, const Schedule& schedule, const Target& target);

// The channels of each group of `op`, on both sides, where several groups fill a block of 16: 2, 4
// or 8. 0: `op` has no such groups.
int narrow_group(const Op& op);

} // namespace resnetc
