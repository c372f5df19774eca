// A second opinion on a memory plan: what each op reads and writes, from the fused graph alone.
// Included by plan_test.cpp. Shares no code with the planner, and does not believe its lifetimes or
// sizes.
#pragma once

#include "fused_graph.h"
#include "plan.h"

#include <cstdint>
#include <string>
#include <vector>

namespace resnetc_test {

// Everything that is wrong with where `plan` puts the tensors and constants of `graph`; empty:
// nothing.
//   tensors    inside the arena, on cache lines, in stretches large enough; none that a later op
//   still
//              reads is written over, but a residual by the op that adds to it
//   constants  inside the blob, on cache lines, apart from each other, present where an op needs
//   them
std::vector<std::string> check_plan(const resnetc::FusedGraph& graph, const resnetc::Plan& plan);

// The largest sum of the bytes of live tensors and scratch memory over the ops, a tensor added in
// place counted once.
int64_t largest_live_sum(const resnetc::FusedGraph& graph, const resnetc::Plan& plan);

} // namespace resnetc_test
