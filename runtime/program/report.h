// Everything that goes to standard output: results as text or JSON.
//
// Included by main, classify, bench and logits, and by error.cpp for print_plain. Whether writing
// worked is asked once, at the end or between images: flush_output.
#pragma once

#include "../resnetc_model.h"
#include "bench.h"
#include "scores.h"

#include <cstdio>

namespace resnetc {

// Prints text from outside (file names, labels) with control bytes as \xNN.
void print_plain(FILE* out, const char* text);

// Prints a JSON string with its quotes. Bytes that are not valid UTF-8 become U+FFFD.
void print_json_string(FILE* out, const char* text);

// Results of a run over images: begin, then one of the others for each image, in order, then end.
// JSON: {"model":NAME,"results":[{"image":FILE,"top":[{"index":I,"label":TEXT or null,
// "probability":P},...]} or {"image":FILE,"error":TEXT},...]}
struct ResultWriter {
    const ResnetcModel& model;
    bool json;
    int written = 0;

    void begin();
    void result(const char* image, const Score* best, int count);
    void failure(const char* image, const char* text);
    void end();
};

// {"model","batch","threads","runs","warm_up_runs","median_ms","p90_ms","min_ms","max_ms","mean_ms",
// "images_per_s"} or a line of text; images a second are those of the median run.
void print_timing(const ResnetcModel& model, const Timing& timing, int threads, bool json);

// {"model","images","classes","logits"} or a line of text; "map":[C,H,W] in place of "classes"
// where the network has no head.
void print_logits_done(const ResnetcModel& model, int64_t images, const char* path, bool json);

// Identity, shapes and hashes.
void print_version(const ResnetcModel& model, bool json);

// Flushes standard output. False, with the reason, if anything was not written. Called after each
// result, so that errno still belongs to the write that failed.
bool flush_output(Error& error);

} // namespace resnetc
