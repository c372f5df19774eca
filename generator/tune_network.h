// The last word on tuned schedules: the whole network with and without them. Included by the tuner.
#pragma once

#include "compile.h"
#include "tune_runner.h"
#include "tune_toolchain.h"

#include <string>
#include <vector>

namespace resnetc {

struct NetworkVerdict {
    double before_us = 0;             // the whole network, median
    double after_us = 0;              //
    std::vector<std::string> dropped; // ops whose new schedule is no faster there
};

// Times a network with the schedules `before` and `after` in turn, for about `ms` milliseconds, and
// takes those of its changed ops that are no faster there back out of `after`. Throws ToolError.
NetworkVerdict judge_network(const Compilation& network, const ScheduleDb& before,
                             ScheduleDb& after, TuneToolchain& toolchain, const TuneRunner& runner,
                             double ms);

} // namespace resnetc
