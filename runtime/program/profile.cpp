#include "profile.h"

namespace resnetc {
namespace {

double fastest_gflops(const ResnetcModel& model, float* scratch) {
    double best = 0;
    for (double start = now_ms(); now_ms() - start < 20.0;) {
        double before = now_ms();
        int64_t operations = model.multiply_adds(scratch);
        double gflops = static_cast<double>(operations) * 1e-6 / (now_ms() - before);
        best = gflops > best ? gflops : best;
    }
    return best;
}

bool run_ops(Session& session, const BenchInput& input, double start, double* row, Error& error) {
    const ResnetcModel& model = *session.model;
    const void* data = model.run_u8 ? static_cast<const void*>(input.pixels.data)
                                    : static_cast<const void*>(input.floats.data);
    row[0] = now_ms() - start;
    for (int i = 0; i < model.op_count; i++) {
        int status = model.run_op(i, session.weights, data, session.logits.data, session.arena.data,
                                  session.threads > 1 ? &session.parallel : nullptr);
        row[i + 1] = now_ms() - start;
        if (status != 0)
            return fail(error, exit_model, "the model failed in %s: %s", model.ops[i].name,
                        model.status_string(status));
    }
    return true;
}

bool allocate(const ResnetcModel& model, int runs, Profile& profile, Array<double>& column) {
    profile.ops = model.op_count;
    profile.runs = runs;
    size_t ops = static_cast<size_t>(model.op_count), rows = static_cast<size_t>(runs);
    return profile.stamps.resize(rows * (ops + 1)) && profile.op_ms.resize(ops) &&
           column.resize(rows);
}

// The time between two stamps of a row, over all rows.
Timing over_runs(const Profile& profile, size_t from, size_t to, Array<double>& column) {
    size_t width = static_cast<size_t>(profile.ops) + 1;
    for (size_t r = 0; r < column.size; r++)
        column[r] = profile.stamps[r * width + to] - profile.stamps[r * width + from];
    return summarise(column.data, profile.runs);
}

} // namespace

const char* no_profile_reason(const ResnetcModel& model) {
    return model.ops ? nullptr
                     : "--profile: this program was compiled without it, expected one made by "
                       "'resnetc build --profile'";
}

bool measure_profile(Session& session, const char* path, int runs, Profile& profile, Error& error) {
    const ResnetcModel& model = *session.model;
    BenchInput input;
    AlignedBlock scratch;
    Array<double> column;
    if (!make_input(model, path, input, error))
        return false;
    if (!scratch.allocate(RESNETC_PEAK_FLOATS * sizeof(float), model.arena_alignment) ||
        !allocate(model, runs, profile, column))
        return fail(error, exit_model, "not enough memory for %d times", runs);
    int warm_ups = 0;
    if (!warm_up(session, input, warm_ups, error))
        return false;
    float* sums = static_cast<float*>(scratch.data);
    profile.peak_gflops = fastest_gflops(model, sums);
    size_t width = static_cast<size_t>(profile.ops) + 1;
    double start = now_ms();
    for (size_t r = 0; r < column.size; r++)
        if (!run_ops(session, input, start, &profile.stamps[r * width], error))
            return false;
    double after = fastest_gflops(model, sums);
    profile.peak_gflops = after > profile.peak_gflops ? after : profile.peak_gflops;
    profile.threads = session.threads;
    profile.peak_gflops *= session.threads;
    for (size_t i = 0; i + 1 < width; i++)
        profile.op_ms[i] = over_runs(profile, i, i + 1, column).median_ms;
    profile.total = over_runs(profile, 0, width - 1, column);
    profile.total.warm_up_runs = warm_ups;
    return true;
}

} // namespace resnetc
