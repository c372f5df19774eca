#include "file_io.h"

#include "diagnostics.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace resnetc {

namespace {

std::string system_reason() {
    return std::strerror(errno);
}

// Closes a file descriptor at the end of a scope.
class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }
    bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

private:
    int fd_;
};

// The temporary file in flight. A signal handler can reach nothing but statics; the mutex lets one
// write at a time own the slot.
std::mutex temporary_mutex;
char temporary_path[PATH_MAX];
volatile std::sig_atomic_t temporary_in_flight = 0;

extern "C" void unlink_temporary_and_die(int signal) {
    if (temporary_in_flight != 0) {
        ::unlink(temporary_path);
    }
    std::signal(signal, SIG_DFL);
    ::raise(signal);
}

// The name under which a process writes the file `name`.
std::string temporary_name(const std::string& name, const std::string& process) {
    return "." + name + "." + process + ".tmp";
}

// The process that gave a temporary file its name; 0: it is no temporary file of any of `names`.
pid_t writer_of(const std::string& temporary, const std::set<std::string>& names) {
    const size_t end = temporary.size() < 6 ? 0 : temporary.size() - 4; // before ".tmp"
    const size_t dot = temporary.rfind('.', end == 0 ? 0 : end - 1);
    if (end == 0 || dot == std::string::npos || dot < 2) {
        return 0;
    }
    const std::string process = temporary.substr(dot + 1, end - dot - 1);
    const std::string name = temporary.substr(1, dot - 1);
    pid_t id = 0;
    std::from_chars(process.data(), process.data() + process.size(), id);
    const bool ours = names.contains(name) && temporary == temporary_name(name, process) &&
                      process == std::to_string(id);
    return ours ? std::max(id, 0) : 0;
}

// Owns the temporary file from its creation until it is renamed or, failing that, removed.
class Temporary {
public:
    explicit Temporary(const std::string& path) : lock_(temporary_mutex) {
        std::snprintf(temporary_path, sizeof temporary_path, "%s", path.c_str());
        temporary_in_flight = 1;
    }
    ~Temporary() {
        if (temporary_in_flight != 0) {
            ::unlink(temporary_path);
            temporary_in_flight = 0;
        }
    }
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;
    void renamed() { temporary_in_flight = 0; }

private:
    std::lock_guard<std::mutex> lock_;
};

// Reads at most limit + 1 bytes, so that the caller sees when there are more.
std::string read_up_to(int fd, const std::string& path, size_t expected, size_t limit) {
    std::string bytes;
    bytes.reserve(std::min(expected, limit) + 1);
    char buffer[1 << 16];
    while (bytes.size() <= limit) {
        const ssize_t count = ::read(fd, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            fail(path, "cannot be read: " + system_reason());
        }
        if (count == 0) {
            break;
        }
        bytes.append(buffer, static_cast<size_t>(count));
    }
    return bytes;
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<size_t>(count));
    }
    return true;
}

// Whether `path` is a regular file that holds exactly `bytes`.
bool holds(const std::string& path, std::string_view bytes) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
        static_cast<size_t>(status.st_size) != bytes.size()) {
        return false;
    }
    return read_up_to(file.get(), path, bytes.size(), bytes.size()) == bytes;
}

} // namespace

std::string read_file(const std::string& path, size_t limit) {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0) {
        fail(path, "cannot be opened: " + system_reason());
    }
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) {
        fail(path, "cannot be read: " + system_reason());
    }
    if (S_ISDIR(status.st_mode)) {
        fail(path, "is a folder, expected a file");
    }
    if (!S_ISREG(status.st_mode)) {
        fail(path, "is not a regular file");
    }
    std::string bytes = read_up_to(file.get(), path, static_cast<size_t>(status.st_size), limit);
    if (bytes.size() > limit || static_cast<size_t>(status.st_size) > limit) {
        fail(path, "is larger than the limit of " + std::to_string(limit) + " bytes");
    }
    return bytes;
}

bool write_file(const std::string& path, std::string_view bytes, unsigned mode) {
    if (holds(path, bytes)) {
        return false;
    }
    const size_t slash = path.rfind('/');
    const size_t stem = slash == std::string::npos ? 0 : slash + 1;
    const std::string temporary =
        path.substr(0, stem) + temporary_name(path.substr(stem), std::to_string(::getpid()));
    if (temporary.size() >= PATH_MAX) {
        fail(path, "cannot be written: " + std::string(std::strerror(ENAMETOOLONG)));
    }
    Temporary owner(temporary);
    ::unlink(temporary.c_str()); // left by a killed process that had the same id
    Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    // close is the last step that can report a full disk; rename comes only after all of it held.
    const bool written = file.get() >= 0 && write_all(file.get(), bytes) &&
                         ::fsync(file.get()) == 0 && file.close() &&
                         ::rename(temporary.c_str(), path.c_str()) == 0;
    if (!written) {
        fail(path, "cannot be written: " + system_reason());
    }
    owner.renamed();
    return true;
}

void remove_abandoned_temporaries(const std::string& folder, const std::set<std::string>& names) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
        const pid_t writer = writer_of(entry.path().filename().string(), names);
        if (writer != 0 && ::kill(writer, 0) != 0 && errno == ESRCH) {
            ::unlink(entry.path().c_str());
        }
    }
}

void remove_temporary_files_on_signals() {
    struct sigaction action {};
    action.sa_handler = unlink_temporary_and_die;
    ::sigemptyset(&action.sa_mask);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction before {};
        // A signal that was ignored on entry (nohup) stays ignored.
        if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) {
            ::sigaction(signal, &action, nullptr);
        }
    }
}

} // namespace resnetc
