// The JSON header of a safetensors file. Included by safetensors.cpp only.
//
// In: the header's text. Out: what each tensor's entry says, types checked, values not yet. Parsed
// event by event: a document tree of a hostile 100 MB header would take gigabytes.
#pragma once

#include "diagnostics.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace resnetc {

// More tensors (or keys of __metadata__), dimensions or problems than these are not read. The
// deepest published residual network has about 6000 tensors; PyTorch stops at 64 dimensions, NumPy
// at 32.
inline constexpr size_t kMostSafetensorsEntries = 65536;
inline constexpr size_t kMostSafetensorsDimensions = 32;
inline constexpr size_t kMostSafetensorsProblems = 100;

struct SafetensorsEntry {
    std::string name;
    // Absent where the header has none, or one of the wrong type (which is reported already).
    std::optional<std::string> dtype;
    std::optional<std::vector<uint64_t>> shape;
    std::optional<std::vector<uint64_t>> data_offsets; // any count
};

// Reports to `problems` everything that is not `{"NAME": {"dtype": S, "shape": [I...],
// "data_offsets": [I...]}..., "__metadata__": {S: S...}}`, keys that occur twice, and entries that
// lack a field. Returns the entries in the header's order; with problems they may be incomplete.
std::vector<SafetensorsEntry> parse_safetensors_header(std::string_view text,
                                                       Diagnostics& problems);

} // namespace resnetc
