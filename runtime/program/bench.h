// --bench: timing of repeated runs.
//
// Included by main and report. A number of runs goes in, a Timing comes out.
#pragma once

#include "bench_input.h"

namespace resnetc {

// Wall-clock milliseconds of one run, which is one full batch; preprocessing is not in it.
struct Timing {
    int runs = 0;
    double median_ms = 0; // mean of the two middle ones where `runs` is even
    double p90_ms = 0;    // nearest rank: the smallest that at least 90 % of the runs reach
    double min_ms = 0;
    double mean_ms = 0;
    double max_ms = 0;
    int warm_up_runs = 0; // before those that count
};

// Runs the network `runs` (>= 1) times after a warm-up, on make_input's input for `path`.
// Errors: make_input's, a failing run.
bool measure(Session& session, const char* path, int runs, Timing& timing, Error& error);

// At least three runs and 50 ms; `runs` says how many it were. Error: a failing run.
bool warm_up(Session& session, const BenchInput& input, int& runs, Error& error);

// Statistics of `count` (>= 1) times in ms; sorts them. Separate so that it can be tested.
Timing summarise(double* times, int count);

} // namespace resnetc
