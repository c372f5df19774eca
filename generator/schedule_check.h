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

} // namespace resnetc
