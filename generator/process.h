// Child processes. Included by whatever runs a tool: the build and verify.
#pragma once

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

// Runs `arguments[0]`, found through PATH, with stdin closed and stdout and stderr joined. Calls
// `on_line` with each line as it comes. Throws ToolError unless the exit status is 0. The child is
// killed if this process dies.
void run_tool(const std::vector<std::string>& arguments,
              const std::function<void(const std::string&)>& on_line);

} // namespace resnetc
