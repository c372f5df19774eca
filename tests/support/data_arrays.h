// The external test data as arrays. Included by tests tagged [data]; the files are trusted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace resnetc_test {

// The elements of a float64 .npy file.
std::vector<double> npy_doubles(const std::string& path);

// The bytes of a uint8 .npy file.
std::vector<uint8_t> npy_pixels(const std::string& path);

// The pictures of a CIFAR-10 .bin file as N,32,32,3.
std::vector<uint8_t> cifar_pixels(const std::string& path);

// A .npy file of `values` with this shape ("500, 32, 32, 3").
std::string npy_file(const std::vector<uint8_t>& values, const std::string& shape);
std::string npy_file(const std::vector<float>& values, const std::string& shape);

} // namespace resnetc_test
