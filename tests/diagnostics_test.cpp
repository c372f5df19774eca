// How errors look: place, line, caret, hint, and what is done to text that a terminal must not see.
#include "diagnostics.h"

#include "catch.h"

using namespace resnetc;

namespace {

// The first diagnostic about `where` in `text`, as printed.
std::string shown(const std::string& text, SourceLocation where, const std::string& message,
                  const std::string& hint = "") {
    Diagnostics diagnostics({"a.yaml", text});
    diagnostics.error(where, message, hint);
    try {
        diagnostics.throw_if_any();
    } catch (const DiagnosticError& error) {
        return format(error.diagnostics.front());
    }
    return "no error";
}

} // namespace

TEST_CASE("a diagnostic shows place, line, caret and hint") {
    CHECK(shown("a: 1\ndephts: 3\n", {2, 1}, "unknown key 'dephts'", "did you mean 'depths'?") ==
          "a.yaml:2:1: error: unknown key 'dephts'\n"
          "dephts: 3\n"
          "^\n"
          "hint: did you mean 'depths'?\n");
    CHECK(shown("a: 1", {1, 4}, "wrong") == "a.yaml:1:4: error: wrong\na: 1\n   ^\n");
    CHECK(shown("a: 1\r\nb: 2\r\n", {1, 4}, "wrong") == "a.yaml:1:4: error: wrong\na: 1\n   ^\n");
}

TEST_CASE("a diagnostic about a whole file has no position") {
    CHECK(shown("text", {}, "is empty") == "a.yaml: error: is empty\n");
    CHECK(format({"", {}, "unknown option '--jsn'", "did you mean '--json'?", ""}) ==
          "resnetc: error: unknown option '--jsn'\nhint: did you mean '--json'?\n");
}

TEST_CASE("a caret may stand behind the line's end") {
    CHECK(shown("ab\n", {1, 3}, "wrong") == "a.yaml:1:3: error: wrong\nab\n  ^\n");
    CHECK(shown("ab\n", {7, 3}, "wrong") == "a.yaml:7:3: error: wrong\n");
    CHECK(shown("ab\n\ncd\n", {2, 1}, "wrong") == "a.yaml:2:1: error: wrong\n");
}

TEST_CASE("the caret's line copies tabs") {
    CHECK(shown("\ta:\t1", {1, 5}, "wrong") == "a.yaml:1:5: error: wrong\n\ta:\t1\n\t  \t^\n");
}

TEST_CASE("control bytes and bytes that are not UTF-8 are escaped") {
    CHECK(shown("a: \x1b[31mb", {1, 9}, "wrong") ==
          "a.yaml:1:9: error: wrong\na: \\x1b[31mb\n           ^\n");
    CHECK(shown("caf\xe9 x", {1, 6}, "wrong") ==
          "a.yaml:1:6: error: wrong\ncaf\\xe9 x\n        ^\n");
    CHECK(printable("a\nb\tc\x7f") == "a\\nb\\x09c\\x7f");
    CHECK(printable("\xc2\x9b") == "\\xc2\\x9b"); // a C1 control is an escape to some terminals
    CHECK(printable("caf\u00e9 \u20ac \U0001f600") == "caf\u00e9 \u20ac \U0001f600");
    CHECK(format({"a\x1b", {}, "b\x1b", "c\x1b", ""}) == "a\\x1b: error: b\\x1b\nhint: c\\x1b\n");
}

TEST_CASE("a caret counts characters, not bytes") {
    CHECK(shown("caf\u00e9 x", {1, 7}, "wrong") ==
          "a.yaml:1:7: error: wrong\ncaf\u00e9 x\n     ^\n");
}

TEST_CASE("only well-formed UTF-8 is accepted") {
    CHECK(first_invalid_utf8("plain caf\u00e9 \u20ac \U0001f600") == std::string_view::npos);
    CHECK(first_invalid_utf8("ab\xff") == 2);
    CHECK(first_invalid_utf8("a\x80") == 1);                  // a continuation byte on its own
    CHECK(first_invalid_utf8("\xc0\xaf") == 0);               // overlong, two bytes
    CHECK(first_invalid_utf8("\xe0\x80\xaf") == 0);           // overlong, three bytes
    CHECK(first_invalid_utf8("\xf0\x80\x80\xaf") == 0);       // overlong, four bytes
    CHECK(first_invalid_utf8("\xed\xa0\x80") == 0);           // a surrogate
    CHECK(first_invalid_utf8("\xf4\x90\x80\x80") == 0);       // beyond U+10FFFF
    CHECK(first_invalid_utf8(std::string("a\xe2\x82")) == 1); // cut short
}

