// All files of a folder, to be compared with what they are later. Included by the fault tests.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace resnetc_test {

// Bytes of every regular file by its path relative to the folder.
using Snapshot = std::map<std::string, std::string>;

// Of a folder that does not exist: empty.
Snapshot snapshot(const std::filesystem::path& folder);

// Makes the folder hold exactly these files.
void restore(const Snapshot& files, const std::filesystem::path& folder);

// Whether a file's name is one that write_file (file_io.h) gives to what it is writing.
bool is_temporary(const std::string& path);

} // namespace resnetc_test
