// Names of classes. Included by the spec reader.
//
// In: a word of the spec ("imagenet1k") or a file with one name a line. Out: the names in the order
// of the network's outputs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace resnetc {

// The label tables that are part of resnetc, as a spec names them.
const std::vector<std::string>& builtin_label_tables();

// A built-in table by its name.
std::vector<std::string> builtin_labels(std::string_view table);

// A file with one label a line, UTF-8, at most 1 MiB. Throws DiagnosticError that points into the
// file for a label that is empty, longer than 200 bytes or no text.
std::vector<std::string> load_labels(const std::string& path);

} // namespace resnetc