TEST_CASE("long lines are shortened around the caret") {
    const std::string line = std::string(200, 'a') + "X" + std::string(200, 'b');
    CHECK(shown(line, {1, 201}, "wrong") == "a.yaml:1:201: error: wrong\n"
                                            "..." +
                                                std::string(60, 'a') + "X" + std::string(39, 'b') +
                                                "...\n" + std::string(63, ' ') + "^\n");
    // The cut falls between characters.
    std::string euros;
    for (int i = 0; i < 200; ++i) {
        euros += "\u20ac";
    }
    const std::string text = shown(euros, {1, 301}, "wrong");
    CHECK(first_invalid_utf8(text) == std::string::npos);
    CHECK(text.find("\\x") == std::string::npos);
}

TEST_CASE("errors of one text are sorted by position") {
    Diagnostics diagnostics({"a", "x\ny\nz\n"});
    CHECK(diagnostics.empty());
    CHECK_NOTHROW(diagnostics.throw_if_any());
    diagnostics.error({2, 5}, "third");
    diagnostics.error({2, 1}, "second");
    diagnostics.error({1, 9}, "first");
    diagnostics.error({}, "about the file");
    CHECK_FALSE(diagnostics.empty());
    try {
        diagnostics.throw_if_any();
        FAIL("nothing thrown");
    } catch (const DiagnosticError& error) {
        REQUIRE(error.diagnostics.size() == 4);
        CHECK(error.diagnostics[0].message == "about the file");
        CHECK(error.diagnostics[1].message == "first");
        CHECK(error.diagnostics[2].message == "second");
        CHECK(error.diagnostics[3].message == "third");
        CHECK(std::string(error.what()).find("a:2:5: error: third\n") != std::string::npos);
    }
}

TEST_CASE("at most a hundred errors with a place are kept") {
    Diagnostics diagnostics({"a", "x\n"});
    for (int i = 0; i < 250; ++i) {
        diagnostics.error({1, 1}, "wrong");
    }
    try {
        diagnostics.throw_if_any();
        FAIL("nothing thrown");
    } catch (const DiagnosticError& error) {
        REQUIRE(error.diagnostics.size() == 101);
        CHECK(error.diagnostics.back().message == "150 more errors, not shown");
    }
}

TEST_CASE("colour changes no text") {
    const Diagnostic diagnostic{"a", {1, 2}, "wrong", "right", "abc"};
    std::string text = format(diagnostic, true);
    CHECK(text != format(diagnostic));
    for (size_t at = text.find('\033'); at != std::string::npos; at = text.find('\033')) {
        text.erase(at, text.find('m', at) - at + 1);
    }
    CHECK(text == format(diagnostic));
}

TEST_CASE("the nearest word is found by edit distance") {
    const std::vector<std::string> words = {"depths", "widths", "strides", "head"};
    CHECK(nearest("dephts", words) == "depths"); // a swap is one step
    CHECK(nearest("width", words) == "widths");
    CHECK(nearest("heads", words) == "head");
    CHECK(nearest("stem", words).empty());
    CHECK(nearest("", words).empty());
    CHECK(nearest(std::string(100000, 'x'), words).empty());
    CHECK(did_you_mean("hed", words) == "did you mean 'head'?");
    CHECK(did_you_mean("zebra", words).empty());
}

TEST_CASE("fail throws one diagnostic about a path") {
    try {
        fail("weights.bin", "is too short", "was it copied whole?");
        FAIL("not reached");
    } catch (const DiagnosticError& error) {
        REQUIRE(error.diagnostics.size() == 1);
        CHECK(format(error.diagnostics[0]) ==
              "weights.bin: error: is too short\nhint: was it copied whole?\n");
    }
}
