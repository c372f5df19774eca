// The files of the tuner's executables. Included by the tuner.
//
// In: a TuneModel with its case, or a network in two ways. Out: what the toolchain compiles.
#pragma once

#include "tune_model.h"
#include "tune_toolchain.h"

#include <vector>

namespace resnetc {

// An executable with the variants of one op; variant i is the op's copy i.
TuneProgram op_program(const TuneModel& model, const TuneCase& given);

// A network in which some ops stand twice, right after each other: op i of the network is step
// before[i] as it was and after[i] as it could be.
struct TwoWays {
    TuneModel model;
    std::vector<int> before;
    std::vector<int> after;
};

// `before` and `after`: schedules by signature, for the same threads. Pseudo-random weights.
TwoWays make_two_ways(const Compilation& compilation, const ScheduleDb& before,
                      const ScheduleDb& after);

TuneProgram network_program(const TwoWays& ways);

} // namespace resnetc
