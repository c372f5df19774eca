#include "npy.h"

#include "diagnostics.h"
#include "file_io.h"

#include <cstring>
#include <limits>
#include <regex>

namespace resnetc {
namespace {

constexpr size_t kMaxFileBytes = size_t{1} << 32;
constexpr size_t kMaxHeaderBytes = 4096;

// Length of magic, version and length field; sets `header` to the Python dictionary behind them.
size_t split_header(const std::string& path, const std::string& bytes, std::string& header) {
    if (bytes.size() < 10 || bytes.compare(0, 6, "\x93NUMPY") != 0) {
        fail(path, "is not a .npy file, expected it to begin with \\x93NUMPY");
    }
    const auto byte = [&](size_t i) {
        return static_cast<size_t>(static_cast<unsigned char>(bytes[i]));
    };
    const size_t version = byte(6);
    if (version < 1 || version > 3) {
        fail(path, "has .npy version " + std::to_string(version) + ", expected 1, 2 or 3");
    }
    const size_t prefix = version == 1 ? 10 : 12;
    if (bytes.size() < prefix) {
        fail(path, "ends within the .npy header");
    }
    size_t length = byte(8) + 256 * byte(9);
    if (version > 1) {
        length += (byte(10) << 16U) + (byte(11) << 24U);
    }
    if (length > kMaxHeaderBytes || prefix + length > bytes.size()) {
        fail(path, "has a .npy header of " + std::to_string(length) +
                       " bytes, expected at most 4096 within the file");
    }
    header = bytes.substr(prefix, length);
    return prefix + length;
}

std::vector<int64_t> parse_shape(const std::string& path, const std::string& text) {
    std::vector<int64_t> shape;
    int64_t total = 1;
    static const std::regex number("[0-9]{1,18}");
    for (auto it = std::sregex_iterator(text.begin(), text.end(), number);
         it != std::sregex_iterator(); ++it) {
        shape.push_back(std::stoll(it->str()));
        if (shape.back() != 0 && total > std::numeric_limits<int32_t>::max() / shape.back()) {
            fail(path, "has shape (" + text + "), expected at most 2147483647 elements");
        }
        total *= shape.back();
    }
    return shape;
}

} // namespace

NpyArray load_npy(const std::string& path) {
    const std::string file = read_file(path, kMaxFileBytes);
    std::string header;
    const size_t data = split_header(path, file, header);
    static const std::regex dictionary(
        R"(\s*\{\s*'descr':\s*'([^']{1,8})',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([0-9, ]{0,200})\),?\s*\}\s*)");
    std::smatch match;
    if (!std::regex_match(header, match, dictionary)) {
        fail(path, "has an unusual .npy header, expected 'descr', 'fortran_order' and 'shape'");
    }
    NpyArray array;
    if (match[1] == "|u1") {
        array.type = NpyType::u8;
    } else if (match[1] == "<f4") {
        array.type = NpyType::f32;
    } else {
        fail(path, "holds elements of type '" + match[1].str() + "', expected '|u1' or '<f4'");
    }
    if (match[2] == "True") {
        fail(path, "is in Fortran order, expected C order", "save numpy.ascontiguousarray(x)");
    }
    array.shape = parse_shape(path, match[3].str());
    size_t expected = array.type == NpyType::u8 ? 1 : 4;
    for (const int64_t extent : array.shape) {
        expected *= static_cast<size_t>(extent);
    }
    if (file.size() - data != expected) {
        fail(path, "holds " + std::to_string(file.size() - data) + " bytes of elements, expected " +
                       std::to_string(expected));
    }
    array.bytes = file.substr(data);
    return array;
}

} // namespace resnetc
