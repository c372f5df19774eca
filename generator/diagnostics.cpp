#include "diagnostics.h"

#include <algorithm>
#include <cstdio>

namespace resnetc {

namespace {

// Columns of source text shown around the caret; longer lines are cut on both sides.
constexpr size_t kShownBefore = 60;
constexpr size_t kShownAfter = 40;

// Errors with a place in one text that are shown; a broken file must not fill the terminal.
constexpr size_t kMostLocatedErrors = 100;

// Longer words are not compared: the distance takes time proportional to the product of the
// lengths.
constexpr size_t kLongestComparedWord = 256;

// Length of the well-formed UTF-8 sequence at `at`, or 0 (Unicode 15, table 3-7).
size_t utf8_length(std::string_view text, size_t at) {
    auto byte = [&](size_t i) -> unsigned {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
    };
    auto follows = [&](size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
    const unsigned lead = byte(0);
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
        return follows(1) ? 2 : 0;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
        const bool surrogate = lead == 0xED && byte(1) > 0x9F;
        return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const bool overlong = lead == 0xF0 && byte(1) < 0x90;
        const bool too_large = lead == 0xF4 && byte(1) > 0x8F;
        return follows(1) && follows(2) && follows(3) && !overlong && !too_large ? 4 : 0;
    }
    return 0;
}

std::string hex_escape(unsigned char byte) {
    char buffer[8];
    std::snprintf(buffer, sizeof buffer, "\\x%02x", byte);
    return buffer;
}

// What a terminal shows for the character at `at`, which is `length` bytes long (0: not UTF-8).
std::string shown_character(std::string_view text, size_t at, size_t length, bool keep_tabs) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == '\t' && keep_tabs) {
        return "\t";
    }
    if (byte == '\n') {
        return "\\n";
    }
    const bool c1_control =
        length == 2 && byte == 0xC2 && static_cast<unsigned char>(text[at + 1]) < 0xA0;
    if (length == 0 || byte < 0x20 || byte == 0x7F) {
        return hex_escape(byte);
    }
    if (c1_control) {
        return hex_escape(byte) + hex_escape(static_cast<unsigned char>(text[at + 1]));
    }
    return std::string(text.substr(at, length));
}

// One character of a source line as it is shown.
struct ShownCharacter {
    std::string text;
    bool before_caret;
};

// The characters of `line` near the byte at 0-based `caret`. Only bytes that can be shown are
// looked at: a line may be a megabyte long.
std::vector<ShownCharacter> characters_near(std::string_view line, size_t caret) {
    constexpr size_t longest_character = 4;
    const size_t reach = longest_character * kShownBefore;
    size_t at = caret > reach ? caret - reach : 0;
    while (at > 0 && at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0u) == 0x80u) {
        --at;
    }
    const size_t end = std::min(line.size(), caret + longest_character * kShownAfter);
    std::vector<ShownCharacter> shown;
    while (at < end) {
        const size_t length = utf8_length(line, at);
        const size_t step = std::max<size_t>(length, 1);
        shown.push_back({shown_character(line, at, length, true), at + step <= caret});
        at += step;
    }
    return shown;
}

// Shows `line` and a caret under the byte at 0-based `caret`.
std::string source_excerpt(std::string_view line, size_t caret) {
    const std::vector<ShownCharacter> shown = characters_near(line, caret);
    const auto before = static_cast<size_t>(std::count_if(
        shown.begin(), shown.end(), [](const ShownCharacter& c) { return c.before_caret; }));
    const bool cut_front = before > kShownBefore;
    const size_t first = cut_front ? before - kShownBefore : 0;
    const size_t last = std::min(shown.size(), before + kShownAfter);

    std::string text = cut_front ? "..." : "";
    std::string marker = cut_front ? "   " : "";
    for (size_t i = first; i < last; ++i) {
        const std::string& character = shown[i].text;
        text += character;
        if (i < before) {
            const size_t columns = character[0] == '\\' ? character.size() : 1;
            marker += character == "\t" ? "\t" : std::string(columns, ' ');
        }
    }
    if (last < shown.size()) {
        text += "...";
    }
    return text + "\n" + marker + "^\n";
}

// The 1-based `number`-th line of `text` without its line end.
std::string line_of(const std::string& text, int number) {
    size_t begin = 0;
    for (int i = 1; i < number; ++i) {
        const size_t end = text.find('\n', begin);
        if (end == std::string::npos) {
            return "";
        }
        begin = end + 1;
    }
    size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin && text[end - 1] == '\r') {
        --end;
    }
    return text.substr(begin, end - begin);
}

