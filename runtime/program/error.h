// Errors of the standalone program: one line of text and the exit code it leads to.
//
// Included everywhere in runtime/program. Functions that can fail return false after `fail` has
// written the reason; main prints it as `NAME: error: TEXT` or `NAME: FILE: error: TEXT`.
#pragma once

namespace resnetc {

// What the program's exit status means; when several apply, the largest is returned.
enum ExitCode {
    exit_ok = 0,
    exit_input = 1, // some input could not be read, or an output could not be written
    exit_usage = 2, // the command line is wrong; nothing was done
    exit_model = 3, // the model could not be run: out of memory, no weights, non-finite output
};

struct Error {
    ExitCode code = exit_ok;
    char text[400] = "";
};

// What `fail` returns: false, in a form that static analysis sees through.
struct Failed {
    constexpr operator bool() const { return false; }
};

// Sets `error` to the printf-formatted text (cut where it is too long) and returns false.
[[gnu::format(printf, 3, 4)]] Failed fail(Error& error, ExitCode code, const char* format, ...);

// `fail` with exit_input, the most frequent kind.
[[gnu::format(printf, 2, 3)]] Failed fail(Error& error, const char* format, ...);

// Prints `PROGRAM: FILE: KIND: TEXT` to stderr; `file` NULL leaves out its part. `kind` is "error"
// or "warning". Control bytes in `file` are shown as \xNN, so that no name can forge a message or
// drive the terminal.
void print_message(const char* program, const char* file, const char* kind, const char* text);

} // namespace resnetc
