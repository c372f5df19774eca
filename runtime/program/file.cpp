#include "file.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace resnetc {
namespace {

constexpr size_t kMaxFileBytes = size_t{1} << 30;

// What the signal handler unlinks; a handler can only reach static storage.
char pending_path[4096];
volatile sig_atomic_t pending = 0;

void remove_pending(int signal_number) {
    if (pending)
        unlink(pending_path);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

void watch_signals(const char* path) {
    size_t size = strlen(path) + 1;
    if (size > sizeof pending_path)
        return;
    memcpy(pending_path, path, size);
    pending = 1;
    const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (int number : numbers)
        if (signal(number, remove_pending) == SIG_IGN)
            signal(number, SIG_IGN); // started under nohup: keep ignoring
}

// Opens and checks the kind of file; returns a descriptor or -1. `*bytes` is the size of a regular
// file, else 0.
int open_checked(const char* path, const char* what, size_t* bytes, Error& error) {
    bool standard_input = strcmp(path, "-") == 0;
    int file = standard_input ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0) {
        fail(error, "cannot open: %s", strerror(errno));
        return -1;
    }
    struct stat info;
    bool ok = fstat(file, &info) == 0;
    if (!ok) {
        fail(error, "cannot open: %s", strerror(errno));
    } else if (S_ISDIR(info.st_mode)) {
        ok = fail(error, "is a directory, expected %s", what);
    } else if (!standard_input && !S_ISREG(info.st_mode) && !S_ISFIFO(info.st_mode)) {
        ok = fail(error, "is not a regular file, expected %s", what);
    }
    if (!ok) {
        close(file);
        return -1;
    }
    *bytes = S_ISREG(info.st_mode) ? static_cast<size_t>(info.st_size) : 0;
    return file;
}

bool read_all(int file, size_t expected, Array<uint8_t>& bytes, Error& error) {
    if (expected > kMaxFileBytes)
        return fail(error, "is larger than 1 GiB");
    size_t used = 0;
    // One byte more than expected, so that the end is seen without growing.
    if (!bytes.resize(expected == 0 ? 65536 : expected + 1))
        return fail(error, exit_model, "not enough memory to read it");
    for (;;) {
        ssize_t count = read(file, bytes.data + used, bytes.size - used);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(error, "cannot read: %s", strerror(errno));
        if (count == 0)
            break;
        used += static_cast<size_t>(count);
        if (used > kMaxFileBytes)
            return fail(error, "is larger than 1 GiB");
        if (used == bytes.size && !bytes.resize(bytes.size * 2))
            return fail(error, exit_model, "not enough memory to read it");
    }
    bytes.size = used;
    return true;
}

} // namespace

bool read_file(const char* path, const char* what, Array<uint8_t>& bytes, Error& error) {
    size_t expected = 0;
    int file = open_checked(path, what, &expected, error);
    if (file < 0)
        return false;
    bool ok = read_all(file, expected, bytes, error);
    close(file);
    if (ok && bytes.size == 0)
        return fail(error, "is empty, expected %s", what);
    return ok;
}

FILE* open_input(const char* path, const char* what, Error& error) {
    size_t bytes = 0;
    int file = open_checked(path, what, &bytes, error);
    if (file < 0)
        return nullptr;
    FILE* stream = fdopen(file, "rb");
    if (!stream) {
        fail(error, "cannot open: %s", strerror(errno));
        close(file);
    }
    return stream;
}

bool OutputFile::open(const char* path, Error& error) {
    struct stat info;
    bool exists = stat(path, &info) == 0;
    if (exists && S_ISDIR(info.st_mode))
        return fail(error, "is a directory, expected a file to write");
    // A symbolic link stays one: what it points to is replaced.
    target = exists ? realpath(path, nullptr) : strdup(path);
    if (!target)
        return fail(error, "cannot create: %s", strerror(errno));
    if (exists && !S_ISREG(info.st_mode)) {
        stream = fopen(path, "wb");
        return stream ? true : fail(error, "cannot open for writing: %s", strerror(errno));
    }
    if (exists && access(target, W_OK) != 0) // renaming over it would ignore its permissions
        return fail(error, "cannot write: %s", strerror(errno));
    size_t length = strlen(target) + sizeof ".tmp-XXXXXX";
    char* name = static_cast<char*>(malloc(length));
    if (!name)
        return fail(error, exit_model, "not enough memory");
    snprintf(name, length, "%s.tmp-XXXXXX", target);
    int file = mkostemp(name, O_CLOEXEC);
    if (file < 0) {
        free(name);
        return fail(error, "cannot create: %s", strerror(errno));
    }
    temporary = name;
    watch_signals(temporary);
    mode_t mask = umask(0);
    umask(mask);
    fchmod(file, exists ? info.st_mode & 0777 : 0666 & ~mask); // mkostemp's 0600 would surprise
    stream = fdopen(file, "wb");
    if (!stream)
        close(file);
    return stream ? true : fail(error, "cannot create: %s", strerror(errno));
}

bool OutputFile::write(const void* bytes, size_t count, Error& error) {
    if (fwrite(bytes, 1, count, stream) == count)
        return true;
    return fail(error, "cannot write: %s", strerror(errno));
}

bool OutputFile::commit(Error& error) {
    bool ok = fflush(stream) == 0 && (!temporary || fsync(fileno(stream)) == 0);
    int problem = errno;
    if (fclose(stream) != 0 && ok) {
        ok = false;
        problem = errno;
    }
    stream = nullptr;
    if (!ok)
        return fail(error, "cannot write: %s", strerror(problem));
    if (!temporary)
        return true;
    if (rename(temporary, target) != 0)
        return fail(error, "cannot create: %s", strerror(errno));
    pending = 0;
    free(temporary);
    temporary = nullptr;
    return true;
}

OutputFile::~OutputFile() {
    if (stream)
        fclose(stream);
    if (temporary) {
        unlink(temporary);
        pending = 0;
    }
    free(temporary);
    free(target);
}

} // namespace resnetc
