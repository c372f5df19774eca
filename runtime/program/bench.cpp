#include "bench.h"

#include "preprocess.h"

#include <cstdlib>
#include <cstring>
#include <ctime>

namespace resnetc {
namespace {

double now_ms() {
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

int compare_times(const void* a, const void* b) {
    double x = *static_cast<const double*>(a), y = *static_cast<const double*>(b);
    return x < y ? -1 : x > y;
}

// One full batch of input, of the type the model takes.
struct Input {
    Array<uint8_t> pixels;
    Array<float> floats; // used where the model takes no pixels
};

bool run_once(Session& session, const Input& input, Error& error) {
    return session.model->run_u8 ? run_pixels(session, input.pixels.data, error)
                                 : run_floats(session, input.floats.data, error);
}

// The same noise on every machine (Knuth's MMIX linear congruential generator).
bool make_synthetic(const ResnetcModel& model, Input& input, Error& error) {
    size_t count = batch_values(model);
    if (model.run_u8 ? !input.pixels.resize(count) : !input.floats.resize(count))
        return fail(error, exit_model, "not enough memory for the input");
    uint64_t state = 1;
    for (size_t i = 0; i < count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint8_t value = static_cast<uint8_t>(state >> 56);
        if (model.run_u8)
            input.pixels[i] = value;
        else
            input.floats[i] = static_cast<float>(value) / 64.0f - 2.0f;
    }
    return true;
}

bool make_input(const ResnetcModel& model, const char* path, Input& input, Error& error) {
    if (!path)
        return make_synthetic(model, input, error);
    if (const char* reason = no_images_reason(model))
        return fail(error, "%s", reason);
    size_t one = image_values(model);
    if (!input.pixels.resize(batch_values(model)))
        return fail(error, exit_model, "not enough memory for the input");
    char warning[200];
    if (!load_image(model, path, input.pixels.data, warning, error))
        return false;
    if (warning[0])
        print_message(model.name, path, "warning", warning);
    for (size_t i = 1; i < static_cast<size_t>(model.batch); i++)
        memcpy(input.pixels.data + i * one, input.pixels.data, one);
    return true;
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
    return timing;
}

bool measure(Session& session, const char* path, int runs, Timing& timing, Error& error) {
    Input input;
    Array<double> times;
    if (!make_input(*session.model, path, input, error))
        return false;
    if (!times.resize(static_cast<size_t>(runs)))
        return fail(error, exit_model, "not enough memory for %d times", runs);
    double start = now_ms();
    for (int i = 0; i < 3 || now_ms() - start < 50.0; i++)
        if (!run_once(session, input, error))
            return false;
    for (int i = 0; i < runs; i++) {
        double before = now_ms();
        if (!run_once(session, input, error))
            return false;
        times[static_cast<size_t>(i)] = now_ms() - before;
    }
    timing = summarise(times.data, runs);
    return true;
}

} // namespace resnetc
