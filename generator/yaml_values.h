// Typed values out of a YAML tree. Included by the readers of specs, targets and schedules.
//
// In: nodes of yaml_tree.h. Out: numbers, words, texts and lists, each checked for type and range;
// what does not fit is reported in the Diagnostics and the fallback is returned, so that one run
// finds every error of a text.
//
// `what` names the value in messages: "stem.kernel".
#pragma once

#include "message_text.h"
#include "yaml_tree.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace resnetc {

// Inclusive.
struct IntRange {
    int min = 0;
    int max = 0;
};
struct RealRange {
    double min = 0;
    double max = 0;
};

// "a map", "the number 3", "the text \"x\"", "nothing": what the user wrote, for messages.
std::string description_of(const YamlNode& node);

// The hint for a node that should be a map or the word none: "write stem: none".
std::string none_hint(const YamlNode& node, const std::string& key);

// Reports that `node` is not what was `expected` ("an integer from 1 to 9"). Silent for nodes that
// have been reported before.
void refuse_value(Diagnostics& diagnostics, const YamlNode& node, const std::string& what,
                  const std::string& expected, const std::string& hint = "");

// Decimal integer without quotes, leading zeros, underscores, fraction or exponent.
std::optional<int> read_integer(Diagnostics& diagnostics, const YamlNode& node,
                                const std::string& what, IntRange range);

// Finite decimal number without quotes: 3, 0.5, .5, 1e-5.
std::optional<double> read_real(Diagnostics& diagnostics, const YamlNode& node,
                                const std::string& what, RealRange range);

// true or false.
std::optional<bool> read_boolean(Diagnostics& diagnostics, const YamlNode& node,
                                 const std::string& what);

// Any scalar as a text of at most `max_bytes` bytes, without line ends or other control characters.
std::optional<std::string> read_text(Diagnostics& diagnostics, const YamlNode& node,
                                     const std::string& what, size_t max_bytes);

// One of `words`, without quotes: its index.
std::optional<size_t> read_word(Diagnostics& diagnostics, const YamlNode& node,
                                const std::string& what, const std::vector<std::string>& words);

// A list of integers with a length in `length`.
std::vector<Located<int>> read_integers(Diagnostics& diagnostics, const YamlNode& node,
                                        const std::string& what, IntRange range, IntRange length);

// Whether `node` is the word `word` without quotes.
bool is_word(const YamlNode& node, std::string_view word);

// One choice of a key that takes a word.
template <typename Enum> struct Word {
    const char* text;
    Enum value;
};

// A map whose keys are known beforehand. The constructor reports unknown and duplicate keys, and a
// node that is no map (every read then gives its fallback).
class MapReader {
public:
    // `what`: "" for the root of a text, otherwise the path of the map ("stem.pool").
    MapReader(Diagnostics& diagnostics, const YamlNode& node, std::string what,
              std::vector<std::string> keys);

    // The value of `key`, or null where the key is absent.
    const YamlNode* find(std::string_view key) const;

    // Reports a missing key with what it should hold: "the number of blocks of each stage".
    const YamlNode* require(std::string_view key, const std::string& expected) const;

    // "stem.kernel".
    std::string path_of(std::string_view key) const;

    // Place of the map in the text.
    SourceLocation where() const { return node_.where; }

    Located<int> integer(std::string_view key, int fallback, IntRange range) const;
    Located<double> real(std::string_view key, double fallback, RealRange range) const;
    Located<bool> boolean(std::string_view key, bool fallback) const;
    Located<std::string> text(std::string_view key, size_t max_bytes) const;

    template <typename Enum>
    Located<Enum> word(std::string_view key, Enum fallback,
                       const std::vector<Word<Enum>>& words) const {
        const YamlNode* value = find(key);
        if (value == nullptr) {
            return {fallback, {}};
        }
        std::vector<std::string> texts;
        for (const Word<Enum>& choice : words) {
            texts.emplace_back(choice.text);
        }
        const auto index = read_word(diagnostics_, *value, path_of(key), texts);
        return {index ? words[*index].value : fallback, value->where};
    }

private:
    Diagnostics& diagnostics_;
    const YamlNode& node_;
    std::string what_;
};

} // namespace resnetc