std::string summary_line(const std::vector<Diagnostic>& found) {
    std::string all;
    for (const Diagnostic& diagnostic : found) {
        all += format(diagnostic);
    }
    return all;
}

} // namespace

DiagnosticError::DiagnosticError(std::vector<Diagnostic> found)
    : std::runtime_error(summary_line(found)), diagnostics(std::move(found)) {}

void Diagnostics::error(SourceLocation where, std::string message, std::string hint) {
    if (where.line > 0 && ++located_ > kMostLocatedErrors) {
        return;
    }
    std::string line = where.line > 0 ? line_of(file_.text, where.line) : "";
    found_.push_back({file_.path, where, std::move(message), std::move(hint), std::move(line)});
}

void Diagnostics::throw_if_any() const {
    if (found_.empty()) {
        return;
    }
    std::vector<Diagnostic> sorted = found_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Diagnostic& a, const Diagnostic& b) {
        return a.where.line != b.where.line ? a.where.line < b.where.line
                                            : a.where.column < b.where.column;
    });
    if (located_ > kMostLocatedErrors) {
        const size_t more = located_ - kMostLocatedErrors;
        sorted.push_back(
            {file_.path, {}, std::to_string(more) + " more errors, not shown", "", ""});
    }
    throw DiagnosticError(std::move(sorted));
}

void fail(std::string path, std::string message, std::string hint) {
    throw DiagnosticError({{std::move(path), {}, std::move(message), std::move(hint), ""}});
}

std::string printable(std::string_view text) {
    std::string shown;
    for (size_t at = 0; at < text.size();) {
        const size_t length = utf8_length(text, at);
        shown += shown_character(text, at, length, false);
        at += std::max<size_t>(length, 1);
    }
    return shown;
}

size_t first_invalid_utf8(std::string_view text) {
    for (size_t at = 0; at < text.size();) {
        const size_t length = utf8_length(text, at);
        if (length == 0) {
            return at;
        }
        at += length;
    }
    return std::string_view::npos;
}

std::string format(const Diagnostic& diagnostic, bool colour) {
    const char* bold = colour ? "\033[1m" : "";
    const char* red = colour ? "\033[1;31m" : "";
    const char* green = colour ? "\033[1;32m" : "";
    const char* cyan = colour ? "\033[1;36m" : "";
    const char* reset = colour ? "\033[0m" : "";

    std::string place = diagnostic.path.empty() ? "resnetc" : printable(diagnostic.path);
    if (diagnostic.where.line > 0) {
        place += ":" + std::to_string(diagnostic.where.line);
        place += ":" + std::to_string(diagnostic.where.column);
    }
    std::string text = bold + place + ": " + reset + red + "error:" + reset + " " + bold +
                       printable(diagnostic.message) + reset + "\n";
    if (diagnostic.where.line > 0 && !diagnostic.source_line.empty()) {
        const auto caret = static_cast<size_t>(std::max(diagnostic.where.column - 1, 0));
        const std::string excerpt = source_excerpt(diagnostic.source_line, caret);
        const size_t marker = excerpt.rfind('^');
        text += excerpt.substr(0, marker) + green + "^" + reset + "\n";
    }
    if (!diagnostic.hint.empty()) {
        text += std::string(cyan) + "hint:" + reset + " " + printable(diagnostic.hint) + "\n";
    }
    return text;
}

namespace {

// Damerau-Levenshtein distance in its optimal string alignment form: insertions, deletions,
// substitutions and swaps of neighbours.
size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<size_t> before_last(b.size() + 1);
    std::vector<size_t> last(b.size() + 1);
    std::vector<size_t> current(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j) {
        last[j] = j;
    }
    for (size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t substituted = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            current[j] = std::min({last[j] + 1, current[j - 1] + 1, substituted});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                current[j] = std::min(current[j], before_last[j - 2] + 1);
            }
        }
        std::swap(before_last, last);
        std::swap(last, current);
    }
    return last[b.size()];
}

} // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
    std::string best;
    size_t best_distance = std::string_view::npos;
    if (word.size() > kLongestComparedWord) {
        return best;
    }
    for (const std::string& candidate : candidates) {
        const size_t longer = std::max(word.size(), candidate.size());
        const size_t shorter = std::min(word.size(), candidate.size());
        if (candidate.size() > kLongestComparedWord || 3 * (longer - shorter) > longer) {
            continue;
        }
        const size_t distance = edit_distance(word, candidate);
        if (3 * distance <= longer && distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
    const std::string candidate = nearest(word, candidates);
    return candidate.empty() ? "" : "did you mean '" + candidate + "'?";
}

} // namespace resnetc
