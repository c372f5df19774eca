#include "dtype.h"

#include <array>
#include <bit>
#include <cstring>

namespace resnetc {
namespace {

// The list of the safetensors crate (safetensors/src/tensor.rs, enum Dtype).
constexpr std::array<Dtype, 22> kDtypes = {
    {{"F32", 32, true},         {"F16", 16, true},     {"BF16", 16, true},
     {"F64", 64, false},        {"I64", 64, false},    {"I32", 32, false},
     {"I16", 16, false},        {"I8", 8, false},      {"U64", 64, false},
     {"U32", 32, false},        {"U16", 16, false},    {"U8", 8, false},
     {"BOOL", 8, false},        {"C64", 64, false},    {"F8_E5M2", 8, false},
     {"F8_E4M3", 8, false},     {"F8_E8M0", 8, false}, {"F8_E4M3FNUZ", 8, false},
     {"F8_E5M2FNUZ", 8, false}, {"F6_E2M3", 6, false}, {"F6_E3M2", 6, false},
     {"F4", 4, false}}};

std::vector<float> widen_16_bits(std::string_view bytes, float (*to_float)(uint16_t)) {
    std::vector<float> values(bytes.size() / sizeof(uint16_t));
    for (size_t i = 0; i < values.size(); ++i) {
        uint16_t bits = 0;
        std::memcpy(&bits, bytes.data() + i * sizeof(bits), sizeof(bits));
        values[i] = to_float(bits);
    }
    return values;
}

} // namespace

const Dtype* find_dtype(std::string_view name) {
    for (const Dtype& dtype : kDtypes) {
        if (dtype.name == name) {
            return &dtype;
        }
    }
    return nullptr;
}

std::vector<std::string> dtype_names() {
    std::vector<std::string> names;
    for (const Dtype& dtype : kDtypes) {
        names.emplace_back(dtype.name);
    }
    return names;
}

float half_to_float(uint16_t bits) {
    const uint32_t sign = uint32_t{bits} >> 15 << 31;
    const uint32_t exponent = uint32_t{bits} >> 10 & 31;
    const uint32_t fraction = uint32_t{bits} & 1023;
    if (exponent == 31) {
        return std::bit_cast<float>(sign | 0x7f800000U | fraction << 13);
    }
    if (exponent == 0) { // subnormal: fraction * 2^-24, a product without rounding
        const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
        return sign != 0 ? -magnitude : magnitude;
    }
    return std::bit_cast<float>(sign | (exponent + 127 - 15) << 23 | fraction << 13);
}

float bfloat16_to_float(uint16_t bits) {
    return std::bit_cast<float>(uint32_t{bits} << 16);
}

std::vector<float> widen(const Dtype& dtype, std::string_view bytes) {
    static_assert(std::endian::native == std::endian::little);
    if (dtype.name == "F16") {
        return widen_16_bits(bytes, half_to_float);
    }
    if (dtype.name == "BF16") {
        return widen_16_bits(bytes, bfloat16_to_float);
    }
    std::vector<float> values(bytes.size() / sizeof(float));
    if (!values.empty()) {
        std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
    }
    return values;
}

} // namespace resnetc
