// Running programs of the target. Included by verify and tune.
#pragma once

#include "target.h"

#include <string>
#include <vector>

namespace resnetc {

// The words to run `program`: itself, or through the user's `runner`, a shell command such as
// "qemu-aarch64 -L /usr/aarch64-linux-gnu" that is followed by the program and its arguments.
std::vector<std::string> runner_command(const std::string& runner, const std::string& program);

// Throws DiagnosticError if programs for `target` do not run here and there is no runner.
void check_runner(const std::string& runner, const Target& target);

} // namespace resnetc
