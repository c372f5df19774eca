// A plan for people (`resnetc plan`) and for scripts (--json, and the hash in the manifest).
#pragma once

#include "plan.h"

#include <nlohmann/json.hpp>

#include <string>

namespace resnetc {

// {"target","arena_bytes","lower_bound_bytes","weights_bytes","scratch_bytes","tensors":[{"name",
// "shape","offset","bytes","first_op","last_op"}],"ops":[{"name","pipeline",...}],"pipelines":[...]}.
nlohmann::ordered_json plan_json(const FusedGraph& graph, const Plan& plan);

// One row a tensor, then a map: a line an op, a column a stretch of the arena, a letter a tensor.
// `columns` is the map's width in characters.
std::string plan_text(const FusedGraph& graph, const Plan& plan, int columns = 64);

} // namespace resnetc
