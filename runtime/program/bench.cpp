#include "bench.h"

#include "bench_input.h"

#include <cstdlib>

namespace resnetc {
namespace {

int compare_times(const void* a, const void* b) {
    double x = *static_cast<const double*>(a), y = *static_cast<const double*>(b);
    return x < y ? -1 : x > y;
}

} // namespace

Timing summarise(double* times, int count) {
    size_t n = static_cast<size_t>(count);
    qsort(times, n, sizeof *times, compare_times);
    Timing timing;
    timing.runs = count;
    timing.median_ms = (times[(n - 1) / 2] + times[n / 2]) / 2.0;
    timing.p90_ms = times[(n * 9 + 9) / 10 - 1];
    timing.min_ms = times[0];
    timing.max_ms = times[n - 1];
    for (size_t i = 0; i < n; i++)
        timing.mean_ms += times[i] / count;
    return timing;
}

bool warm_up(Session& session, const BenchInput& input, int& runs, Error& error) {
    double start = now_ms();
    for (runs = 0; runs < 3 || now_ms() - start < 50.0; runs++)
        if (!run_once(session, input, error))
            return false;
    return true;
}

bool measure(Session& session, const char* path, int runs, Timing& timing, Error& error) {
    BenchInput input;
    Array<double> times;
    int warm_ups = 0;
    if (!make_input(*session.model, path, input, error))
        return false;
    if (!times.resize(static_cast<size_t>(runs)))
        return fail(error, exit_model, "not enough memory for %d times", runs);
    if (!warm_up(session, input, warm_ups, error))
        return false;
    for (int i = 0; i < runs; i++) {
        double before = now_ms();
        if (!run_once(session, input, error))
            return false;
        times[static_cast<size_t>(i)] = now_ms() - before;
    }
    timing = summarise(times.data, runs);
    timing.warm_up_runs = warm_ups;
    return true;
}

} // namespace resnetc
