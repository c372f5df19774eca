#include "spec.h"

#include "file_io.h"
#include "spec_limits.h"
#include "spec_sections.h"

#include <algorithm>

namespace resnetc {

namespace {

const std::vector<std::string> kRootKeys = {
    "version",   "name",          "description", "input",      "stem",   "block",
    "depths",    "widths",        "strides",     "expansion",  "groups", "width_per_group",
    "stride_in", "shortcut",      "padding",     "batch_norm", "bn_eps", "conv_bias",
    "head",      "preprocessing", "labels",      "checkpoint"};

// The stem of a path: "resnet18" for "specs/models/resnet18.yaml".
std::string file_stem(const std::string& path) {
    const size_t slash = path.rfind('/');
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    const size_t dot = name.rfind('.');
    return dot == std::string::npos || dot == 0 ? name : name.substr(0, dot);
}

bool is_c_identifier(const std::string& name) {
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto allowed = [&](char c) { return lower(c) || (c >= '0' && c <= '9') || c == '_'; };
    return !name.empty() && lower(name[0]) && std::all_of(name.begin(), name.end(), allowed);
}

void read_version(Diagnostics& diagnostics, const MapReader& root) {
    const YamlNode* version = root.require("version", "version: 1");
    if (version != nullptr && !is_word(*version, "1")) {
        refuse_value(diagnostics, *version, "version", "1",
                     version->kind == YamlKind::quoted && version->text == "1"
                         ? "remove the quotes"
                         : "this resnetc reads version 1 of the format");
    }
}

void read_name(Diagnostics& diagnostics, const MapReader& root, Spec& spec) {
    if (root.require("name", "the model's name, as in the file's name") == nullptr) {
        return;
    }
    spec.name = root.text("name", limits::kNameBytes);
    const std::string& name = spec.name.value;
    const std::string stem = file_stem(spec.path);
    if (name.empty()) {
        if (root.find("name")->kind == YamlKind::quoted) {
            diagnostics.error(spec.name.where, "name is empty, expected the model's name");
        }
    } else if (!is_c_identifier(name)) {
        diagnostics.error(spec.name.where,
                          "name is '" + name +
                              "', expected a lower-case letter, then lower-case letters, digits "
                              "and underscores",
                          "it becomes the prefix of the C functions");
    } else if (name != stem) {
        diagnostics.error(spec.name.where,
                          "name is '" + name + "', expected the file's name, '" + stem + "'",
                          "rename the file to " + name + ".yaml, or write name: " + stem);
    }
}

void read_input(Diagnostics& diagnostics, const MapReader& root, Spec& spec) {
    const YamlNode* node = root.find("input");
    if (node == nullptr) {
        return;
    }
    const MapReader input(diagnostics, *node, "input", {"batch", "channels", "height", "width"});
    spec.batch = input.integer("batch", spec.batch.value, limits::kBatch);
    spec.channels = input.integer("channels", spec.channels.value, limits::kChannels);
    spec.height = input.integer("height", spec.height.value, limits::kSize);
    spec.width = input.integer("width", spec.width.value, limits::kSize);
}

// A list with one integer a stage, or nothing if it is absent or refused.
std::vector<Located<int>> read_per_stage(Diagnostics& diagnostics, const MapReader& root,
                                         const std::string& key, IntRange range, size_t stages) {
    const YamlNode* node = root.find(key);
    if (node == nullptr) {
        return {};
    }
    auto values = read_integers(diagnostics, *node, key, range, limits::kStages);
    if (!values.empty() && stages > 0 && values.size() != stages) {
        diagnostics.error(node->where, key + " has " + counted(values.size(), "element") +
                                           ", expected " + std::to_string(stages) +
                                           ", as depths has");
        return {};
    }
    return values;
}

void read_stages(Diagnostics& diagnostics, const MapReader& root, Spec& spec) {
    if (const YamlNode* depths =
            root.require("depths", "a list with the number of blocks of each stage")) {
        spec.depths =
            read_integers(diagnostics, *depths, "depths", limits::kDepth, limits::kStages);
    }
    const size_t stages = spec.depths.size();
    spec.widths = read_per_stage(diagnostics, root, "widths", limits::kChannels, stages);
    spec.strides = read_per_stage(diagnostics, root, "strides", limits::kStride, stages);
    for (size_t i = spec.widths.size(); i < stages; ++i) {
        spec.widths.push_back({64 << i, {}});
    }
    for (size_t i = spec.strides.size(); i < stages; ++i) {
        spec.strides.push_back({i == 0 ? 1 : 2, {}});
    }
}

void read_block(Diagnostics& diagnostics, const MapReader& root, Spec& spec) {
    root.require("block", "basic or bottleneck");
    spec.block =
        root.word<BlockKind>("block", BlockKind::basic,
                             {{"basic", BlockKind::basic}, {"bottleneck", BlockKind::bottleneck}});
    const bool bottleneck = spec.block.value == BlockKind::bottleneck;
    spec.expansion = root.integer("expansion", bottleneck ? 4 : 1, limits::kExpansion);
    spec.groups = root.integer("groups", 1, limits::kGroups);
    spec.width_per_group = root.integer("width_per_group", 64, limits::kWidthPerGroup);
    spec.stride_in =
        root.word<StridePlace>("stride_in", StridePlace::conv2,
                               {{"conv2", StridePlace::conv2}, {"conv1", StridePlace::conv1}});
    if (bottleneck) {
        return;
    }
    const auto refuse = [&](SourceLocation where, const std::string& what) {
        diagnostics.error(where, what + ", expected block: bottleneck",
                          "a basic block has two plain 3x3 convolutions");
    };
    if (spec.groups.value != 1) {
        refuse(spec.groups.where, "groups in a basic block");
    }
    if (spec.width_per_group.value != 64) {
        refuse(spec.width_per_group.where, "width_per_group in a basic block");
    }
    if (spec.expansion.value != 1) {
        refuse(spec.expansion.where, "expansion in a basic block");
    }
    if (spec.stride_in.where.line > 0) {
        refuse(spec.stride_in.where, "stride_in in a basic block");
    }
}

void read_root(Diagnostics& diagnostics, const YamlNode& node, Spec& spec) {
    const MapReader root(diagnostics, node, "", kRootKeys);
    if (node.kind != YamlKind::map) {
        return;
    }
    read_version(diagnostics, root);
    read_name(diagnostics, root, spec);
    spec.description = root.text("description", limits::kTextBytes);
    read_input(diagnostics, root, spec);
    spec.stem = read_stem(diagnostics, root);
    read_block(diagnostics, root, spec);
    read_stages(diagnostics, root, spec);
    spec.batch_norm = root.boolean("batch_norm", true);
    spec.bn_eps = root.real("bn_eps", 1e-5, limits::kBnEps);
    spec.conv_bias = root.boolean("conv_bias", false);
    spec.shortcut = read_shortcut(diagnostics, root, spec.batch_norm.value);
    spec.padding = read_padding(diagnostics, root);
    spec.head = read_head(diagnostics, root);
    spec.preprocessing = read_preprocessing(diagnostics, root, spec);
    spec.labels = read_labels(diagnostics, root, spec);
    spec.checkpoint = read_checkpoint_spec(diagnostics, root);
}

} // namespace

Spec parse_spec(SourceFile file) {
    Spec spec;
    spec.path = file.path;
    spec.text = file.text;
    Diagnostics diagnostics(std::move(file));
    if (const auto root = read_yaml(diagnostics)) {
        read_root(diagnostics, *root, spec);
    }
    diagnostics.throw_if_any();
    return spec;
}

Spec load_spec(const std::string& path) {
    return parse_spec({path, read_file(path, kYamlSizeLimit)});
}

} // namespace resnetc
