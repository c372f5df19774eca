// The schedules that the tuner tries for an op. Included by the tuner.
//
// In: an op and a target. Out: a list in the order in which to try them, the most promising first;
// the same for the same version of resnetc, so that a later run can go on where one stopped.
#pragma once

#include "fused_graph.h"
#include "schedule.h"
#include "target.h"

#include <string>
#include <vector>

namespace resnetc {

// Valid schedules of `op` (a conv, stem or fc) without the rule's own for so many threads. With
// more than one also in what pieces they take the work.
std::vector<Schedule> candidate_schedules(const Op& op, const Target& target, int threads);

// Eight hexadecimal digits that change with the list.
std::string digest(const std::vector<Schedule>& candidates);

} // namespace resnetc
