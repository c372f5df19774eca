#include "support/data_arrays.h"

#include "catch.h"
#include "file_io.h"

#include <cstring>

namespace resnetc_test {
namespace {

constexpr size_t kLimit = size_t{1} << 30;

// The elements behind the header of a version 1 file with this type.
template <typename T>
std::vector<T> npy_elements(const std::string& path, const std::string& type) {
    const std::string bytes = resnetc::read_file(path, kLimit);
    REQUIRE(bytes.compare(0, 6, "\x93NUMPY") == 0);
    REQUIRE(bytes.find("'" + type + "'") != std::string::npos);
    const size_t begin = bytes.find('\n') + 1;
    std::vector<T> values((bytes.size() - begin) / sizeof(T));
    std::memcpy(values.data(), bytes.data() + begin, values.size() * sizeof(T));
    return values;
}

template <typename T>
std::string npy_bytes(const std::vector<T>& values, const std::string& type,
                      const std::string& shape) {
    std::string header =
        "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
    header.resize(117, ' ');
    header += '\n'; // 128 bytes with the ten before it
    std::string bytes("\x93NUMPY\x01\x00\x76\x00", 10);
    bytes += header;
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
    return bytes;
}

} // namespace

std::vector<double> npy_doubles(const std::string& path) {
    return npy_elements<double>(path, "<f8");
}

std::vector<uint8_t> npy_pixels(const std::string& path) {
    return npy_elements<uint8_t>(path, "|u1");
}

std::vector<uint8_t> cifar_pixels(const std::string& path) {
    constexpr size_t plane = 1024;
    constexpr size_t record = 3 * plane + 1; // a label before the planes R, G, B
    const std::string bytes = resnetc::read_file(path, kLimit);
    std::vector<uint8_t> pixels;
    for (size_t begin = 1; begin < bytes.size(); begin += record) {
        for (size_t i = 0; i < 3 * plane; ++i) {
            pixels.push_back(static_cast<uint8_t>(bytes[begin + i % 3 * plane + i / 3]));
        }
    }
    return pixels;
}

std::string npy_file(const std::vector<uint8_t>& values, const std::string& shape) {
    return npy_bytes(values, "|u1", shape);
}

std::string npy_file(const std::vector<float>& values, const std::string& shape) {
    return npy_bytes(values, "<f4", shape);
}

} // namespace resnetc_test
