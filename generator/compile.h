// The stages from a spec to a plan in one call. Included by the commands.
#pragma once

#include "fused_graph.h"
#include "plan.h"
#include "spec.h"

#include <string>

namespace resnetc {

// A spec and everything that follows from it and the target.
struct Compilation {
    Spec spec;
    Network network;
    FusedGraph graph;
    Plan plan;
};

// `threads`: see Plan. Throws DiagnosticError.
Compilation compile(const std::string& spec_path, const SpecOverrides& overrides,
                    const std::string& target, const ScheduleSource& schedules = {},
                    bool threads = false);

} // namespace resnetc
