// No text makes the spec reader crash, hang, or drop a part of it silently.
#include "file_io.h"
#include "network.h"
#include "spec.h"
#include "yaml_tree.h"

#include "catch.h"

using namespace resnetc;

namespace {

// Whether the reader has something to say about a text.
bool refused(const std::string& text) {
    try {
        parse_spec({"net.yaml", text});
    } catch (const DiagnosticError& error) {
        return !error.diagnostics.empty();
    }
    return false;
}

// A tree as text, places left out; "" for a text that is refused.
std::string tree_of(const YamlNode& node) {
    std::string text =
        std::to_string(static_cast<int>(node.kind)) + "<" + node.key + "|" + node.text + ">(";
    for (const YamlNode& item : node.items) {
        text += tree_of(item) + ";";
    }
    return text + ")";
}
std::string tree_of(const std::string& text) {
    Diagnostics diagnostics({"a.yaml", text});
    const auto root = read_yaml(diagnostics);
    return root && diagnostics.empty() ? tree_of(*root) : "";
}

} // namespace

TEST_CASE("no inserted text is dropped silently") {
    // yaml-cpp drops some text that it does not understand. Wherever one of these is put into a
    // text without comments, the text must be refused or mean something else.
    const std::vector<std::string> inserted = {
        "zz",  " zz", "zz ",      "]",  " ]",     "}",      "[",     "{",       ": ",
        "- ",  " - ", "'",        "\"", "\nzz\n", "\n]\n",  "\n}\n", "&a ",     "*a ",
        "!t ", "! ",  "\n---\nz", "@",  "\\",     "\n: \n", "~",     "\n...\nz"};
    const std::vector<std::string> texts = {
        std::string("version: 1\ninput: {a: 1, b: 2}\nl: [1, 2, 3]\nm:\n") +
            "  - {match: 'a', with: \"b\"}\n  - [c, d]\nn:\n  k: v\n  z: none\n",
        "[1, 2]\n",
        "{a: 1}\n",
        "a\n",
        "'q'\n",
        "- 1\n- 2\n",
        "---\na: [1]\n...\n",
        "a: |\n  hi\n  yo\nb: >\n  c\n"};
    for (const std::string& text : texts) {
        const std::string tree = tree_of(text);
        REQUIRE_FALSE(tree.empty());
        for (size_t at = 0; at <= text.size(); ++at) {
            for (const std::string& piece : inserted) {
                const std::string changed = text.substr(0, at) + piece + text.substr(at);
                if (tree_of(changed) == tree) {
                    FAIL_CHECK("dropped '" << piece << "' in:\n" << changed);
                }
            }
        }
    }
}

TEST_CASE("damaged specs never crash the reader") {
    const std::string path =
        std::string(RESNETC_SOURCE_DIR) + "/specs/models/resnet20_projection.yaml";
    const std::string text = read_file(path, kYamlSizeLimit);
    const auto survives = [&](const std::string& damaged) {
        try {
            build_network(parse_spec({path, damaged}));
        } catch (const DiagnosticError& error) {
            return !error.diagnostics.empty();
        }
        return true;
    };
    for (size_t length = 0; length < text.size(); ++length) {
        REQUIRE(survives(text.substr(0, length)));
    }
    for (size_t bit = 0; bit < 8 * text.size(); ++bit) {
        std::string damaged = text;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        REQUIRE(survives(damaged));
    }
}

TEST_CASE("huge nonsense is refused quickly") {
    const auto repeated = [](const std::string& piece, size_t count) {
        std::string text;
        for (size_t i = 0; i < count; ++i) {
            text += piece;
        }
        return text;
    };
    for (const std::string& text :
         {repeated("[", 1000000), repeated("{a: ", 200000), repeated("- ", 500000),
          repeated("? ", 500000), repeated("a: 1\n", 200000), repeated("'", 1000001),
          "a: [" + repeated("1,", 500000) + "]", repeated(": ", 500000), repeated(",", 1000000),
          "description: " + repeated("x", 1000000), repeated("&a ", 300000)}) {
        INFO(text.substr(0, 20));
        CHECK(refused(text));
    }
}
