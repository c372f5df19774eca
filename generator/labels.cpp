#include "labels.h"

#include "diagnostics.h"
#include "embedded_files.h"
#include "file_io.h"
#include "spec_limits.h"

#include <algorithm>

namespace resnetc {

namespace {

// The lines of a text without their ends; a last line need not have one.
std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        lines.emplace_back(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

} // namespace

const std::vector<std::string>& builtin_label_tables() {
    static const std::vector<std::string> tables = {"imagenet1k", "cifar10"};
    return tables;
}

std::vector<std::string> builtin_labels(std::string_view table) {
    return lines_of(embedded_file("specs/labels/" + std::string(table) + ".txt"));
}

std::vector<std::string> load_labels(const std::string& path) {
    constexpr size_t size_limit = size_t{1} << 20;
    Diagnostics diagnostics({path, read_file(path, size_limit)});
    std::vector<std::string> labels = lines_of(diagnostics.file().text);
    while (!labels.empty() && labels.back().empty()) {
        labels.pop_back();
    }
    if (labels.empty()) {
        diagnostics.error({}, "is empty, expected one label a line");
    }
    for (size_t i = 0; i < labels.size(); ++i) {
        const SourceLocation where{static_cast<int>(i) + 1, 1};
        if (labels[i].find_first_not_of(" \t") == std::string::npos) {
            diagnostics.error(where, "empty line, expected a label");
        } else if (labels[i].size() > limits::kLabelBytes) {
            diagnostics.error(where, "label of " + std::to_string(labels[i].size()) +
                                         " bytes, expected at most " +
                                         std::to_string(limits::kLabelBytes));
        } else if (printable(labels[i]) != labels[i]) {
            diagnostics.error(where, "label with control characters or bytes that are not UTF-8");
        }
    }
    diagnostics.throw_if_any();
    return labels;
}

} // namespace resnetc
