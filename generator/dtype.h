// The number formats of tensors in files, and their exact widening to float. Included by the
// readers of checkpoint formats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace resnetc {

// One number format, under safetensors' name for it.
struct Dtype {
    std::string_view name;
    int bits;    // of one element
    bool widens; // every value is a float exactly, and widen() knows how
};

// The dtype called `name`, or nullptr.
const Dtype* find_dtype(std::string_view name);

// "F32", "F16", ...: every dtype that may occur in a file.
std::vector<std::string> dtype_names();

// The little-endian elements in `bytes` (count * bits / 8 of them, at any alignment) as floats.
// Every value is kept exactly; NaN stays NaN. `dtype.widens` must be true.
std::vector<float> widen(const Dtype& dtype, std::string_view bytes);

// IEEE 754 binary16 to binary32; exact.
float half_to_float(uint16_t bits);

// bfloat16 is the upper half of a binary32; exact.
float bfloat16_to_float(uint16_t bits);

} // namespace resnetc
