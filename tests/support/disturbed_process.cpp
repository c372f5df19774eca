#include "support/disturbed_process.h"

#include "file_io.h"

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace resnetc_test {
namespace {

constexpr uid_t kNobody = 65534;
constexpr size_t kOutputLimit = size_t{1} << 24;

bool disturb(const Disturbance& disturbance) {
    if (disturbance.largest_file) {
        ::signal(SIGXFSZ, SIG_IGN); // inherited: write() says EFBIG instead
        const rlimit limit{*disturbance.largest_file, *disturbance.largest_file};
        if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) {
            return false;
        }
    }
    return !disturbance.unprivileged || ::geteuid() != 0 ||
           (::setgid(kNobody) == 0 && ::setuid(kNobody) == 0);
}

[[noreturn]] void become(char* const* argv, int output, const Disturbance& disturbance) {
    ::setpgid(0, 0);
    ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    if (disturb(disturbance)) {
        ::execvp(argv[0], argv);
    }
    ::_exit(kNotStarted);
}

} // namespace

DisturbedProcess::DisturbedProcess(const std::vector<std::string>& arguments, std::string output,
                                   const Disturbance& disturbance)
    : output_(std::move(output)) {
    std::vector<char*> argv;
    for (const std::string& argument : arguments) {
        argv.push_back(const_cast<char*>(argument.c_str())); // execvp's old signature
    }
    argv.push_back(nullptr);
    const int file = ::open(output_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    pid_ = file < 0 ? -1 : ::fork();
    if (pid_ == 0) {
        become(argv.data(), file, disturbance);
    }
    ::close(file);
    if (pid_ < 0) {
        throw std::runtime_error("cannot start " + arguments[0]);
    }
    ::setpgid(pid_, pid_); // whoever of the two is first
}

DisturbedProcess::~DisturbedProcess() {
    if (!has_ended()) {
        send(SIGKILL, true);
        wait();
    }
}

bool DisturbedProcess::has_ended() {
    int status = 0;
    if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
        status_ = status;
    }
    return status_.has_value();
}

void DisturbedProcess::send(int signal, bool group) const {
    if (!status_) { // else the number may be another process's by now
        ::kill(group ? -pid_ : pid_, signal);
    }
}

Ending DisturbedProcess::wait() {
    int status = 0;
    if (!status_ && ::waitpid(pid_, &status, 0) == pid_) {
        status_ = status;
    }
    Ending ending;
    const int ended = status_.value_or(-1);
    ending.code = WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
    ending.signal = WIFSIGNALED(ended) ? WTERMSIG(ended) : 0;
    ending.output = resnetc::read_file(output_, kOutputLimit);
    return ending;
}

bool becomes_true(int seconds, const std::function<bool()>& condition) {
    for (int looks = 50 * seconds; looks > 0; --looks) {
        if (condition()) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return condition();
}

} // namespace resnetc_test
