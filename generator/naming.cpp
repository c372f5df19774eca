#include "naming.h"

#include "diagnostics.h"
#include "message_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

namespace resnetc {
namespace {

constexpr std::string_view kDataParallelPrefix = "module.";

// One row of a naming table. In `from`, '#' stands for a number; the rest of the name follows
// behind what matched. In `to`, $1 is the first number and +1 the first number plus one; and so on.
struct NamingRow {
    std::string_view from;
    std::string_view to;
};

// ResNetForImageClassification, transformers/models/resnet/modeling_resnet.py: stages and the
// convolutions of a block count from 0, torchvision's from 1.
constexpr std::array kHuggingFace = {
    NamingRow{"resnet.embedder.embedder.convolution.", "conv1."},
    NamingRow{"resnet.embedder.embedder.normalization.", "bn1."},
    NamingRow{"resnet.encoder.stages.#.layers.#.layer.#.convolution.", "layer+1.$2.conv+3."},
    NamingRow{"resnet.encoder.stages.#.layers.#.layer.#.normalization.", "layer+1.$2.bn+3."},
    NamingRow{"resnet.encoder.stages.#.layers.#.shortcut.convolution.", "layer+1.$2.downsample.0."},
    NamingRow{"resnet.encoder.stages.#.layers.#.shortcut.normalization.",
              "layer+1.$2.downsample.1."},
    NamingRow{"classifier.1.", "fc."}};

// akamaster/pytorch_resnet_cifar10 and kuangliu/pytorch-cifar, resnet.py.
constexpr std::array kAkamaster = {NamingRow{"linear.", "fc."},
                                   NamingRow{"layer#.#.shortcut.#.", "layer$1.$2.downsample.$3."}};

std::span<const NamingRow> rows_of(CheckpointNaming naming) {
    switch (naming) {
    case CheckpointNaming::huggingface:
        return kHuggingFace;
    case CheckpointNaming::akamaster:
        return kAkamaster;
    case CheckpointNaming::automatic:
    case CheckpointNaming::torchvision:
        break;
    }
    return {};
}

// What a row's pattern found in a name.
struct RowMatch {
    std::vector<int> numbers;
    std::string_view rest;
};

std::optional<RowMatch> match_row(const NamingRow& row, std::string_view name) {
    RowMatch match;
    for (const char c : row.from) {
        if (c != '#') {
            if (name.empty() || name.front() != c) {
                return std::nullopt;
            }
            name.remove_prefix(1);
            continue;
        }
        int number = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (error != std::errc() || number < 0 || number > 100000) {
            return std::nullopt;
        }
        match.numbers.push_back(number);
        name.remove_prefix(static_cast<size_t>(end - name.data()));
    }
    match.rest = name;
    return match;
}

std::string expand_row(const NamingRow& row, const RowMatch& match) {
    std::string name;
    for (size_t i = 0; i < row.to.size(); ++i) {
        if (row.to[i] == '$' || row.to[i] == '+') {
            const int number = match.numbers[static_cast<size_t>(row.to[i + 1] - '1')];
            name += std::to_string(number + (row.to[i] == '+' ? 1 : 0));
            ++i;
        } else {
            name += row.to[i];
        }
    }
    return name += match.rest;
}

struct CompiledRule {
    std::regex match;
    std::string replace;
};

CompiledRule compile_rule(const RenameRule& rule) {
    try {
        return {compile_rename_pattern(rule.match.value), rule.replace.value};
    } catch (const std::regex_error&) {
        fail("", "rename: " + in_quotes(rule.match.value) +
                     " cannot be compiled, an ECMAScript regular expression without back "
                     "references was expected");
    }
}

// The standard library would read a back reference's number whatever its length, into an integer
// that overflows, before it refuses it.
bool has_back_reference(const std::string& pattern) {
    for (size_t i = 0; i + 1 < pattern.size(); ++i) {
        if (pattern[i] == '\\') {
            ++i;
            if (pattern[i] >= '1' && pattern[i] <= '9') {
                return true;
            }
        }
    }
    return false;
}

bool is_long(const std::string& name) {
    return name.size() > kLongestTensorName;
}

} // namespace

std::regex compile_rename_pattern(const std::string& pattern) {
    if (pattern.size() > kLongestTensorName) {
        throw std::regex_error(std::regex_constants::error_complexity);
    }
    if (has_back_reference(pattern)) {
        throw std::regex_error(std::regex_constants::error_backref);
    }
#if defined(__GLIBCXX__)
    // The default matcher backtracks: recursive, and in the worst case exponential.
    return std::regex(pattern, std::regex::ECMAScript | std::regex_constants::__polynomial);
#else
    return std::regex(pattern, std::regex::ECMAScript);
#endif
}

CheckpointNaming choose_naming(CheckpointNaming naming, const std::vector<std::string>& names) {
    if (naming != CheckpointNaming::automatic) {
        return naming;
    }
    const auto holds = [&](std::string_view name) {
        return std::ranges::find(names, name) != names.end();
    };
    if (std::ranges::any_of(names,
                            [](const auto& n) { return n.starts_with("resnet.embedder."); })) {
        return CheckpointNaming::huggingface;
    }
    if (holds("linear.weight") && holds("conv1.weight") && !holds("fc.weight")) {
        return CheckpointNaming::akamaster;
    }
    return CheckpointNaming::torchvision;
}

std::string apply_naming(CheckpointNaming naming, std::string_view name) {
    for (const NamingRow& row : rows_of(naming)) {
        if (const std::optional<RowMatch> match = match_row(row, name)) {
            return expand_row(row, *match);
        }
    }
    return std::string(name);
}

std::vector<NamedTensor> canonical_names(const std::vector<std::string>& names,
                                         const CheckpointSpec& spec) {
    const bool is_data_parallel = std::ranges::all_of(
        names, [](const auto& n) { return n.starts_with(kDataParallelPrefix); });
    std::vector<std::string> stripped = names;
    if (is_data_parallel) {
        for (std::string& name : stripped) {
            name.erase(0, kDataParallelPrefix.size());
        }
    }
    const CheckpointNaming naming = choose_naming(spec.naming.value, stripped);
    std::vector<CompiledRule> rules;
    for (const RenameRule& rule : spec.rename) {
        rules.push_back(compile_rule(rule));
    }
    std::vector<NamedTensor> result;
    result.reserve(names.size());
    for (size_t i = 0; i < names.size(); ++i) {
        std::string name = apply_naming(naming, stripped[i]);
        for (const CompiledRule& rule : rules) {
            if (is_long(name)) { // rules made it so; it cannot be a parameter's name any more
                break;
            }
            name = std::regex_replace(name, rule.match, rule.replace);
        }
        result.push_back({names[i], std::move(name)});
    }
    return result;
}

} // namespace resnetc
