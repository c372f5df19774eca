#include "session.h"

#include "pages.h"

namespace resnetc {
namespace {

bool check_status(const Session& session, int status, Error& error) {
    if (status == 0)
        return true;
    return fail(error, exit_model, "the model failed: %s", session.model->status_string(status));
}

bool start_threads(const ResnetcModel& model, int threads, Session& session, Error& error) {
    if (threads == 1)
        return true;
    if (!model.start_threads)
        return fail(error, exit_usage,
                    "--threads %d: this program was built for one thread (resnetc build --serial)",
                    threads);
    const char* reason = model.start_threads(threads, &session.parallel);
    if (reason)
        return fail(error, exit_model, "--threads %d: %s", threads, reason);
    session.threads = threads;
    return true;
}

} // namespace

const void* find_weights(const ResnetcModel& model, Error& error) {
    if (!model.embedded_weights)
        fail(error, exit_model, "this program carries no weights");
    return model.embedded_weights;
}

bool open_session(const ResnetcModel& model, int threads, Session& session, Error& error) {
    session.model = &model;
    session.weights = find_weights(model, error);
    if (!session.weights || !start_threads(model, threads, session, error))
        return false;
    const size_t arena_bytes =
        model.arena_bytes + static_cast<size_t>(session.threads - 1) * model.worker_bytes;
    ask_for_huge_pages(session.weights, model.weights_bytes);
    // Not for the arena: contiguous in memory it was 1 % slower than in scattered pages
    // (ResNet-18).
    if (!session.arena.allocate(arena_bytes, model.arena_alignment))
        return fail(error, exit_model, "not enough memory: the model needs an arena of %zu bytes",
                    arena_bytes);
    if (!session.logits.resize(static_cast<size_t>(model.batch) *
                               static_cast<size_t>(model.classes)))
        return fail(error, exit_model, "not enough memory for the output");
    return true;
}

bool run_pixels(Session& session, const uint8_t* nhwc, Error& error) {
    const ResnetcModel& model = *session.model;
    void* arena = session.arena.data;
    float* logits = session.logits.data;
    int status = session.threads > 1 ? model.run_u8_parallel(session.weights, nhwc, logits, arena,
                                                             &session.parallel)
                                     : model.run_u8(session.weights, nhwc, logits, arena);
    return check_status(session, status, error);
}

bool run_floats(Session& session, const float* nchw, Error& error) {
    const ResnetcModel& model = *session.model;
    void* arena = session.arena.data;
    float* logits = session.logits.data;
    int status = session.threads > 1 ? model.run_f32_parallel(session.weights, nchw, logits, arena,
                                                              &session.parallel)
                                     : model.run_f32(session.weights, nchw, logits, arena);
    return check_status(session, status, error);
}

size_t image_values(const ResnetcModel& model) {
    return static_cast<size_t>(model.channels) * static_cast<size_t>(model.height) *
           static_cast<size_t>(model.width);
}

size_t batch_values(const ResnetcModel& model) {
    return image_values(model) * static_cast<size_t>(model.batch);
}

bool has_map(const ResnetcModel& model) {
    return model.map[0] > 0;
}

} // namespace resnetc
