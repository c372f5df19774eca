#include "options.h"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <getopt.h>

namespace resnetc {
namespace {

const option kKnown[] = {
    {"bench", required_argument, nullptr, 'b'},   {"help", no_argument, nullptr, 'h'},
    {"json", no_argument, nullptr, 'j'},          {"logits", required_argument, nullptr, 'l'},
    {"npy", required_argument, nullptr, 'n'},     {"profile", optional_argument, nullptr, 'p'},
    {"threads", required_argument, nullptr, 'w'}, {"top", required_argument, nullptr, 't'},
    {"version", no_argument, nullptr, 'v'},       {nullptr, 0, nullptr, 0},
};

constexpr int max_threads = 64; // RESNETC_MAX_THREADS of resnetc_threads.h, absent if serial

// Levenshtein distance of `a`, cut at 15 bytes, and `b`, shorter than 16.
int distance(const char* a, size_t a_length, const char* b) {
    size_t b_length = strlen(b);
    int row[16];
    for (size_t j = 0; j <= b_length; j++)
        row[j] = static_cast<int>(j);
    for (size_t i = 1; i <= a_length; i++) {
        int diagonal = row[0];
        row[0] = static_cast<int>(i);
        for (size_t j = 1; j <= b_length; j++) {
            int replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            int shifted = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            row[j] = replaced < shifted ? replaced : shifted;
        }
    }
    return row[b_length];
}

// The known option nearest to `name`, or NULL if none is near.
const char* nearest(const char* name, size_t length) {
    const char* best = nullptr;
    int best_distance = 3;
    for (const option* o = kKnown; o->name && length < 16; o++) {
        int d = distance(name, length, o->name);
        if (d < best_distance) {
            best_distance = d;
            best = o->name;
        }
    }
    return best;
}

// Explains getopt's '?' about the argument `text`, of which `letter` was not understood.
bool fail_unknown(const char* text, int letter, Error& error) {
    bool is_long = strncmp(text, "--", 2) == 0;
    if (!is_long)
        return fail(error, exit_usage, "unknown option '-%c'", letter);
    size_t length = strcspn(text + 2, "=");
    for (const option* o = kKnown; o->name; o++)
        if (strlen(o->name) == length && memcmp(o->name, text + 2, length) == 0)
            return fail(error, exit_usage, "option '--%s' takes no value", o->name);
    const char* near = nearest(text + 2, length);
    return fail(error, exit_usage, "unknown option '%.*s'%s%s%s", static_cast<int>(length) + 2,
                text, near ? ", did you mean '--" : "", near ? near : "", near ? "'?" : "");
}

bool parse_count(const char* name, const char* text, int most, int& value, Error& error) {
    char* end = nullptr;
    errno = 0;
    long number = strtol(text, &end, 10);
    bool digits = text[0] >= '0' && text[0] <= '9' && *end == 0;
    if (!digits || errno == ERANGE || number < 1 || number > most)
        return fail(error, exit_usage, "--%s %s: expected a whole number from 1 to %d", name, text,
                    most);
    value = static_cast<int>(number);
    return true;
}

// Takes one option that getopt found; `text` is the argument it was in.
bool take(int letter, const char* text, Options& options, Error& error) {
    switch (letter) {
    case 'b':
        if (options.action != Action::profile)
            options.action = Action::bench;
        return parse_count("bench", optarg, 10000000, options.runs, error);
    case 'p':
        options.action = Action::profile;
        options.trace = optarg;
        return !optarg || *optarg ||
               fail(error, exit_usage, "--profile=: expected the name of a file to write");
    case 'w':
        return parse_count("threads", optarg, max_threads, options.threads, error);
    case 't':
        return parse_count("top", optarg, INT_MAX, options.top, error);
    case 'j':
        options.json = true;
        return true;
    case 'l':
        options.logits = optarg;
        return true;
    case 'n':
        options.npy = optarg;
        return true;
    case ':':
        return fail(error, exit_usage, "option '%s' needs a value", text);
    default:
        return fail_unknown(text, optopt, error);
    }
}

bool check_combination(Options& options, Error& error) {
    if (options.npy || options.logits) {
        if (!options.npy || !options.logits)
            return fail(error, exit_usage, "--%s needs --%s as well",
                        options.npy ? "npy" : "logits", options.npy ? "logits FILE" : "npy FILE");
        if (options.action == Action::bench)
            return fail(error, exit_usage, "--bench takes an image or nothing, not --npy");
        if (options.action == Action::profile)
            return fail(error, exit_usage, "--profile takes an image or nothing, not --npy");
        if (options.image_count > 0)
            return fail(error, exit_usage, "unexpected image '%s' beside --npy", options.images[0]);
        options.action = Action::logits;
        return true;
    }
    if (options.action == Action::classify && options.image_count == 0)
        return fail(error, exit_usage, "no image given");
    return true;
}

} // namespace

bool parse_options(int argc, char** argv, Options& options, Error& error) {
    opterr = 0;
    for (;;) {
        // getopt moves optind on before it reports; the argument at fault is the one it was at.
        int at = optind;
        int letter = getopt_long(argc, argv, ":h", kKnown, nullptr);
        if (letter == -1)
            break;
        if (letter == 'h' || letter == 'v') {
            options.action = letter == 'h' ? Action::help : Action::version;
            // `--version --json` and `--json --version` are the same.
            for (int i = 1; i < argc; i++)
                options.json = options.json || strcmp(argv[i], "--json") == 0;
            return true;
        }
        const char* text = argv[optind > at ? optind - 1 : at];
        if (!take(letter, text, options, error))
            return false;
    }
    options.images = argv + optind;
    options.image_count = argc - optind;
    return check_combination(options, error);
}

void print_help(FILE* out, const ResnetcModel& model) {
    const char* name = model.name;
    fprintf(out, "usage: %s [--top K] [--threads N] [--json] IMAGE...\n", name);
    fprintf(out, "       %s --npy IN.npy --logits OUT.npy [--threads N] [--json]\n", name);
    fprintf(out, "       %s --bench N [--threads N] [--json] [IMAGE]\n", name);
    fprintf(out, "       %s --profile[=TRACE.json] [--bench N] [--json] [IMAGE]\n", name);
    fprintf(out, "       %s --version [--json]\n\n", name);
    fprintf(out,
            "Classifies JPEG, PNG and PPM/PGM images (\"-\": standard input) with the network %s,\n"
            "input %d x %d x %d x %d (N, C, H, W), %d %s.\n\n",
            name, model.batch, model.channels, model.height, model.width, model.classes,
            model.map[0] > 0 ? "outputs (a map: no classes, --npy only)" : "classes");
    fputs("options:\n"
          "  --top K        print the K most probable classes (default 5, at most all)\n"
          "  --threads N    run on N threads (default 1, at most 64); the result is the same\n"
          "  --json         print JSON\n"
          "  --npy IN.npy   read the input from a NumPy array: uint8 N,H,W,C, already cropped,\n"
          "                 channels as the network takes them, or float32 N,C,H,W, already\n"
          "                 normalised; N is any number\n"
          "  --logits OUT   with --npy: write the network's output, float32 N,classes, or N,C,H,W\n"
          "                 where the network has no head\n"
          "  --bench N      time N runs of one batch on the first IMAGE, or on noise, after a "
          "warm-up;\n"
          "                 prints median, 90th percentile and minimum in milliseconds\n"
          "  --profile      time every op over N runs (default 50): microseconds, GFLOP/s, percent "
          "of\n"
          "                 the peak measured in the same run, bytes; only in programs made by\n"
          "                 'resnetc build --profile'\n"
          "  --profile=FILE also write all runs in Chrome's trace format\n"
          "  --version      print the version of the compiler and the hashes of spec, weights\n"
          "                 and plan\n"
          "  -h, --help     print this\n\n"
          "exit status: 0 done; 1 an input could not be used or an output not written (the other\n"
          "images are done); 2 wrong command line; 3 the model could not be run\n\n",
          out);
    fprintf(out,
            "examples:\n"
            "  %s dog.jpg cat.png\n"
            "  %s --top 1 --json *.jpg > results.json\n"
            "  %s --npy crops.npy --logits logits.npy\n"
            "  %s --bench 100 --threads 2 --json\n",
            name, name, name, name);
}

} // namespace resnetc
