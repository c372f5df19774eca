#include "report.h"

#include <cerrno>
#include <cstring>

namespace resnetc {
namespace {

// Length of the valid UTF-8 sequence at `text`, 0 if there is none (Unicode 15, table 3-7).
int utf8_length(const unsigned char* text) {
    unsigned first = text[0], low = 0x80, high = 0xBF;
    int length = 0;
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF) {
        length = 2;
    } else if (first >= 0xE0 && first <= 0xEF) {
        length = 3;
        low = first == 0xE0 ? 0xA0 : 0x80;
        high = first == 0xED ? 0x9F : 0xBF;
    } else if (first >= 0xF0 && first <= 0xF4) {
        length = 4;
        low = first == 0xF0 ? 0x90 : 0x80;
        high = first == 0xF4 ? 0x8F : 0xBF;
    } else {
        return 0;
    }
    if (text[1] < low || text[1] > high)
        return 0;
    for (int i = 2; i < length; i++)
        if (text[i] < 0x80 || text[i] > 0xBF)
            return 0;
    return length;
}

void print_json_field(const char* key, const char* text) {
    printf("\"%s\":", key);
    print_json_string(stdout, text);
}

// "classes":K, or of a network without a head "map":[C,H,W].
void print_json_output(const ResnetcModel& model) {
    if (has_map(model))
        printf("\"map\":[%d,%d,%d]", model.map[0], model.map[1], model.map[2]);
    else
        printf("\"classes\":%d", model.classes);
}

void print_text_result(const ResnetcModel& model, const char* image, const Score* best, int count) {
    print_plain(stdout, image);
    putchar('\n');
    for (int i = 0; i < count; i++) {
        printf("  %6.2f %%  %4d  ", best[i].probability * 100.0, best[i].index);
        print_plain(stdout, model.labels ? model.labels[best[i].index] : "-");
        putchar('\n');
    }
}

void print_json_result(const ResnetcModel& model, const char* image, const Score* best, int count) {
    printf("{");
    print_json_field("image", image);
    printf(",\"top\":[");
    for (int i = 0; i < count; i++) {
        printf("%s{\"index\":%d,\"label\":", i == 0 ? "" : ",", best[i].index);
        if (model.labels)
            print_json_string(stdout, model.labels[best[i].index]);
        else
            printf("null");
        printf(",\"probability\":%.9g}", best[i].probability);
    }
    printf("]}");
}

} // namespace

void print_plain(FILE* out, const char* text) {
    for (const char* c = text; *c; c++) {
        unsigned char byte = static_cast<unsigned char>(*c);
        if (byte < 0x20 || byte == 0x7F)
            fprintf(out, "\\x%02x", byte);
        else
            fputc(byte, out);
    }
}

void print_json_string(FILE* out, const char* text) {
    const unsigned char* next = reinterpret_cast<const unsigned char*>(text);
    fputc('"', out);
    while (*next) {
        int length = utf8_length(next);
        if (length == 0)
            fputs("\\ufffd", out);
        else if (*next == '"' || *next == '\\')
            fprintf(out, "\\%c", *next);
        else if (*next < 0x20 || *next == 0x7F)
            fprintf(out, "\\u%04x", *next);
        else
            fwrite(next, 1, static_cast<size_t>(length), out);
        next += length == 0 ? 1 : length;
    }
    fputc('"', out);
}

void ResultWriter::begin() {
    if (!json)
        return;
    printf("{");
    print_json_field("model", model.name);
    printf(",\"results\":[");
}

void ResultWriter::result(const char* image, const Score* best, int count) {
    if (json)
        fputs(written == 0 ? "\n" : ",\n", stdout);
    else if (written > 0)
        putchar('\n');
    written++;
    if (json)
        print_json_result(model, image, best, count);
    else
        print_text_result(model, image, best, count);
}

void ResultWriter::failure(const char* image, const char* text) {
    if (!json)
        return; // the message on stderr is all there is to say
    fputs(written == 0 ? "\n{" : ",\n{", stdout);
    written++;
    print_json_field("image", image);
    putchar(',');
    print_json_field("error", text);
    putchar('}');
}

void ResultWriter::end() {
    if (json)
        fputs("\n]}\n", stdout);
}

void print_timing(const ResnetcModel& model, const Timing& timing, int threads, bool json) {
    if (!json) {
        printf("median %.4f ms, p90 %.4f ms, min %.4f ms, %.1f images/s (%d runs after %d to warm "
               "up, batch %d, %d thread%s)\n",
               timing.median_ms, timing.p90_ms, timing.min_ms, model.batch * 1e3 / timing.median_ms,
               timing.runs, timing.warm_up_runs, model.batch, threads, threads == 1 ? "" : "s");
        return;
    }
    printf("{");
    print_json_field("model", model.name);
    printf(",\"batch\":%d,\"threads\":%d,\"runs\":%d,\"warm_up_runs\":%d,\"median_ms\":%.6g,\"p90_"
           "ms\":%.6g,"
           "\"min_ms\":%.6g,\"max_ms\":%.6g,\"mean_ms\":%.6g,\"images_per_s\":%.6g}\n",
           model.batch, threads, timing.runs, timing.warm_up_runs, timing.median_ms, timing.p90_ms,
           timing.min_ms, timing.max_ms, timing.mean_ms, model.batch * 1e3 / timing.median_ms);
}

void print_logits_done(const ResnetcModel& model, int64_t images, const char* path, bool json) {
    long long count = images;
    if (json) {
        printf("{");
        print_json_field("model", model.name);
        printf(",\"images\":%lld,", count);
        print_json_output(model);
        putchar(',');
        print_json_field("logits", path);
        printf("}\n");
        return;
    }
    print_plain(stdout, path);
    if (has_map(model))
        printf(": float32 (%lld, %d, %d, %d)\n", count, model.map[0], model.map[1], model.map[2]);
    else
        printf(": float32 (%lld, %d)\n", count, model.classes);
}

void print_version(const ResnetcModel& model, bool json) {
    if (!json) {
        printf("%s, compiled by resnetc %s\n", model.name, model.tool_version);
        printf("target   %s\n", model.target);
        printf("input    %d x %d x %d x %d (N, C, H, W)\n", model.batch, model.channels,
               model.height, model.width);
        if (has_map(model))
            printf("output   %d x %d x %d x %d (N, C, H, W)\n", model.batch, model.map[0],
                   model.map[1], model.map[2]);
        else
            printf("classes  %d\n", model.classes);
        printf("spec     sha256 %s\n", model.spec_sha256);
        printf("weights  sha256 %s, %zu bytes\n", model.weights_sha256, model.weights_bytes);
        printf("plan     sha256 %s, arena %zu bytes\n", model.plan_sha256, model.arena_bytes);
        return;
    }
    const char* const fields[][2] = {
        {"model", model.name},
        {"tool_version", model.tool_version},
        {"target", model.target},
        {"spec_sha256", model.spec_sha256},
        {"weights_sha256", model.weights_sha256},
        {"plan_sha256", model.plan_sha256},
    };
    printf("{");
    for (const auto& field : fields) {
        print_json_field(field[0], field[1]);
        putchar(',');
    }
    printf("\"input\":[%d,%d,%d,%d],", model.batch, model.channels, model.height, model.width);
    print_json_output(model);
    printf(",\"weights_bytes\":%zu,\"arena_bytes\":%zu}\n", model.weights_bytes, model.arena_bytes);
}

bool flush_output(Error& error) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    return fail(error, "cannot write to standard output: %s", strerror(errno));
}

} // namespace resnetc
