// Errors that point at the user's text. Included by every stage that can refuse something.
//
// In: a source text and positions in it. Out: `file:line:col: error: what, what was expected`, the
// source line, a caret and a hint. A stage collects all it finds in a Diagnostics and calls
// throw_if_any() at its end, so that one run shows every error.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace resnetc {

// 1-based position in a text; column counts bytes. line == 0: the error concerns the whole file.
struct SourceLocation {
    int line = 0;
    int column = 0;
};

// A text and the path under which the user knows it.
struct SourceFile {
    std::string path;
    std::string text;
};

// A value together with the place where the user wrote it ({0,0}: a default).
template <typename T> struct Located {
    T value{};
    SourceLocation where{};
};

struct Diagnostic {
    std::string path;        // as the user gave it; empty: no file is concerned
    SourceLocation where;    //
    std::string message;     // "what, what was expected", no final full stop
    std::string hint;        // "did you mean 'depths'?"; empty: none
    std::string source_line; // the offending line without its newline; empty: none to show
};

// Thrown at the end of a stage that found errors; caught in main only.
struct DiagnosticError : std::runtime_error {
    explicit DiagnosticError(std::vector<Diagnostic> found);
    std::vector<Diagnostic> diagnostics;
};

// Collects the errors of one file in the order in which they are reported.
class Diagnostics {
public:
    explicit Diagnostics(SourceFile file) : file_(std::move(file)) {}
    // `where` may be {0,0} for errors that concern the file as a whole. Of errors with a place the
    // first 100 are kept, the others counted.
    void error(SourceLocation where, std::string message, std::string hint = "");
    bool empty() const { return found_.empty(); }
    const SourceFile& file() const { return file_; }
    // Throws DiagnosticError with everything collected, sorted by position, if there is anything.
    void throw_if_any() const;

private:
    SourceFile file_;
    std::vector<Diagnostic> found_;
    size_t located_ = 0; // errors with a place in the text, whether kept or not
};

// Throws a DiagnosticError with one diagnostic about `path` as a whole (path may be empty).
[[noreturn]] void fail(std::string path, std::string message, std::string hint = "");

// `text` as it can be shown on any terminal: control bytes and bytes that are no UTF-8 become \xNN,
// a newline becomes \n.
std::string printable(std::string_view text);

// Byte offset of the first byte that belongs to no well-formed UTF-8 sequence, or npos.
size_t first_invalid_utf8(std::string_view text);

// The text for one diagnostic, newline-terminated. `colour`: ANSI escapes, only for terminals.
std::string format(const Diagnostic& diagnostic, bool colour = false);

// The candidate nearest to `word` by Damerau-Levenshtein distance, or "" if none is near enough
// (more than a third of the letters differ).
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

// "did you mean 'x'?" for the nearest candidate, or "".
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

} // namespace resnetc
