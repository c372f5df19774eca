#include "error.h"

#include "report.h"

#include <cstdarg>
#include <cstdio>

namespace resnetc {

Failed fail(Error& error, ExitCode code, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error.text, sizeof error.text, format, arguments);
    va_end(arguments);
    error.code = code;
    return {};
}

Failed fail(Error& error, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error.text, sizeof error.text, format, arguments);
    va_end(arguments);
    error.code = exit_input;
    return {};
}

void print_message(const char* program, const char* file, const char* kind, const char* text) {
    fprintf(stderr, "%s: ", program);
    if (file) {
        print_plain(stderr, file);
        fputs(": ", stderr);
    }
    fprintf(stderr, "%s: ", kind);
    print_plain(stderr, text);
    fputc('\n', stderr);
}

} // namespace resnetc
