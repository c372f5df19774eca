// The search for one op's schedule. Included by the tuner.
#pragma once

#include "tune_model.h"
#include "tune_runner.h"
#include "tune_toolchain.h"

#include <string>
#include <vector>

namespace resnetc {

// An op of one of the networks and how far its search has come.
struct TuneOp {
    const Compilation* network = nullptr;
    size_t index = 0; // of the op there
    std::string name; // its signature
    int threads = 1;
    Schedule rule;
    std::vector<Schedule> candidates;
    std::string list; // their digest
    TuneCase given;   // made when the op is tried first
    bool has_case = false;
    TunedOp entry; // what is known; without a tool: nothing yet
};

// Tries the next few candidates: checks them, times them one by one, and lets the best ones, what
// was best so far and the rule's schedule alternate. Updates op.entry. `ms`: milliseconds for each
// of these steps. Throws ToolError if a tool fails or the user stops it; op.entry is then as it
// was.
void try_next(TuneOp& op, TuneToolchain& toolchain, const TuneRunner& runner, double ms);

// How the entry with the lowest index of `rounds` (a duel) that nothing beats by more than the
// noise compares: the index of the winner. The first is the one to be beaten.
size_t winner(const std::vector<std::vector<double>>& rounds);

// The middle of the values; there must be one.
double median(std::vector<double> values);

} // namespace resnetc
