// The subcommands behind `resnetc`. Included by main.cpp, which parses the command line into these
// structs, and by the file of each command.
//
// Every command writes its result to `out` and throws DiagnosticError for bad input; main prints
// the diagnostics and turns them into the exit code.
#pragma once

#include "schedule_db.h"
#include "spec.h"

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace resnetc {

// 0: done. 1: the input was refused, or verify found a difference. 2: usage. 3: a tool that
// resnetc runs (compiler, CMake) failed. 70: an internal error (a bug in resnetc).
enum ExitCode {
    exit_ok = 0,
    exit_refused = 1,
    exit_usage = 2,
    exit_tool_failed = 3,
    exit_bug = 70,
    exit_interrupted = 130 // tune: everything found so far is in the file
};

struct SummaryOptions {
    std::string spec;
    SpecOverrides overrides;
    bool json = false;
};
int run_summary(const SummaryOptions& options, std::ostream& out);

struct InspectOptions {
    std::string checkpoint;
    bool json = false;
};
int run_inspect(const InspectOptions& options, std::ostream& out);

struct PlanOptions {
    std::string spec;
    SpecOverrides overrides;
    std::string target = "host";
    ScheduleSource schedules;
    bool json = false;
};
int run_plan(const PlanOptions& options, std::ostream& out);

struct GenerateOptions {
    std::string spec;
    SpecOverrides overrides;
    std::string weights; // checkpoint file; empty: pseudo-random (verify only)
    std::string output;  // folder
    std::string target = "host";
    ScheduleSource schedules;
    std::string depfile; // written in Make syntax when not empty
    bool allow_non_finite = false;
    bool profile = false; // the program gets --profile
    bool serial = false;  // no thread code at all
};
int run_generate(const GenerateOptions& options, std::ostream& out);

struct BuildOptions {
    GenerateOptions generate;
    int jobs = 0; // parallel compile jobs; 0: one a core
    bool verbose = false;
};
int run_build(const BuildOptions& options, std::ostream& out);

struct VerifyOptions {
    std::string spec;
    SpecOverrides overrides;
    std::string weights;
    std::string target = "host";
    ScheduleSource schedules;
    std::string runner; // shell command that runs programs of the target; empty: they run here
    std::string npy;    // float32 N,C,H,W or uint8 N,H,W,C; empty: a fixed pseudo-random input
    std::string keep;   // folder for the build, kept afterwards; empty: a temporary one, removed
    bool json = false;
};
int run_verify(const VerifyOptions& options, std::ostream& out);

struct TuneOptions {
    std::vector<std::string> specs;
    SpecOverrides overrides;
    std::string target = "host";
    std::string runner;  // shell command that runs programs of the target; empty: they run here
    int threads = 1;     // that every op runs on
    std::string db;      // the schedule file to extend; empty: <target>.schedules.yaml
    double budget = 120; // seconds
    bool json = false;
};
int run_tune(const TuneOptions& options, std::ostream& out);

} // namespace resnetc
