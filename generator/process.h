// Child processes. Included by whatever runs a tool: the build and verify.
#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace resnetc {

// A tool that resnetc runs has failed, or could not be started. main prints it and exits with 3.
struct ToolError : std::runtime_error {
    ToolError(const std::string& what, std::string tool_output)
        : std::runtime_error(what), output(std::move(tool_output)) {}
    std::string output; // the end of what the tool printed
};

// What a run of a tool may do besides.
struct ToolLimits {
    std::string input;                    // a file as its standard input; empty: there is none
    std::chrono::milliseconds silence{0}; // killed, with its children, when no line came for so
                                          // long; 0: may take for ever
    std::function<bool()> stop;           // asked several times a second: true ends it
};

// Runs `arguments[0]`, found through PATH, with stdout and stderr joined. Calls
// `on_line` with each line as it comes. Throws ToolError unless the exit status is 0. The child is
// killed if this process dies.
void run_tool(const std::vector<std::string>& arguments,
              const std::function<void(const std::string&)>& on_line,
              const ToolLimits& limits = {});

} // namespace resnetc
