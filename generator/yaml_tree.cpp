#include "yaml_tree.h"

#include <sstream>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace resnetc {

namespace {

// Brackets and braces in one text. yaml-cpp keeps every token of a flow collection until the
// outermost one closes, about 150 bytes each, so an endless "[[[[" has to be refused before it.
constexpr size_t kFlowTokenLimit = 10000;

SourceLocation location(const YAML::Mark& mark) {
    return {mark.line + 1, mark.column + 1};
}

// Place of the byte at `offset`.
SourceLocation location_of(const std::string& text, size_t offset) {
    SourceLocation where{1, 1};
    for (size_t i = 0; i < offset; ++i) {
        where = text[i] == '\n' ? SourceLocation{where.line + 1, 1}
                                : SourceLocation{where.line, where.column + 1};
    }
    return where;
}

// Thrown through yaml-cpp to end the parse; the error has been reported.
struct Stop {};

// Builds the tree from yaml-cpp's events and reports what our subset excludes.
class TreeBuilder : public YAML::EventHandler {
public:
    explicit TreeBuilder(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

    YamlNode take_root() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
        refuse(location(mark), "anchor '&" + name + "', expected a value without an anchor",
               "write the value out where it is needed");
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        refuse(location(mark), "alias, expected a value", "write the value out");
        add({YamlKind::refused, location(mark), "", {}, "", {}});
    }
    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
        add({YamlKind::null, location(mark), "", {}, "", {}});
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  const std::string& value) override {
        YamlKind kind = tag == "!" ? YamlKind::quoted : YamlKind::plain;
        if (!check_tag(mark, tag) || !check_quotes(mark)) {
            kind = YamlKind::refused;
        }
        add({kind, location(mark), value, {}, "", {}});
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {
        check_tag(mark, tag);
        open({YamlKind::sequence, location(mark), "", {}, "", {}});
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {
        check_tag(mark, tag);
        open({YamlKind::map, location(mark), "", {}, "", {}});
    }
    void OnMapEnd() override { close(); }

private:
    // A map or sequence that is still being read.
    struct Open {
        YamlNode node;
        std::optional<YamlNode> key; // map: read, its value not yet
    };

    void refuse(SourceLocation where, std::string message, std::string hint = "") {
        diagnostics_.error(where, std::move(message), std::move(hint));
    }

    // The byte of the text at a mark; 0 at the end.
    char byte_at(size_t at) const {
        const std::string& text = diagnostics_.file().text;
        return at < text.size() ? text[at] : '\0';
    }

    // yaml-cpp's tag is "?" for plain nodes and "!" for quoted ones, and also for `! text`.
    bool check_tag(const YAML::Mark& mark, const std::string& tag) {
        const bool exclamation = byte_at(static_cast<size_t>(mark.pos)) == '!';
        if (exclamation || (tag != "?" && tag != "!" && !tag.empty())) {
            refuse(location(mark), "tag, expected a value without a tag");
            return false;
        }
        return true;
    }

    // yaml-cpp accepts quotes that are still open where the text ends.
    bool check_quotes(const YAML::Mark& mark) {
        const std::string& text = diagnostics_.file().text;
        const auto begin = static_cast<size_t>(mark.pos);
        const char quote = byte_at(begin);
        if (quote != '"' && quote != '\'') {
            return true;
        }
        for (size_t at = begin + 1; at < text.size(); ++at) {
            const bool escape = quote == '"' && text[at] == '\\';
            const bool apostrophe = quote == '\'' && text[at] == quote && byte_at(at + 1) == quote;
            if (escape || apostrophe) {
                ++at;
            } else if (text[at] == quote) {
                return true;
            }
        }
        refuse(location(mark), "the quotes are not closed");
        return false;
    }

    bool key_expected() const {
        return !open_.empty() && open_.back().node.kind == YamlKind::map && !open_.back().key;
    }

    void open(YamlNode node) {
        if (key_expected()) {
            refuse(node.where, "a map or a list as a key, expected a word");
            throw Stop{};
        }
        if (open_.size() >= static_cast<size_t>(kYamlDepthLimit)) {
            refuse(node.where, "more than " + std::to_string(kYamlDepthLimit) +
                                   " maps and lists inside each other");
            throw Stop{};
        }
        open_.push_back({std::move(node), std::nullopt});
    }

    void close() {
        YamlNode node = std::move(open_.back().node);
        open_.pop_back();
        add(std::move(node));
    }

    void add(YamlNode node) {
        if (++nodes_ > kYamlNodeLimit) {
            refuse(node.where, "more than " + std::to_string(kYamlNodeLimit) + " values");
            throw Stop{};
        }
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = open_.back();
        if (key_expected()) {
            parent.key = std::move(node);
            return;
        }
        if (parent.key) {
            node.key = parent.key->text;
            node.key_where = parent.key->where;
            if (parent.key->kind == YamlKind::null) {
                refuse(node.key_where, "nothing as a key, expected a word");
                node.kind = YamlKind::refused;
            }
            parent.key.reset();
        }
        parent.node.items.push_back(std::move(node));
    }

    Diagnostics& diagnostics_;
    YamlNode root_;
    std::vector<Open> open_;
    size_t nodes_ = 0;
};

// Asked for whatever follows the first document: reports where it begins and stops.
class NothingMore : public YAML::EventHandler {
public:
    explicit NothingMore(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

    void OnDocumentStart(const YAML::Mark& mark) override {
        diagnostics_.error(location(mark), "text after the end of the document, expected nothing",
                           "a file holds one document");
        throw Stop{};
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}

private:
    Diagnostics& diagnostics_;
};

bool is_refused_control(std::string_view text, size_t at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool line_end = byte == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
    return (byte < 0x20 && byte != '\t' && byte != '\n' && !line_end) || byte == 0x7F;
}

std::string name_of_byte(unsigned char byte) {
    return byte == 0      ? "NUL byte"
           : byte == '\r' ? "carriage return without a line feed"
                          : "control character";
}

// What can be seen without parsing. Returns whether yaml-cpp may have the text.
bool check_bytes(Diagnostics& diagnostics) {
    const std::string& text = diagnostics.file().text;
    if (text.size() > kYamlSizeLimit) {
        diagnostics.error({}, "is larger than 1 MiB (" + std::to_string(text.size()) + " bytes)");
        return false;
    }
    if (text.starts_with("\xEF\xBB\xBF")) {
        diagnostics.error({1, 1}, "byte order mark, expected UTF-8 without one");
        return false;
    }
    if (const size_t at = first_invalid_utf8(text); at != std::string::npos) {
        diagnostics.error(location_of(text, at), "bytes that are not UTF-8",
                          "save the file as UTF-8");
        return false;
    }
    size_t flow_tokens = 0;
    for (size_t at = 0; at < text.size(); ++at) {
        if (is_refused_control(text, at)) {
            diagnostics.error(location_of(text, at),
                              name_of_byte(static_cast<unsigned char>(text[at])) +
                                  ", expected text");
            return false;
        }
        if (text[at] == '%' && (at == 0 || text[at - 1] == '\n')) {
            diagnostics.error(location_of(text, at), "YAML directive, expected a key");
            return false;
        }
        if ((text[at] == '[' || text[at] == '{') && ++flow_tokens > kFlowTokenLimit) {
            diagnostics.error(location_of(text, at), "more than " +
                                                         std::to_string(kFlowTokenLimit) +
                                                         " opening brackets and braces");
            return false;
        }
    }
    return true;
}

// Whether the indentation of the `line`-th line holds a tab.
bool indented_by_tab(const std::string& text, int line) {
    size_t at = 0;
    for (int i = 1; i < line; ++i) {
        at = text.find('\n', at) + 1; // yaml-cpp has read that many lines
    }
    const size_t first = text.find_first_not_of(' ', at);
    return first != std::string::npos && text[first] == '\t';
}

// yaml-cpp's message in words that help, and a hint.
std::pair<std::string, std::string> explain(const std::string& message) {
    struct Explanation {
        const char* theirs;
        const char* ours;
        const char* hint;
    };
    static constexpr Explanation explanations[] = {
        {"end of sequence not found", "this list does not end, expected '-' or ']'",
         "check the indentation"},
        {"end of sequence flow not found", "this list does not end, expected ',' or ']'", ""},
        {"end of map not found", "this does not belong to the map, expected 'key: value'",
         "check the indentation"},
        {"end of map flow not found", "this map does not end, expected ',' or '}'", ""},
        {"illegal map value", "':' where no value can begin",
         "check the indentation, or put the text in quotes"},
        {"illegal block entry", "'-' where no list can begin", "check the indentation"},
        {"illegal EOF in scalar", "the quotes are not closed", ""},
        {"illegal flow end", "a closing bracket that closes nothing", ""},
        {"the referenced anchor is not defined", "alias, expected a value", "write the value out"},
        {"unknown token", "a character that cannot begin a value", "put the text in quotes"},
    };
    for (const Explanation& explanation : explanations) {
        if (message == explanation.theirs) {
            return {explanation.ours, explanation.hint};
        }
    }
    return {"not valid YAML: " + message, ""};
}

} // namespace

std::optional<YamlNode> read_yaml(Diagnostics& diagnostics) {
    if (!check_bytes(diagnostics)) {
        return std::nullopt;
    }
    try {
        std::istringstream stream(diagnostics.file().text);
        YAML::Parser parser(stream);
        TreeBuilder builder(diagnostics);
        if (!parser.HandleNextDocument(builder)) {
            diagnostics.error({}, "is empty, expected a YAML document");
            return std::nullopt;
        }
        // yaml-cpp leaves what it does not understand after the root ("[1, 2] x", ",") for a next
        // document. It must not be asked for more than one: "," is never consumed.
        if (NothingMore nothing_more(diagnostics); parser) {
            parser.HandleNextDocument(nothing_more);
        }
        return builder.take_root();
    } catch (const Stop&) {
        return std::nullopt;
    } catch (const YAML::Exception& error) {
        auto [message, hint] = explain(error.msg);
        const SourceLocation where = error.mark.is_null() ? SourceLocation{} : location(error.mark);
        if (where.line > 0 && indented_by_tab(diagnostics.file().text, where.line)) {
            hint = "YAML is indented with spaces, not with tabs";
        }
        diagnostics.error(where, message, hint);
        return std::nullopt;
    }
}

} // namespace resnetc
