// Reading whole input files and writing output files that appear complete or not at all.
//
// Included by the image and npy readers and by the --logits writer.
#pragma once

#include "error.h"
#include "memory.h"

#include <cstdio>

namespace resnetc {

// Reads the file `path`, or standard input where it is "-", into `bytes`. Regular files, pipes and
// terminals are read; anything over 1 GiB is refused. `what` says what the caller expects, for the
// messages: "an image". Errors: cannot open or read, a directory, a device, empty, too large.
bool read_file(const char* path, const char* what, Array<uint8_t>& bytes, Error& error);

// Opens `path` ("-": standard input) for streaming reads. Errors as read_file's. Close with
// fclose.
FILE* open_input(const char* path, const char* what, Error& error);

// An output file under a temporary name beside its target; only commit() gives it its name, so
// that `path` holds either what it held before or the complete result. Where `path` is a pipe or
// a device (/dev/stdout, /dev/null), it is written directly. SIGINT, SIGTERM and SIGHUP remove the
// temporary file; one OutputFile may be open at a time.
struct OutputFile {
    FILE* stream = nullptr;
    char* target = nullptr;    // where the result goes; malloc'd
    char* temporary = nullptr; // malloc'd; NULL where `target` is written directly

    OutputFile() = default;
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    ~OutputFile(); // without commit(): removes the temporary file

    bool open(const char* path, Error& error);
    // Appends; the error says why not (disk full, closed pipe).
    bool write(const void* bytes, size_t count, Error& error);
    // Flushes to disk and gives the file its name.
    bool commit(Error& error);
};

} // namespace resnetc
