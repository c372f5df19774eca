// The standalone program around one emitted model: wires options, session and the three jobs.
// Exit codes are those of error.h.

#include "bench.h"
#include "classify.h"
#include "logits.h"
#include "options.h"
#include "preprocess.h"
#include "profile.h"
#include "report.h"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

namespace resnetc {
namespace {

// A program started with closed standard streams would get them as the descriptors of the files it
// opens, and write results into an image. Opened the wrong way round, their use still fails.
void occupy_standard_streams() {
    for (int file = 0; file < 3; file++)
        if (fcntl(file, F_GETFD) == -1 && open("/dev/null", file == 0 ? O_WRONLY : O_RDONLY) < 0)
            _exit(exit_model);
}

ExitCode report(const char* file, const Error& error) {
    print_message(resnetc_model.name, file, "error", error.text);
    return error.code;
}

// For the jobs that print once: did it get out?
ExitCode finish() {
    Error error;
    return flush_output(error) ? exit_ok : report(nullptr, error);
}

ExitCode run_bench(Session& session, const Options& options) {
    const char* path = options.image_count > 0 ? options.images[0] : nullptr;
    Timing timing;
    Error error;
    if (!measure(session, path, options.runs, timing, error))
        return report(error.code == exit_input ? path : nullptr, error);
    print_timing(resnetc_model, timing, session.threads, options.json);
    return finish();
}

constexpr int kProfileRuns = 50;

ExitCode run_profile(Session& session, const Options& options) {
    const char* path = options.image_count > 0 ? options.images[0] : nullptr;
    Profile profile;
    Error error;
    int runs = options.runs > 0 ? options.runs : kProfileRuns;
    if (!measure_profile(session, path, runs, profile, error))
        return report(error.code == exit_input ? path : nullptr, error);
    if (options.trace && !write_trace(resnetc_model, profile, options.trace, error))
        return report(options.trace, error);
    print_profile(resnetc_model, profile, options.json);
    return finish();
}

ExitCode run_logits(Session& session, const Options& options) {
    int64_t images = 0;
    const char* culprit = nullptr;
    Error error;
    if (!write_logits(session, options.npy, options.logits, images, culprit, error))
        return report(culprit, error);
    print_logits_done(resnetc_model, images, options.logits, options.json);
    return finish();
}

ExitCode run_classify(Session& session, const Options& options) {
    Error error;
    const char* reason = no_images_reason(resnetc_model);
    if (!reason && has_map(resnetc_model))
        reason = "this network has no head and so no classes, expected --npy and --logits";
    if (reason) {
        fail(error, exit_usage, "%s", reason);
        return report(nullptr, error);
    }
    return classify(session, options.images, options.image_count, options.top, options.json);
}

ExitCode run(const Options& options) {
    if (options.action == Action::help) {
        print_help(stdout, resnetc_model);
        return finish();
    }
    if (options.action == Action::version) {
        print_version(resnetc_model, options.json);
        return finish();
    }
    Session session;
    Error error;
    const char* reason =
        options.action == Action::profile ? no_profile_reason(resnetc_model) : nullptr;
    if (reason) {
        fail(error, exit_usage, "%s", reason);
        return report(nullptr, error);
    }
    if (!open_session(resnetc_model, options.threads, session, error))
        return report(nullptr, error);
    switch (options.action) {
    case Action::bench:
        return run_bench(session, options);
    case Action::profile:
        return run_profile(session, options);
    case Action::logits:
        return run_logits(session, options);
    default:
        return run_classify(session, options);
    }
}

} // namespace
} // namespace resnetc

int main(int argc, char** argv) {
    resnetc::occupy_standard_streams();
    signal(SIGPIPE, SIG_IGN); // a closed pipe is reported as a failed write
    unsetenv("JPEGMEM");      // libjpeg's memory limit; its parser is left out (static/left_out.c)
    resnetc::Options options;
    resnetc::Error error;
    if (!resnetc::parse_options(argc, argv, options, error)) {
        resnetc::report(nullptr, error);
        fprintf(stderr, "hint: '%s --help' shows the options and examples\n", resnetc_model.name);
        return error.code;
    }
    return resnetc::run(options);
}
