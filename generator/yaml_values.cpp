#include "yaml_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <sstream>

namespace resnetc {

namespace {

// Longer texts of the user are cut in messages.
constexpr size_t kShownText = 40;

std::string shortened(const std::string& text) {
    if (text.size() <= kShownText) {
        return text;
    }
    size_t cut = kShownText; // not inside a UTF-8 sequence
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0u) == 0x80u) {
        --cut;
    }
    return text.substr(0, cut) + "...";
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// What a plain scalar looks like to a reader of numbers.
enum class NumberForm { none, integer, real, leading_zero, not_finite };

bool is_not_finite(std::string_view text) {
    static constexpr std::string_view forms[] = {".inf", ".Inf", ".INF", "inf",
                                                 ".nan", ".NaN", ".NAN", "nan"};
    return std::find(std::begin(forms), std::end(forms), text) != std::end(forms);
}

// Moves `at` over the decimal digits of `text`; returns how many there are.
size_t skip_digits(std::string_view text, size_t& at) {
    const size_t begin = at;
    while (at < text.size() && is_digit(text[at])) {
        ++at;
    }
    return at - begin;
}

// Moves `at` over `e`, a sign and digits. Returns false for an exponent without digits.
bool skip_exponent(std::string_view text, size_t& at) {
    if (at >= text.size() || (text[at] != 'e' && text[at] != 'E')) {
        return true;
    }
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
        ++at;
    }
    return skip_digits(text, at) > 0;
}

// Grammar: YAML 1.2, 10.3.2 (core schema), except that a leading zero is a form of its own.
NumberForm number_form(std::string_view text) {
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
        text.remove_prefix(1);
    }
    if (is_not_finite(text)) {
        return NumberForm::not_finite;
    }
    if (text.size() > 2 && text[0] == '0' && (text[1] == 'o' || text[1] == 'x')) {
        return NumberForm::leading_zero;
    }
    size_t at = 0;
    const size_t whole = skip_digits(text, at);
    const size_t integer_end = at;
    size_t fraction = 0;
    if (at < text.size() && text[at] == '.') {
        ++at;
        fraction = skip_digits(text, at);
    }
    if (whole + fraction == 0 || !skip_exponent(text, at) || at != text.size()) {
        return NumberForm::none;
    }
    if (whole > 1 && text[0] == '0') {
        return NumberForm::leading_zero;
    }
    return at == integer_end ? NumberForm::integer : NumberForm::real;
}

std::string without_plus(const std::string& text) {
    return text.starts_with('+') ? text.substr(1) : text;
}

std::string shown_real(double value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

// The hint for a value that should have been a number.
std::string number_hint(const YamlNode& node) {
    const NumberForm form = number_form(node.text);
    if (node.kind == YamlKind::quoted && form != NumberForm::none) {
        return "remove the quotes";
    }
    if (node.kind == YamlKind::plain && form == NumberForm::leading_zero) {
        return "write it in decimal without a leading zero";
    }
    return "";
}

// Keys of a map that a message lists; more go into the hint.
constexpr size_t kListedKeys = 8;

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

// "a, b or c".
std::string choice_of(const std::vector<std::string>& words) {
    std::string text;
    for (size_t i = 0; i < words.size(); ++i) {
        text += i == 0 ? "" : i + 1 == words.size() ? " or " : ", ";
        text += words[i];
    }
    return text;
}

} // namespace

std::string description_of(const YamlNode& node) {
    switch (node.kind) {
    case YamlKind::null:
        return node.text.empty() ? "nothing" : node.text;
    case YamlKind::plain:
        return number_form(node.text) == NumberForm::none ? "'" + shortened(node.text) + "'"
                                                          : shortened(node.text);
    case YamlKind::quoted:
        return "the text \"" + shortened(node.text) + "\"";
    case YamlKind::sequence:
        return "a list";
    case YamlKind::map:
        return "a map";
    case YamlKind::refused:
        break;
    }
    return "refused";
}

std::string none_hint(const YamlNode& node, const std::string& key) {
    return node.kind == YamlKind::null    ? "write " + key + ": none"
           : node.kind == YamlKind::plain ? did_you_mean(node.text, {"none"})
                                          : "";
}

