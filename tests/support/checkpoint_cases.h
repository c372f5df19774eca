// What the tests of all checkpoint formats do with malformed and damaged files.
#pragma once

#include "checkpoint.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace resnetc_test {

// The folder tests/errors/NAME.
std::filesystem::path cases_folder(const std::string& name);

// The bytes of a small file.
std::string bytes_of(const std::filesystem::path& path);

// What parse_checkpoint says about the file, as the user sees it; "" if it accepts it.
std::string complaint(const std::string& name, const std::string& bytes);

// Checks that every file of the folder with one of the extensions, but those called "valid...", is
// refused with exactly the text of its .expected. Returns their number.
size_t check_malformed_files(const std::filesystem::path& folder,
                             const std::set<std::string>& extensions);

// How many truncations of `valid` are accepted. Those must give the same tensors as the whole.
size_t accepted_truncations(const std::string& name, const std::string& valid);

// Flips every bit of `valid` by itself. Each flip must end in a message or in tensors that are not
// more than the file can hold. Returns how many are accepted.
size_t accepted_flips(const std::string& name, const std::string& valid);

// Checks that both files have the same tensors, bit for bit; `prefix` is removed from the names of
// the first.
void check_same_tensors(const std::string& path, const std::string& safetensors_path,
                        const std::string& prefix = "");

} // namespace resnetc_test
