// What --bench and --profile run the network on, and their clock.
//
// Included by bench and profile.
#pragma once

#include "session.h"

namespace resnetc {

// One full batch of input, of the type the model takes.
struct BenchInput {
    Array<uint8_t> pixels;
    Array<float> floats; // used where the model takes no pixels
};

// The image file `path` in every place of the batch, or synthetic noise, the same on every machine,
// where it is NULL. A warning about the file goes to stderr.
// Errors: load_image's, a model that takes no photographs (with `path`), no memory.
bool make_input(const ResnetcModel& model, const char* path, BenchInput& input, Error& error);

// One run of the network into session.logits.
bool run_once(Session& session, const BenchInput& input, Error& error);

// Milliseconds of a clock that only goes forward.
double now_ms();

} // namespace resnetc
