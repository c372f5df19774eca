// --profile: the time of every op. Only models compiled with it (`resnetc build --profile`) can.
//
// Included by main. A number of runs goes in, a Profile and its reports come out.
#pragma once

#include "bench.h"

namespace resnetc {

struct Profile {
    int ops = 0;
    int runs = 0;
    int threads = 1;
    // Row r holds, in ms since the first row's start, when run r began and when each of its ops
    // ended: ops + 1 values.
    Array<double> stamps;
    Array<double> op_ms; // median over the runs, by op
    Timing total;        // of whole runs
    // The most GFLOP/s (two a multiply-add) that one thread does on the target's vector registers,
    // measured right before and after the runs: `multiply_adds` for 20 ms each, its fastest call;
    // times the number of threads.
    double peak_gflops = 0;
};

// Why the model cannot be profiled, or NULL.
const char* no_profile_reason(const ResnetcModel& model);

// Runs the network op by op `runs` (>= 1) times after a warm-up, on make_input's input for `path`.
// Errors: make_input's, a failing op, no memory.
bool measure_profile(Session& session, const char* path, int runs, Profile& profile, Error& error);

// A table of the ops in the order of execution with totals, or the same as JSON (report.h says
// how standard output fails):
// {"model","target","batch","threads","runs","warm_up_runs","peak_gflops","median_ms","ops":
// [{"name","pipeline","median_us","macs","gflops","percent_of_peak","bytes","gb_per_s"},...]}.
// Ops without multiply-accumulates have null for gflops and percent_of_peak. GFLOP/s count two
// operations a multiply-accumulate of the layer, so that a faster algorithm may exceed 100 %.
void print_profile(const ResnetcModel& model, const Profile& profile, bool json);

// All runs in Chrome's trace event format (chrome://tracing, Perfetto). Errors: OutputFile's.
bool write_trace(const ResnetcModel& model, const Profile& profile, const char* path, Error& error);

} // namespace resnetc
