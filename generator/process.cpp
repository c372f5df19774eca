#include "process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace resnetc {
namespace {

constexpr size_t kKeptOutput = 8192; // bytes of a tool's output that an error shows

[[noreturn]] void run_child(const std::vector<std::string>& arguments, const std::string& from,
                            bool own_group, int output) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (own_group) { // so that what it starts can be killed with it
        setpgid(0, 0);
    }
    dup2(open(from.empty() ? "/dev/null" : from.c_str(), O_RDONLY), STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    std::vector<char*> argv;
    for (const std::string& argument : arguments) {
        argv.push_back(const_cast<char*>(argument.c_str())); // execvp's old signature
    }
    argv.push_back(nullptr);
    execvp(argv[0], argv.data());
    const char* reason = std::strerror(errno);
    (void)!write(STDERR_FILENO, reason, std::strlen(reason));
    _exit(127);
}

// Why a tool was ended before it was done.
enum class Ended { no, silent, stopped };

// Waits until there is something to read, or until the limits say that the tool has to go.
Ended wait_for_output(int input, const ToolLimits& limits) {
    if (limits.silence.count() == 0 && !limits.stop) {
        return Ended::no; // read() waits
    }
    using Clock = std::chrono::steady_clock;
    const Clock::time_point begin = Clock::now();
    for (;;) {
        pollfd ready{input, POLLIN, 0};
        if (poll(&ready, 1, 100) > 0) {
            return Ended::no;
        }
        if (limits.stop && limits.stop()) {
            return Ended::stopped;
        }
        if (limits.silence.count() > 0 && Clock::now() - begin > limits.silence) {
            return Ended::silent;
        }
    }
}

// Splits the stream into lines; `kept` is its end for an error message.
Ended read_lines(int input, const std::function<void(const std::string&)>& on_line,
                 const ToolLimits& limits, std::string& kept) {
    std::string line;
    std::array<char, 4096> chunk{};
    for (;;) {
        const Ended ended = wait_for_output(input, limits);
        if (ended != Ended::no) {
            return ended;
        }
        const ssize_t got = read(input, chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        kept.append(chunk.data(), static_cast<size_t>(got));
        if (kept.size() > 2 * kKeptOutput) {
            kept.erase(0, kept.size() - kKeptOutput);
        }
        for (ssize_t i = 0; i < got; ++i) {
            const char c = chunk[static_cast<size_t>(i)];
            if (c == '\n') {
                on_line(line);
                line.clear();
            } else {
                line += c;
            }
        }
    }
    if (!line.empty()) {
        on_line(line);
    }
    return Ended::no;
}

std::string failure(const std::string& tool, int status) {
    if (WIFSIGNALED(status)) {
        return tool + " was ended by signal " + std::to_string(WTERMSIG(status));
    }
    if (WEXITSTATUS(status) == 127) {
        return "cannot run " + tool;
    }
    return tool + " failed with status " + std::to_string(WEXITSTATUS(status));
}

} // namespace

void run_tool(const std::vector<std::string>& arguments,
              const std::function<void(const std::string&)>& on_line, const ToolLimits& limits) {
    const bool limited = limits.silence.count() > 0 || limits.stop;
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw ToolError("cannot make a pipe", std::strerror(errno));
    }
    const pid_t child = fork();
    if (child < 0) {
        close(ends[0]);
        close(ends[1]);
        throw ToolError("cannot start " + arguments[0], std::strerror(errno));
    }
    if (child == 0) {
        run_child(arguments, limits.input, limited, ends[1]);
    }
    close(ends[1]);
    std::string output;
    const Ended ended = read_lines(ends[0], on_line, limits, output);
    close(ends[0]);
    if (ended != Ended::no) {
        kill(-child, SIGKILL);
        kill(child, SIGKILL); // should it not have come as far as its own group
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (ended == Ended::silent) {
        throw ToolError(arguments[0] + " hangs, it was ended", output);
    }
    if (ended == Ended::stopped) {
        throw ToolError(arguments[0] + " was interrupted", output);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        throw ToolError(failure(arguments[0], status), output);
    }
}

} // namespace resnetc