void refuse_value(Diagnostics& diagnostics, const YamlNode& node, const std::string& what,
                  const std::string& expected, const std::string& hint) {
    if (node.kind == YamlKind::refused) {
        return;
    }
    // yaml-cpp places an empty value at whatever comes next.
    const bool empty = node.kind == YamlKind::null && node.key_where.line > 0;
    diagnostics.error(empty ? node.key_where : node.where,
                      what + " is " + description_of(node) + ", expected " + expected, hint);
}

std::optional<int> read_integer(Diagnostics& diagnostics, const YamlNode& node,
                                const std::string& what, IntRange range) {
    if (node.kind == YamlKind::plain && number_form(node.text) == NumberForm::integer) {
        const std::string digits = without_plus(node.text);
        int value = 0;
        const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (result.ec == std::errc{} && value >= range.min && value <= range.max) {
            return value;
        }
    }
    refuse_value(diagnostics, node, what,
                 "an integer from " + std::to_string(range.min) + " to " +
                     std::to_string(range.max),
                 number_hint(node));
    return std::nullopt;
}

std::optional<double> read_real(Diagnostics& diagnostics, const YamlNode& node,
                                const std::string& what, RealRange range) {
    const NumberForm form =
        node.kind == YamlKind::plain ? number_form(node.text) : NumberForm::none;
    if (form == NumberForm::integer || form == NumberForm::real) {
        const std::string digits = without_plus(node.text);
        double value = 0;
        const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (result.ec == std::errc{} && std::isfinite(value) && value >= range.min &&
            value <= range.max) {
            return value;
        }
    }
    refuse_value(diagnostics, node, what,
                 "a number from " + shown_real(range.min) + " to " + shown_real(range.max),
                 number_hint(node));
    return std::nullopt;
}

std::optional<bool> read_boolean(Diagnostics& diagnostics, const YamlNode& node,
                                 const std::string& what) {
    if (is_word(node, "true") || is_word(node, "false")) {
        return node.text == "true";
    }
    const bool quoted = node.kind == YamlKind::quoted;
    const bool yes = node.text == "yes" || node.text == "on" || node.text == "True";
    const bool no = node.text == "no" || node.text == "off" || node.text == "False";
    const bool word = node.text == "true" || node.text == "false";
    refuse_value(diagnostics, node, what, "true or false",
                 quoted && word ? "remove the quotes"
                 : yes          ? "write true"
                 : no           ? "write false"
                                : "");
    return std::nullopt;
}

std::optional<std::string> read_text(Diagnostics& diagnostics, const YamlNode& node,
                                     const std::string& what, size_t max_bytes) {
    if (node.kind != YamlKind::plain && node.kind != YamlKind::quoted) {
        refuse_value(diagnostics, node, what, "a text",
                     node.kind == YamlKind::null ? "put the text in quotes" : "");
        return std::nullopt;
    }
    if (node.text.size() > max_bytes) {
        diagnostics.error(node.where, what + " is " + std::to_string(node.text.size()) +
                                          " bytes long, expected at most " +
                                          std::to_string(max_bytes));
        return std::nullopt;
    }
    if (printable(node.text) != node.text) {
        diagnostics.error(node.where,
                          what + " holds a line end or a control character, expected one line");
        return std::nullopt;
    }
    return node.text;
}

std::optional<size_t> read_word(Diagnostics& diagnostics, const YamlNode& node,
                                const std::string& what, const std::vector<std::string>& words) {
    for (size_t i = 0; i < words.size(); ++i) {
        if (is_word(node, words[i])) {
            return i;
        }
    }
    const bool known = std::find(words.begin(), words.end(), node.text) != words.end();
    refuse_value(diagnostics, node, what, choice_of(words),
                 node.kind == YamlKind::quoted && known ? "remove the quotes"
                 : node.kind == YamlKind::plain         ? did_you_mean(node.text, words)
                                                        : "");
    return std::nullopt;
}

