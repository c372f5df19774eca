// The one place that knows what belongs to a target. Included by the planner (tile rules), the
// emitter and the command line.
//
// In: a name ("host", "x86-64-v4") and specs/targets/*.yaml. Out: the facts that schedules need.
#pragma once

#include "diagnostics.h"

#include <string>
#include <vector>

namespace resnetc {

struct Target {
    std::string name;       // "x86-64-v4"
    std::string halide;     // Halide target string without runtime features
    int vector_floats = 16; // floats of one vector register
    int vector_registers = 32;
    bool fma = true; // without, a product takes a register of its own before it is added
};

// Vector registers that one 16-channel block of floats takes on this target.
int registers_per_block(const Target& target);

// The target called `name`; "host" resolves to the best that this machine runs. Throws
// DiagnosticError (with the known names) otherwise.
Target find_target(const std::string& name);

// Known names, best first.
std::vector<std::string> target_names();

} // namespace resnetc
