// NumPy's .npy arrays. Included by verify.
//
// Format: NumPy enhancement proposal 1, versions 1.0 to 3.0 of the header.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace resnetc {

enum class NpyType { u8, f32 };

struct NpyArray {
    NpyType type = NpyType::f32;
    std::vector<int64_t> shape; // C order
    std::string bytes;          // elements, row-major, little-endian
};

// Reads `|u1` or `<f4` arrays in C order. Throws DiagnosticError for anything else, and for a file
// whose size does not fit its header.
NpyArray load_npy(const std::string& path);

} // namespace resnetc
