// Running the emitted CMake project. Included by the commands build and verify.
#pragma once

#include "target.h"

#include <string>
#include <vector>

namespace resnetc {

// How to run the emitted folder's own CMakeLists.txt. With a `triple`, the program of pipelines is
// built for this machine first, in `binary`/here, and the rest by the compilers of that name.
struct CmakeRun {
    std::string source;               // the emitted folder
    std::string binary;               // its build tree
    std::vector<std::string> options; // "-DRESNETC_STEPS=ON"
    std::vector<std::string> targets; // empty: all
    std::string triple{};             // "aarch64-linux-gnu"; empty: this machine's compilers
    int jobs = 0;                     // 0: one a core
    bool verbose = false;             // show the tools' output instead of a progress line
};

// Configures and builds. Shows a progress line on stderr if that is a terminal. Returns what the
// project says it left out ("no standalone program: missing libpng.a"). Throws ToolError with the
// end of the tool's output if a tool fails, or if the compiler of `triple` is not there.
std::vector<std::string> run_cmake(const CmakeRun& run);

// "<triple>-gcc", which must be on PATH; throws ToolError.
std::string cross_compiler(const std::string& triple);

// The triple to give to run_cmake: empty where this machine's own compilers will do.
std::string cross_triple(const Target& target);

} // namespace resnetc
