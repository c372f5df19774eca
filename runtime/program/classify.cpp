#include "classify.h"

#include "preprocess.h"

#include <cstring>

namespace resnetc {
namespace {

// An image waiting for its group to be full, or a failure waiting for its turn to be printed.
struct Pending {
    const char* path;
    int slot; // place in the batch; -1: failed
    Error error;
};

// The state of one classify call.
struct Group {
    Session& session;
    ResultWriter writer;
    Array<uint8_t> pixels; // the batch
    Array<Pending> pending;
    Array<Score> best;
    size_t waiting = 0; // entries of `pending` in use
    int slots = 0;      // images in the batch
    ExitCode worst = exit_ok;
    Error output; // why standard output failed
};

void note(Group& group, const char* path, const Error& error) {
    print_message(group.session.model->name, path, "error", error.text);
    if (error.code > group.worst)
        group.worst = error.code;
}

void print_slot(Group& group, const Pending& entry) {
    const ResnetcModel& model = *group.session.model;
    const float* values = group.session.logits.data +
                          static_cast<size_t>(entry.slot) * static_cast<size_t>(model.classes);
    int top = static_cast<int>(group.best.size);
    Error error;
    if (best_scores(values, model.classes, model.head_is_softmax != 0, top, group.best.data,
                    error)) {
        group.writer.result(entry.path, group.best.data, top);
        return;
    }
    note(group, entry.path, error);
    group.writer.failure(entry.path, error.text);
}

// Runs what is in the batch and prints everything that waits. False if standard output fails.
bool finish_group(Group& group) {
    size_t one = image_values(*group.session.model);
    Error error;
    if (group.slots > 0) {
        for (int i = group.slots; i < group.session.model->batch; i++)
            memcpy(group.pixels.data + static_cast<size_t>(i) * one, group.pixels.data, one);
        run_pixels(group.session, group.pixels.data, error);
    }
    for (size_t i = 0; i < group.waiting; i++) {
        const Pending& entry = group.pending[i];
        if (entry.slot < 0) {
            group.writer.failure(entry.path, entry.error.text);
        } else if (error.code != exit_ok) {
            note(group, entry.path, error);
            group.writer.failure(entry.path, error.text);
        } else {
            print_slot(group, entry);
        }
    }
    group.waiting = 0;
    group.slots = 0;
    return flush_output(group.output);
}

void load_next(Group& group, const char* path) {
    const ResnetcModel& model = *group.session.model;
    Pending& entry = group.pending[group.waiting++];
    entry = {path, -1, {}};
    char warning[200];
    uint8_t* place = group.pixels.data + static_cast<size_t>(group.slots) * image_values(model);
    if (!load_image(model, path, place, warning, entry.error)) {
        note(group, path, entry.error);
        return;
    }
    if (warning[0])
        print_message(model.name, path, "warning", warning);
    entry.slot = group.slots++;
}

} // namespace

ExitCode classify(Session& session, const char* const* paths, int count, int top, bool json) {
    const ResnetcModel& model = *session.model;
    Group group{session, {model, json}, {}, {}, {}, 0, 0, exit_ok, {}};
    if (top > model.classes)
        top = model.classes;
    // Failures wait behind images of the same group; a few more places than the batch let most
    // groups fill up all the same.
    size_t places = static_cast<size_t>(model.batch) * 2;
    if (!group.pixels.resize(batch_values(model)) || !group.pending.resize(places) ||
        !group.best.resize(static_cast<size_t>(top))) {
        print_message(model.name, nullptr, "error", "not enough memory for the images");
        return exit_model;
    }
    group.writer.begin();
    bool ok = true;
    for (int i = 0; ok && i < count; i++) {
        load_next(group, paths[i]);
        // Without an image before it a failure need not wait.
        if (group.slots == 0 || group.slots == model.batch || group.waiting == places)
            ok = finish_group(group);
    }
    ok = ok && finish_group(group);
    if (ok) {
        group.writer.end();
        ok = flush_output(group.output);
    }
    if (!ok)
        note(group, nullptr, group.output);
    return group.worst;
}

} // namespace resnetc
