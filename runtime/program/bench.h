// --bench: timing of repeated runs.
//
// Included by main and report. A number of runs goes in, a Timing comes out.
#pragma once

#include "session.h"

namespace resnetc {

// Wall-clock milliseconds of one run, which is one full batch; preprocessing is not in it.
struct Timing {
    int runs = 0;
    double median_ms = 0; // mean of the two middle ones where `runs` is even
    double p90_ms = 0;    // nearest rank: the smallest that at least 90 % of the runs reach
    double min_ms = 0;
};

// Runs the network `runs` (>= 1) times after a warm-up of at least three runs and 50 ms, on the
// image file `path` in every place of the batch, or on a synthetic picture where it is NULL.
// Errors: load_image's, a model that takes no photographs (with `path`), a failing run. A warning
// about the file goes to stderr.
bool measure(Session& session, const char* path, int runs, Timing& timing, Error& error);

// Statistics of `count` (>= 1) times in ms; sorts them. Separate so that it can be tested.
Timing summarise(double* times, int count);

} // namespace resnetc
