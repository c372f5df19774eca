// A child process that a test disturbs: signals at a given moment, files that cannot grow, a user
// who may not write. Included by the fault tests.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace resnetc_test {

struct Disturbance {
    // Bytes; writing more to a file fails as on a full disk, with EFBIG in place of ENOSPC.
    std::optional<uint64_t> largest_file;
    // Where root runs the tests, whom no permission stops: as the user nobody.
    bool unprivileged = false;
};

struct Ending {
    int code = -1;      // exit status; -1: ended by a signal
    int signal = 0;     // that ended it
    std::string output; // standard output and standard error
};

// Exit status of a child that could not be started.
inline constexpr int kNotStarted = 126;

// Runs in a process group of its own. Killed, if it still runs, at the end of the scope.
class DisturbedProcess {
public:
    // `output`: a file that gets standard output and standard error.
    DisturbedProcess(const std::vector<std::string>& arguments, std::string output,
                     const Disturbance& disturbance = {});
    ~DisturbedProcess();
    DisturbedProcess(const DisturbedProcess&) = delete;
    DisturbedProcess& operator=(const DisturbedProcess&) = delete;

    bool has_ended();
    // Sends a signal to the process, or with `group` to its children too, as a terminal's Ctrl-C.
    void send(int signal, bool group = false) const;
    Ending wait();

private:
    std::string output_;
    pid_t pid_ = -1;
    std::optional<int> status_; // as waitpid gave it
};

// Looks every 20 ms until `condition` holds, at most so many seconds: of looking, so that a machine
// that is slow or suspended meanwhile does not count. Returns whether it holds.
bool becomes_true(int seconds, const std::function<bool()>& condition);

} // namespace resnetc_test