std::vector<Located<int>> read_integers(Diagnostics& diagnostics, const YamlNode& node,
                                        const std::string& what, IntRange range, IntRange length) {
    std::vector<Located<int>> values;
    if (node.kind != YamlKind::sequence) {
        refuse_value(diagnostics, node, what, "a list of integers",
                     node.kind == YamlKind::plain ? "write [" + node.text + "]" : "");
        return values;
    }
    const size_t count = node.items.size();
    if (count < static_cast<size_t>(length.min) || count > static_cast<size_t>(length.max)) {
        diagnostics.error(node.where, what + " has " + counted(count, "element") + ", expected " +
                                          std::to_string(length.min) + " to " +
                                          std::to_string(length.max));
        return values;
    }
    for (const YamlNode& item : node.items) {
        const std::string name = what + "[" + std::to_string(values.size()) + "]";
        const auto value = read_integer(diagnostics, item, name, range);
        values.push_back({value.value_or(range.min), item.where});
    }
    return values;
}

bool is_word(const YamlNode& node, std::string_view word) {
    return node.kind == YamlKind::plain && node.text == word;
}

MapReader::MapReader(Diagnostics& diagnostics, const YamlNode& node, std::string what,
                     std::vector<std::string> keys)
    : diagnostics_(diagnostics), node_(node), what_(std::move(what)) {
    const std::string place = what_.empty() ? "" : " in " + what_;
    if (node.kind != YamlKind::map) {
        refuse_value(diagnostics, node, what_.empty() ? "the document" : what_,
                     keys.size() <= kListedKeys ? "a map with the keys " + joined(keys) : "a map",
                     keys.size() <= kListedKeys ? "" : "known keys: " + joined(keys));
        return;
    }
    std::map<std::string_view, const YamlNode*> first_of;
    for (const YamlNode& item : node.items) {
        if (item.kind == YamlKind::refused && item.key.empty()) {
            continue;
        }
        const YamlNode* first = first_of.try_emplace(item.key, &item).first->second;
        if (std::find(keys.begin(), keys.end(), item.key) == keys.end()) {
            const std::string hint = did_you_mean(item.key, keys);
            diagnostics.error(item.key_where, "unknown key '" + shortened(item.key) + "'" + place,
                              hint.empty() ? "known keys: " + joined(keys) : hint);
        } else if (first != &item) {
            diagnostics.error(item.key_where, "duplicate key '" + item.key + "'" + place +
                                                  ", first given in line " +
                                                  std::to_string(first->key_where.line));
        }
    }
}

const YamlNode* MapReader::find(std::string_view key) const {
    if (node_.kind != YamlKind::map) {
        return nullptr;
    }
    const auto found = std::find_if(node_.items.begin(), node_.items.end(),
                                    [&](const YamlNode& item) { return item.key == key; });
    return found == node_.items.end() ? nullptr : &*found;
}

const YamlNode* MapReader::require(std::string_view key, const std::string& expected) const {
    const YamlNode* value = find(key);
    if (value == nullptr && node_.kind == YamlKind::map) {
        const std::string place = what_.empty() ? "" : " in " + what_;
        diagnostics_.error(node_.where, "missing key '" + std::string(key) + "'" + place +
                                            ", expected " + expected);
    }
    return value;
}

std::string MapReader::path_of(std::string_view key) const {
    return what_.empty() ? std::string(key) : what_ + "." + std::string(key);
}

Located<int> MapReader::integer(std::string_view key, int fallback, IntRange range) const {
    const YamlNode* value = find(key);
    if (value == nullptr) {
        return {fallback, {}};
    }
    return {read_integer(diagnostics_, *value, path_of(key), range).value_or(fallback),
            value->where};
}

Located<double> MapReader::real(std::string_view key, double fallback, RealRange range) const {
    const YamlNode* value = find(key);
    if (value == nullptr) {
        return {fallback, {}};
    }
    return {read_real(diagnostics_, *value, path_of(key), range).value_or(fallback), value->where};
}

Located<bool> MapReader::boolean(std::string_view key, bool fallback) const {
    const YamlNode* value = find(key);
    if (value == nullptr) {
        return {fallback, {}};
    }
    return {read_boolean(diagnostics_, *value, path_of(key)).value_or(fallback), value->where};
}

Located<std::string> MapReader::text(std::string_view key, size_t max_bytes) const {
    const YamlNode* value = find(key);
    if (value == nullptr) {
        return {};
    }
    return {read_text(diagnostics_, *value, path_of(key), max_bytes).value_or(""), value->where};
}

} // namespace resnetc
