// Files of this repository that are compiled into resnetc: templates, runtime sources, label
// tables. Included by whatever emits or reads them.
//
// The build generates the definition from a list of files (cmake/embed_files.cmake).
#pragma once

#include <string_view>
#include <vector>

namespace resnetc {

// The bytes of a file by its path in the repository ("specs/labels/cifar10.txt"). Throws
// std::out_of_range for a name that was not compiled in (a bug in resnetc).
std::string_view embedded_file(std::string_view name);

// The names of all files that were compiled in, sorted.
std::vector<std::string_view> embedded_file_names();

} // namespace resnetc
