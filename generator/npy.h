// NumPy's .npy arrays. Included by verify and the reader of .npz checkpoints.
//
// Format: NumPy enhancement proposal 1, versions 1.0 to 3.0 of the header.
#pragma once

#include "diagnostics.h"
#include "dtype.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace resnetc {

// An array in a file's bytes.
struct NpyView {
    const Dtype* dtype = nullptr;
    std::vector<int64_t> shape;
    bool fortran_order = false; // the first index runs fastest
    std::string_view data;      // elements, little-endian, exactly those of the shape
};

// The array in `bytes`, all of them: floats, integers or booleans, with at most 2^31-1 elements in
// at most 32 dimensions. Otherwise nullopt and one problem, which begins with `what` ("the file",
// "entry 'a.npy'").
std::optional<NpyView> parse_npy(std::string_view bytes, const std::string& what,
                                 Diagnostics& problems);

// The elements in C order.
std::string in_c_order(const NpyView& array);

enum class NpyType { u8, f32 };

struct NpyArray {
    NpyType type = NpyType::f32;
    std::vector<int64_t> shape; // C order
    std::string bytes;          // elements, row-major, little-endian
};

// Reads `|u1` or `<f4` arrays. Throws DiagnosticError for anything else, and for a file whose size
// does not fit its header.
NpyArray load_npy(const std::string& path);

} // namespace resnetc
