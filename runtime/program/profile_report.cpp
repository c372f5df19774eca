#include "file.h"
#include "profile.h"
#include "report.h"

#include <cstring>

namespace resnetc {
namespace {

// One line of the table: an op or all of them.
struct Line {
    const char* name;
    const char* pipeline;
    double ms;
    int64_t macs;
    int64_t bytes;
};

Line line_of(const ResnetcModel& model, const Profile& profile, int op) {
    const ResnetcOp& o = model.ops[op];
    return {o.name, o.pipeline, profile.op_ms[static_cast<size_t>(op)], o.macs, o.bytes};
}

double gflops(const Line& line) {
    return 2.0 * static_cast<double>(line.macs) * 1e-6 / line.ms;
}

double gb_per_s(const Line& line) {
    return static_cast<double>(line.bytes) * 1e-6 / line.ms;
}

void print_line(const Line& line, const Profile& profile, double total_ms, int width) {
    printf("%-*s %10.1f %5.1f %%", width, line.name, line.ms * 1e3, line.ms / total_ms * 100);
    if (line.macs > 0)
        printf(" %9.2f %5.1f %%", gflops(line), gflops(line) / profile.peak_gflops * 100);
    else
        printf(" %9s %7s", "-", "-");
    printf(" %9.3f %7.1f", static_cast<double>(line.bytes) * 1e-6, gb_per_s(line));
    printf("%s%s\n", line.pipeline[0] ? "  " : "", line.pipeline);
}

void print_table(const ResnetcModel& model, const Profile& profile) {
    int width = 5;
    Line sum{"total", "", 0, 0, 0};
    for (int i = 0; i < profile.ops; i++) {
        Line line = line_of(model, profile, i);
        int length = static_cast<int>(strlen(line.name));
        width = length > width ? length : width;
        sum.ms += line.ms;
        sum.macs += line.macs;
        sum.bytes += line.bytes;
    }
    printf("%-*s %10s %7s %9s %7s %9s %7s  %s\n", width, "op", "us", "share", "GFLOP/s", "of peak",
           "MB", "GB/s", "pipeline");
    for (int i = 0; i < profile.ops; i++)
        print_line(line_of(model, profile, i), profile, sum.ms, width);
    print_line(sum, profile, sum.ms, width);
    printf("\nmedians of %d runs after %d to warm up, batch %d; a whole run: %.4f ms\n",
           profile.runs, profile.total.warm_up_runs, model.batch, profile.total.median_ms);
    printf("peak: %.1f GFLOP/s, multiply-adds of %d thread%s in the target's vector registers, "
           "measured in this run\n",
           profile.peak_gflops, profile.threads, profile.threads == 1 ? "" : "s");
}

void print_json_line(const Line& line, const Profile& profile) {
    printf("{\"name\":");
    print_json_string(stdout, line.name);
    printf(",\"pipeline\":");
    print_json_string(stdout, line.pipeline);
    printf(",\"median_us\":%.6g,\"macs\":%lld,", line.ms * 1e3, static_cast<long long>(line.macs));
    if (line.macs > 0)
        printf("\"gflops\":%.6g,\"percent_of_peak\":%.4g", gflops(line),
               gflops(line) / profile.peak_gflops * 100);
    else
        printf("\"gflops\":null,\"percent_of_peak\":null");
    printf(",\"bytes\":%lld,\"gb_per_s\":%.6g}", static_cast<long long>(line.bytes),
           gb_per_s(line));
}

void print_json(const ResnetcModel& model, const Profile& profile) {
    printf("{\"model\":");
    print_json_string(stdout, model.name);
    printf(",\"target\":");
    print_json_string(stdout, model.target);
    printf(",\"batch\":%d,\"threads\":%d,\"runs\":%d,\"warm_up_runs\":%d,\"peak_gflops\":%.6g,"
           "\"median_ms\":%.6g,"
           "\"ops\":[",
           model.batch, profile.threads, profile.runs, profile.total.warm_up_runs,
           profile.peak_gflops, profile.total.median_ms);
    for (int i = 0; i < profile.ops; i++) {
        fputs(i == 0 ? "\n" : ",\n", stdout);
        print_json_line(line_of(model, profile, i), profile);
    }
    printf("\n]}\n");
}

// One op of one run as a complete event, times in microseconds. Names of ops are those of the
// spec's layers, plain ASCII.
bool write_event(OutputFile& file, const Line& line, const double* stamps, int run, Error& error) {
    char text[600];
    int length = snprintf(
        text, sizeof text,
        ",\n{\"name\":\"%s\",\"cat\":\"op\",\"ph\":\"X\",\"pid\":1,\"tid\":1,\"ts\":%.3f,"
        "\"dur\":%.3f,\"args\":{\"run\":%d,\"pipeline\":\"%s\",\"macs\":%lld,\"bytes\":%lld}}",
        line.name, stamps[0] * 1e3, (stamps[1] - stamps[0]) * 1e3, run, line.pipeline,
        static_cast<long long>(line.macs), static_cast<long long>(line.bytes));
    return file.write(text, static_cast<size_t>(length), error);
}

bool write_text(OutputFile& file, const char* text, Error& error) {
    return file.write(text, strlen(text), error);
}

bool write_events(OutputFile& file, const ResnetcModel& model, const Profile& profile,
                  Error& error) {
    for (int run = 0; run < profile.runs; run++)
        for (int op = 0; op < profile.ops; op++) {
            size_t at = static_cast<size_t>(run) * static_cast<size_t>(profile.ops + 1) +
                        static_cast<size_t>(op);
            const double* stamps = profile.stamps.data + at;
            if (!write_event(file, line_of(model, profile, op), stamps, run, error))
                return false;
        }
    return true;
}

} // namespace

void print_profile(const ResnetcModel& model, const Profile& profile, bool json) {
    if (json)
        print_json(model, profile);
    else
        print_table(model, profile);
}

bool write_trace(const ResnetcModel& model, const Profile& profile, const char* path,
                 Error& error) {
    OutputFile file;
    char head[200];
    snprintf(head, sizeof head,
             "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n{\"name\":\"process_name\",\"ph\":"
             "\"M\",\"pid\":1,\"args\":{\"name\":\"%.64s\"}}",
             model.name);
    return file.open(path, error) && write_text(file, head, error) &&
           write_events(file, model, profile, error) && write_text(file, "\n]}\n", error) &&
           file.commit(error);
}

} // namespace resnetc
