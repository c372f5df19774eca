// What the compiler knows about a machine. Included by the planner (tile rules), the emitter, the
// tuner and the command line.
//
// In: a name ("host", "x86-64-v4") or a file as specs/targets/*.yaml. Out: the facts that schedules
// and builds need. Nothing else in the compiler knows a target.
#pragma once

#include "diagnostics.h"

#include <cstdint>
#include <string>
#include <vector>

namespace resnetc {

// What one core does, for the tile rule's model.
struct CoreModel {
    double fma_per_cycle = 2;           // multiply-adds of whole vector registers
    double fma_latency = 4;             // cycles until the sum can be added to again
    double loads_per_cycle = 2;         // vector loads
    double stream_bytes_per_cycle = 32; // that arrive from the second-level cache
};

// Bytes; 0: there is none.
struct Caches {
    int64_t l1d = 0; // of a core
    int64_t l2 = 0;  // of a core
    int64_t l3 = 0;  // of all cores
};

// The machines for which `host` stands for this target: those of its architecture with all
// `features`, and of the vendor if there is one. Of several targets the one with the highest
// priority is meant.
struct HostMatch {
    int priority = 0;
    std::string vendor; // "amd", "intel"; empty: any
    std::vector<std::string> features;
};

struct Target {
    std::string name;       // "x86-64-v4"
    std::string file;       // the user's own, without folders; empty: shipped with resnetc
    std::string halide;     // Halide target string without runtime features
    std::string triple;     // prefix of the C compiler ("aarch64-linux-gnu") on other architectures
    int vector_floats = 16; // floats of one vector register
    int vector_registers = 32;
    bool fma = true; // without, a product takes a register of its own before it is added
    CoreModel core;
    Caches caches;
    int cores = 1;
    HostMatch host;
};

// Vector registers that one 16-channel block of floats takes on this target.
int registers_per_block(const Target& target);

// "x86-64", "arm-64": the first words of the Halide target string.
std::string architecture(const Target& target);

// Reads a description; the file's path is its stem plus ".yaml". Throws DiagnosticError with
// everything that is wrong with it (target_file.cpp).
Target parse_target(SourceFile file);

// Whether `name` is a path of a description rather than a target's name.
bool is_target_file(const std::string& name);

// The target called `name`; "host" resolves to the best that this machine runs, a path to the file
// there. Throws DiagnosticError (with the known names) otherwise.
Target find_target(const std::string& name);

// Whether programs for `target` run on this machine.
bool runs_here(const Target& target);

// Whether this machine's own compiler cannot make programs for `target`.
bool needs_cross_compiler(const Target& target);

// Names of the shipped targets; those that `host` prefers first.
std::vector<std::string> target_names();

} // namespace resnetc
