#include "naming.h"
#include "spec_limits.h"
#include "spec_sections.h"

#include <algorithm>

namespace resnetc {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Whether the text after `$` at `at` names a group that the pattern does not have
// (ECMA-262, String.prototype.replace: $1 to $99).
bool names_missing_group(const std::string& replace, size_t at, size_t groups) {
    const auto digit = [&](size_t i) { return i < replace.size() && is_digit(replace[i]); };
    if (!digit(at + 1)) {
        return false;
    }
    const auto value = [&](size_t i) { return static_cast<size_t>(replace[i] - '0'); };
    const size_t one = value(at + 1);
    const size_t two = digit(at + 2) ? 10 * one + value(at + 2) : 0;
    const bool known = (one > 0 && one <= groups) || (two > 0 && two <= groups);
    return !known;
}

// Product of the largest numbers in all braces, at most `limit` + 1. The automaton of a pattern
// grows with it, and with the automaton the time to match every tensor's name.
int repetitions(const std::string& pattern, int limit) {
    int product = 1;
    int number = 0;
    int largest = 1;
    bool inside = false;
    for (const char c : pattern) {
        if (c == '{' || c == '}') {
            product = std::min(product * largest, limit + 1);
            inside = c == '{';
            largest = 1;
        }
        number = inside && is_digit(c) ? std::min(10 * number + (c - '0'), limit + 1) : 0;
        largest = std::max(largest, number);
    }
    return std::min(product * largest, limit + 1); // the last brace may be open
}

void check_rule(Diagnostics& diagnostics, const RenameRule& rule, const std::string& what) {
    if (repetitions(rule.match.value, limits::kRepetitions) > limits::kRepetitions) {
        diagnostics.error(rule.match.where, what +
                                                ".match has repetitions in braces that multiply "
                                                "to more than " +
                                                std::to_string(limits::kRepetitions));
        return;
    }
    size_t groups = 0;
    try {
        groups = compile_rename_pattern(rule.match.value).mark_count();
    } catch (const std::regex_error&) {
        // Not the library's own words and codes: they differ between libraries.
        diagnostics.error(rule.match.where, what + ".match is not a regular expression",
                          "ECMAScript's syntax without back references");
        return;
    }
    const std::string& replace = rule.replace.value;
    for (size_t at = replace.find('$'); at != std::string::npos; at = replace.find('$', at)) {
        if (names_missing_group(replace, at, groups)) {
            diagnostics.error(rule.replace.where,
                              what +
                                  ".replace names a group that match does not have, expected "
                                  "at most $" +
                                  std::to_string(groups),
                              "a group is a part of match in parentheses");
            return;
        }
        at += at + 1 < replace.size() && replace[at + 1] == '$' ? 2 : 1; // $$ is a dollar
    }
}

std::vector<RenameRule> read_rename(Diagnostics& diagnostics, const MapReader& checkpoint) {
    std::vector<RenameRule> rules;
    const YamlNode* node = checkpoint.find("rename");
    if (node == nullptr) {
        return rules;
    }
    if (node->kind != YamlKind::sequence) {
        refuse_value(diagnostics, *node, "checkpoint.rename",
                     "a list of maps with the keys match and replace");
        return rules;
    }
    if (node->items.size() > static_cast<size_t>(limits::kRenameRules)) {
        diagnostics.error(node->where,
                          "checkpoint.rename has " + counted(node->items.size(), "element") +
                              ", expected at most " + std::to_string(limits::kRenameRules));
        return rules;
    }
    for (const YamlNode& item : node->items) {
        const std::string what = "checkpoint.rename[" + std::to_string(rules.size()) + "]";
        const MapReader map(diagnostics, item, what, {"match", "replace"});
        const YamlNode* match = map.require("match", "a regular expression");
        map.require("replace", "the text to put in its place");
        RenameRule rule;
        rule.match = map.text("match", limits::kPatternBytes);
        rule.replace = map.text("replace", limits::kPatternBytes);
        if (match != nullptr && rule.match.value.empty() && match->kind == YamlKind::quoted) {
            diagnostics.error(match->where, what + ".match is empty, expected an expression");
        } else {
            check_rule(diagnostics, rule, what);
        }
        rules.push_back(std::move(rule));
    }
    return rules;
}

} // namespace

CheckpointSpec read_checkpoint_spec(Diagnostics& diagnostics, const MapReader& root) {
    CheckpointSpec checkpoint;
    const YamlNode* node = root.find("checkpoint");
    if (node == nullptr) {
        return checkpoint;
    }
    const MapReader map(diagnostics, *node, "checkpoint", {"naming", "rename"});
    checkpoint.naming = map.word<CheckpointNaming>("naming", CheckpointNaming::automatic,
                                                   {{"automatic", CheckpointNaming::automatic},
                                                    {"torchvision", CheckpointNaming::torchvision},
                                                    {"huggingface", CheckpointNaming::huggingface},
                                                    {"akamaster", CheckpointNaming::akamaster}});
    checkpoint.rename = read_rename(diagnostics, map);
    return checkpoint;
}

} // namespace resnetc
