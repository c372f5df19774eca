// A model made ready to run: weights found, arena and logits allocated.
//
// Included by whatever runs the network: classify, bench, logits.
#pragma once

#include "../resnetc_model.h"
#include "error.h"
#include "memory.h"

namespace resnetc {

struct Session {
    const ResnetcModel* model = nullptr;
    const void* weights = nullptr;
    AlignedBlock arena;
    Array<float> logits; // batch * classes, the output of the last run
    int threads = 1;
    ResnetcParallel parallel{}; // with more than one thread
};

// The one place that knows where weights come from. NULL and an error where they are not in the
// program.
const void* find_weights(const ResnetcModel& model, Error& error);

// `threads`: how many run the network, the calling one among them; once a process if more than one.
// Errors: no weights, no memory for the arena; more threads than the model was built for (one, with
// exit_usage) or than the operating system grants.
bool open_session(const ResnetcModel& model, int threads, Session& session, Error& error);

// Runs one full batch into session.logits. The error carries the model's own status text.
bool run_pixels(Session& session, const uint8_t* nhwc, Error& error);
bool run_floats(Session& session, const float* nchw, Error& error);

// Number of values in one image (C*H*W) and in one full batch.
size_t image_values(const ResnetcModel& model);
size_t batch_values(const ResnetcModel& model);

// Whether the output is a map N,C,H,W: the network has no head.
bool has_map(const ResnetcModel& model);

} // namespace resnetc
