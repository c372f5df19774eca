#include "labels.h"
#include "spec_limits.h"
#include "spec_sections.h"

#include <algorithm>

namespace resnetc {

namespace {

// `labels: [cat, dog]`.
std::vector<std::string> read_label_list(Diagnostics& diagnostics, const YamlNode& node) {
    std::vector<std::string> labels;
    for (const YamlNode& item : node.items) {
        const std::string what = "labels[" + std::to_string(labels.size()) + "]";
        auto label = read_text(diagnostics, item, what, limits::kLabelBytes);
        if (label && label->empty()) {
            diagnostics.error(item.where, what + " is empty, expected a name");
        }
        labels.push_back(label.value_or(""));
    }
    return labels;
}

// `labels: {file: names.txt}`, relative to the spec's folder; the path goes to spec.labels_file.
std::vector<std::string> read_label_file(Diagnostics& diagnostics, const YamlNode& node,
                                         Spec& spec) {
    const MapReader map(diagnostics, node, "labels", {"file"});
    const YamlNode* file = map.require("file", "a file with one label a line");
    if (file == nullptr) {
        return {};
    }
    const auto name = read_text(diagnostics, *file, "labels.file", limits::kTextBytes);
    if (!name) {
        return {};
    }
    if (name->empty()) {
        diagnostics.error(file->where, "labels.file is empty, expected a file's name");
        return {};
    }
    const size_t slash = spec.path.rfind('/');
    const bool absolute = name->starts_with('/');
    const std::string folder =
        absolute || slash == std::string::npos ? "" : spec.path.substr(0, slash + 1);
    spec.labels_file = folder + *name;
    try {
        return load_labels(spec.labels_file);
    } catch (const DiagnosticError& error) {
        const Diagnostic& first = error.diagnostics.front();
        const std::string line = first.where.line > 0 ? ":" + std::to_string(first.where.line) : "";
        diagnostics.error(file->where, first.path + line + ": " + first.message);
        return {};
    }
}

} // namespace

std::vector<std::string> read_labels(Diagnostics& diagnostics, const MapReader& root, Spec& spec) {
    const YamlNode* node = root.find("labels");
    if (node == nullptr) {
        return {};
    }
    const std::vector<std::string>& tables = builtin_label_tables();
    const auto is_table = [&](const std::string& table) { return is_word(*node, table); };
    std::vector<std::string> labels;
    if (node->kind == YamlKind::sequence) {
        labels = read_label_list(diagnostics, *node);
    } else if (node->kind == YamlKind::map) {
        labels = read_label_file(diagnostics, *node, spec);
        if (labels.empty()) {
            return labels; // reported
        }
    } else if (std::any_of(tables.begin(), tables.end(), is_table)) {
        labels = builtin_labels(node->text);
    } else {
        refuse_value(diagnostics, *node, "labels",
                     "imagenet1k, cifar10, a list of names, or {file: PATH}",
                     did_you_mean(node->text, tables));
        return labels;
    }
    if (!spec.head) {
        diagnostics.error(node->where, "labels without a head, expected a head with classes");
    } else if (labels.size() != static_cast<size_t>(spec.head->classes.value)) {
        diagnostics.error(node->where,
                          "labels has " + counted(labels.size(), "name") + ", expected " +
                              std::to_string(spec.head->classes.value) + ", as head.classes says");
    }
    return labels;
}

} // namespace resnetc
