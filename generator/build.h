// Running the emitted CMake project. Included by the commands build and verify.
#pragma once

#include <string>
#include <vector>

namespace resnetc {

// How to run the emitted folder's own CMakeLists.txt.
struct CmakeRun {
    std::string source;               // the emitted folder
    std::string binary;               // its build tree
    std::vector<std::string> options; // "-DRESNETC_STEPS=ON"
    std::vector<std::string> targets; // empty: all
    int jobs = 0;                     // 0: one a core
    bool verbose = false;             // show the tools' output instead of a progress line
};

// Configures and builds. Shows a progress line on stderr if that is a terminal. Throws ToolError
// with the end of the tool's output if a tool fails.
void run_cmake(const CmakeRun& run);

} // namespace resnetc
