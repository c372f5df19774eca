#include "runner.h"

namespace resnetc {

std::vector<std::string> runner_command(const std::string& runner, const std::string& program) {
    if (runner.empty()) {
        return {program};
    }
    return {"sh", "-c", runner + " \"$@\"", "sh", program}; // the shell splits the runner's words
}

void check_runner(const std::string& runner, const Target& target) {
    if (runner.empty() && !runs_here(target)) {
        fail("", "programs for " + target.name + " do not run on this machine, expected --runner",
             "such as --runner 'qemu-aarch64 -L /usr/aarch64-linux-gnu'");
    }
}

} // namespace resnetc
