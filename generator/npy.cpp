#include "npy.h"

#include "file_io.h"
#include "little_endian.h"
#include "message_text.h"
#include "strided.h"

#include <array>
#include <limits>
#include <utility>

namespace resnetc {
namespace {

using namespace std::string_view_literals;

constexpr size_t kMaxFileBytes = size_t{1} << 32;
constexpr size_t kMaxHeaderBytes = 4096;
constexpr size_t kMostDimensions = 32;
constexpr size_t kMostDigits = 18; // of an extent
constexpr std::string_view kMagic = "\x93NUMPY"sv;

// NumPy's array protocol, "typestr".
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kDtypes = {
    {{"<f4", "F32"},
     {"<f2", "F16"},
     {"<f8", "F64"},
     {"<i8", "I64"},
     {"<i4", "I32"},
     {"<i2", "I16"},
     {"|i1", "I8"},
     {"<u8", "U64"},
     {"<u4", "U32"},
     {"<u2", "U16"},
     {"|u1", "U8"},
     {"|b1", "BOOL"}}};

// The header: a Python dict with these three keys.
struct NpyHeader {
    std::string_view descr;
    bool fortran_order = false;
    std::vector<int64_t> shape;
};

// Reads the dict as NumPy writes it: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class HeaderText {
public:
    explicit HeaderText(std::string_view text) : rest_(text) {}

    std::optional<NpyHeader> parse() {
        NpyHeader header;
        unsigned seen = 0;
        if (!accept("{")) {
            return std::nullopt;
        }
        while (!accept("}")) {
            const std::optional<std::string_view> key = quoted();
            const unsigned bit = key == "descr" ? 1 : key == "fortran_order" ? 2 : 4;
            if (!key || (bit == 4 && key != "shape") || (seen & bit) != 0 || !accept(":") ||
                !value(bit, header)) {
                return std::nullopt;
            }
            seen |= bit;
            if (!accept(",") && !rest_.starts_with('}')) {
                return std::nullopt;
            }
        }
        skip_space();
        return seen == 7 && rest_.empty() ? std::optional(header) : std::nullopt;
    }

private:
    bool value(unsigned key, NpyHeader& header) {
        if (key == 1) {
            const std::optional<std::string_view> descr = quoted();
            header.descr = descr.value_or("");
            return descr.has_value();
        }
        if (key == 2) {
            header.fortran_order = accept("True");
            return header.fortran_order || accept("False");
        }
        return shape(header.shape);
    }

    bool shape(std::vector<int64_t>& extents) {
        if (!accept("(")) {
            return false;
        }
        while (!accept(")")) {
            const size_t digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
            if (digits == 0 || digits > kMostDigits || extents.size() == kMostDimensions) {
                return false;
            }
            extents.push_back(std::stoll(std::string(rest_.substr(0, digits))));
            rest_.remove_prefix(digits);
            if (!accept(",") && !rest_.starts_with(')')) {
                return false;
            }
            skip_space();
        }
        return true;
    }

    std::optional<std::string_view> quoted() {
        skip_space();
        if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) {
            return std::nullopt;
        }
        const size_t end = rest_.find(rest_[0], 1);
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        const std::string_view text = rest_.substr(1, end - 1);
        rest_.remove_prefix(end + 1);
        return text;
    }

    bool accept(std::string_view token) {
        skip_space();
        if (!rest_.starts_with(token)) {
            return false;
        }
        rest_.remove_prefix(token.size());
        return true;
    }

    void skip_space() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size()));
    }

    std::string_view rest_;
};

// Splits `bytes` into the header's text and what follows. Returns the problem, "" if there is none.
std::string split(std::string_view bytes, std::string_view& header, std::string_view& data) {
    if (!bytes.starts_with(kMagic)) {
        return " is not a .npy file, \\x93NUMPY was expected at its beginning";
    }
    const size_t version =
        bytes.size() > kMagic.size() ? static_cast<unsigned char>(bytes[kMagic.size()]) : 1;
    if (version < 1 || version > 3) {
        return " has .npy version " + std::to_string(version) + ", one from 1 to 3 was expected";
    }
    const size_t prefix = version == 1 ? 10 : 12;
    if (bytes.size() < prefix) {
        return " ends within the .npy header, " + std::to_string(prefix) +
               " bytes at least were expected";
    }
    const size_t length = version == 1 ? little_endian<uint16_t>(bytes, prefix - 2)
                                       : little_endian<uint32_t>(bytes, prefix - 4);
    if (length > kMaxHeaderBytes || length > bytes.size() - prefix) {
        return " has a .npy header of " + std::to_string(length) +
               " bytes, at most 4096 within the file were expected";
    }
    header = bytes.substr(prefix, length);
    data = bytes.substr(prefix + length);
    return "";
}

const Dtype* dtype_of(std::string_view descr) {
    for (const auto& [typestr, name] : kDtypes) {
        if (typestr == descr) {
            return find_dtype(name);
        }
    }
    return nullptr;
}

std::string read_array(std::string_view bytes, NpyView& array) {
    std::string_view text;
    std::string_view data;
    std::string problem = split(bytes, text, data);
    if (!problem.empty()) {
        return problem;
    }
    const std::optional<NpyHeader> header = HeaderText(text).parse();
    if (!header) {
        return " has an unusual .npy header, a dict with the type 'descr', 'fortran_order' and "
               "'shape' was expected";
    }
    array = {dtype_of(header->descr), header->shape, header->fortran_order, data};
    if (array.dtype == nullptr) {
        return " holds elements of type " + in_quotes(header->descr) +
               ", little-endian floats, integers or booleans were expected";
    }
    const std::optional<uint64_t> count =
        count_elements(array.shape, std::numeric_limits<int32_t>::max());
    if (!count) {
        return " has shape " + shape_text(array.shape) +
               ", at most 2147483647 elements were expected";
    }
    const uint64_t expected = *count * static_cast<uint64_t>(array.dtype->bits) / 8;
    if (data.size() != expected) {
        return " holds " + std::to_string(data.size()) + " bytes of elements, " +
               std::to_string(expected) + " were expected for shape " + shape_text(array.shape);
    }
    return "";
}

} // namespace

std::optional<NpyView> parse_npy(std::string_view bytes, const std::string& what,
                                 Diagnostics& problems) {
    NpyView array;
    const std::string problem = read_array(bytes, array);
    if (!problem.empty()) {
        problems.error({}, what + problem);
        return std::nullopt;
    }
    return array;
}

std::string in_c_order(const NpyView& array) {
    if (!array.fortran_order) {
        return std::string(array.data);
    }
    if (array.data.empty()) {
        return ""; // with an extent of 0, the product of the others may overflow
    }
    std::vector<int64_t> strides;
    int64_t stride = 1;
    for (const int64_t extent : array.shape) {
        strides.push_back(stride);
        stride *= extent;
    }
    return gather_elements(array.data, static_cast<size_t>(array.dtype->bits / 8), 0, array.shape,
                           strides);
}

NpyArray load_npy(const std::string& path) {
    const std::string file = read_file(path, kMaxFileBytes);
    Diagnostics problems(SourceFile{path, ""});
    const std::optional<NpyView> array = parse_npy(file, "the file", problems);
    problems.throw_if_any();
    if (array->dtype->name != "U8" && array->dtype->name != "F32") {
        fail(path, "the file holds elements of type " + std::string(array->dtype->name) +
                       ", |u1 or <f4 was expected");
    }
    return {array->dtype->name == "U8" ? NpyType::u8 : NpyType::f32, array->shape,
            in_c_order(*array)};
}

} // namespace resnetc
