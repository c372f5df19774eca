#include "process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace resnetc {
namespace {

constexpr size_t kKeptOutput = 8192; // bytes of a tool's output that an error shows

[[noreturn]] void run_child(const std::vector<std::string>& arguments, int output) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    const int null = open("/dev/null", O_RDONLY);
    dup2(null, STDIN_FILENO);
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

// Splits the stream into lines; returns its end for an error message.
std::string read_lines(int input, const std::function<void(const std::string&)>& on_line) {
    std::string line;
    std::string kept;
    std::array<char, 4096> chunk{};
    for (;;) {
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
    return kept;
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
              const std::function<void(const std::string&)>& on_line) {
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
        run_child(arguments, ends[1]);
    }
    close(ends[1]);
    const std::string output = read_lines(ends[0], on_line);
    close(ends[0]);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        throw ToolError(failure(arguments[0], status), output);
    }
}

} // namespace resnetc
