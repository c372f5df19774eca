// Numbers in binary files. Included by the readers of zip, pickle, legacy PyTorch and .npy files.
#pragma once

#include <bit>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace resnetc {

// The T (an integer) whose little-endian bytes begin at `offset`; sizeof(T) bytes must be there.
template <typename T> T little_endian(std::string_view bytes, size_t offset) {
    static_assert(std::endian::native == std::endian::little);
    T value = 0;
    std::memcpy(&value, bytes.data() + offset, sizeof(value));
    return value;
}

} // namespace resnetc
