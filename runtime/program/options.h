// The command line of the standalone program.
//
// Included by main. argv goes in, an Options or a usage error comes out.
#pragma once

#include "../resnetc_model.h"
#include "error.h"

#include <cstdio>

namespace resnetc {

enum class Action { classify, bench, profile, logits, version, help };

struct Options {
    Action action = Action::classify;
    int top = 5;
    int runs = 0;                // --bench; 0: not given
    const char* trace = nullptr; // --profile=FILE
    int threads = 1;
    bool json = false;
    const char* npy = nullptr;
    const char* logits = nullptr;
    char** images = nullptr; // argv's own strings, options moved out of the way
    int image_count = 0;
};

// Errors (exit_usage): an unknown option (with the nearest known one), a missing or superfluous
// argument, a number that is none or out of range, options that exclude each other, no input.
bool parse_options(int argc, char** argv, Options& options, Error& error);

// The text of --help.
void print_help(FILE* out, const ResnetcModel& model);

} // namespace resnetc
