#include "bench_input.h"

#include "preprocess.h"

#include <cstring>
#include <ctime>

namespace resnetc {
namespace {

// The same noise on every machine (Knuth's MMIX linear congruential generator).
bool make_synthetic(const ResnetcModel& model, BenchInput& input, Error& error) {
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

} // namespace

bool make_input(const ResnetcModel& model, const char* path, BenchInput& input, Error& error) {
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

bool run_once(Session& session, const BenchInput& input, Error& error) {
    return session.model->run_u8 ? run_pixels(session, input.pixels.data, error)
                                 : run_floats(session, input.floats.data, error);
}

double now_ms() {
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

} // namespace resnetc
