// The safetensors reader: what it reads, what it says about malformed files
// (tests/errors/safetensors, word for word), and that no damaged file makes it crash.
#include "safetensors.h"

#include "checkpoint_format.h"
#include "diagnostics.h"
#include "dtype.h"
#include "file_io.h"

#include "catch.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <set>

using namespace resnetc;

namespace {

const std::filesystem::path kCases =
    std::filesystem::path(RESNETC_SOURCE_DIR) / "tests/errors/safetensors";

std::string bytes_of(const std::filesystem::path& path) {
    return read_file(path.string(), 1 << 20);
}

// A file with this header and data.
std::string make_file(const std::string& header, const std::string& data) {
    const uint64_t length = header.size();
    std::string file(sizeof(length), '\0');
    std::memcpy(file.data(), &length, sizeof(length));
    return file + header + data;
}

// What the reader says about the file, as the user sees it; "" if it accepts it.
std::string complaint(const std::string& name, const std::string& bytes) {
    try {
        read_safetensors(name, bytes);
        return "";
    } catch (const DiagnosticError& error) {
        std::string text;
        for (const Diagnostic& diagnostic : error.diagnostics) {
            text += format(diagnostic);
        }
        return text;
    }
}

} // namespace

TEST_CASE("safetensors: a valid file with every kind of tensor", "[safetensors]") {
    const auto tensors = read_safetensors("valid", bytes_of(kCases / "valid.safetensors"));
    REQUIRE(tensors.size() == 5);
    CHECK(tensors[0].name == "brain");
    CHECK(tensors[0].dtype == "BF16");
    CHECK(tensors[0].shape == std::vector<int64_t>{1, 3});
    CHECK(tensors[0].values == std::vector<float>{1.0F, -2.0F, -0x1.0p-126F});
    CHECK(tensors[1].name == "conv.weight");
    CHECK(tensors[1].shape == std::vector<int64_t>{2, 1, 1, 2});
    CHECK(tensors[1].values == std::vector<float>{1.5F, -2.0F, 0.1F, 3e38F});
    CHECK(tensors[2].name == "half");
    CHECK(tensors[2].values == std::vector<float>{1.0F, -0.5F, 0x1p-24F});
    CHECK(tensors[3].name == "nothing");
    CHECK(tensors[3].shape == std::vector<int64_t>{0, 4});
    CHECK(tensors[3].values.empty());
    CHECK(tensors[4].name == "steps");
    CHECK(tensors[4].dtype == "I64");
    CHECK(tensors[4].shape.empty());
    CHECK(tensors[4].values.empty());
}

TEST_CASE("safetensors: what the format allows is accepted", "[safetensors]") {
    CHECK(complaint("x", make_file("{}", "")).empty());
    CHECK(complaint("x", make_file("{}      ", "")).empty());
    CHECK(complaint("x", make_file(R"({"__metadata__":{}})", "")).empty());
    // Order in the header is free, and so is the order of the keys.
    CHECK(complaint("x", make_file(R"({"b":{"data_offsets":[4,8],"shape":[1],"dtype":"F32"},)"
                                   R"("a":{"shape":[],"dtype":"I32","data_offsets":[0,4]}})",
                                   std::string(8, '\0')))
              .empty());
    // Empty tensors may stand anywhere between the others.
    CHECK(complaint("x", make_file(R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},)"
                                   R"("b":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},)"
                                   R"("c":{"dtype":"F4","shape":[2,0],"data_offsets":[3,3]}})",
                                   "xyz"))
              .empty());
    // An extent of zero makes any other extents harmless.
    CHECK(complaint("x", make_file(R"({"a":{"dtype":"F32","shape":[4611686018427387904,)"
                                   R"(4611686018427387904,0],"data_offsets":[0,0]}})",
                                   ""))
              .empty());
    CHECK(complaint("x", make_file("{\"gr\xc3\xb6\xc3\x9f"
                                   "e\":{\"dtype\":\"F6_E2M3\",\"shape\":[4],"
                                   "\"data_offsets\":[0,3]}}",
                                   "xyz"))
              .empty());
}

TEST_CASE("safetensors: more tensors than are ever needed", "[safetensors]") {
    std::string header = "{";
    for (int i = 0; i < 65537; ++i) {
        header += (i > 0 ? ",\"" : "\"") + std::to_string(i) +
                  R"(":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
    }
    CHECK(complaint("big", make_file(header + "}", "")) ==
          "big: error: the header names more than 65536 tensors, fewer were expected\n");

    std::string metadata = R"({"__metadata__":{)";
    for (int i = 0; i < 65537; ++i) {
        metadata += (i > 0 ? ",\"" : "\"") + std::to_string(i) + R"(":"")";
    }
    CHECK(complaint("big", make_file(metadata + "}}", "")) ==
          "big: error: __metadata__ has more than 65536 keys, fewer were expected\n");
}

TEST_CASE("safetensors: every malformed file and its message", "[safetensors]") {
    std::set<std::filesystem::path> cases;
    for (const auto& file : std::filesystem::directory_iterator(kCases)) {
        if (file.path().extension() == ".safetensors" && file.path().stem() != "valid") {
            cases.insert(file.path());
        }
    }
    REQUIRE(cases.size() >= 70);
    for (const auto& path : cases) {
        INFO(path.filename());
        std::filesystem::path expected = path;
        expected.replace_extension(".expected");
        CHECK(complaint(path.filename().string(), bytes_of(path)) == bytes_of(expected));
    }
}

TEST_CASE("safetensors: no truncation is accepted", "[safetensors]") {
    const std::string valid = bytes_of(kCases / "valid.safetensors");
    for (size_t size = 0; size < valid.size(); ++size) {
        // A copy of its own, so that the address sanitizer sees a read behind its end.
        const std::string cut(valid.data(), size);
        INFO("first " << size << " bytes");
        CHECK_FALSE(complaint("cut.safetensors", cut).empty());
    }
    CHECK_FALSE(complaint("long.safetensors", valid + '\0').empty());
}

TEST_CASE("safetensors: every single-bit flip ends in tensors or in a message", "[safetensors]") {
    const std::string valid = bytes_of(kCases / "valid.safetensors");
    const size_t data_bytes = 36;
    size_t accepted = 0;
    for (size_t bit = 0; bit < valid.size() * 8; ++bit) {
        std::string flipped = valid;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        try {
            const Checkpoint checkpoint = parse_checkpoint("flipped.safetensors", flipped);
            ++accepted;
            size_t floats = 0;
            for (const CheckpointTensor& tensor : checkpoint.tensors) {
                floats += tensor.values.size();
            }
            CHECK(floats * 2 <= data_bytes);
        } catch (const DiagnosticError& error) {
            CHECK_FALSE(error.diagnostics.empty());
        }
    }
    // Flips in the data or in a name leave the file valid; most others must not.
    CHECK(accepted >= data_bytes * 8);
    CHECK(accepted < valid.size() * 4);
}

TEST_CASE("dtype: halves widen exactly", "[safetensors]") {
    for (uint32_t bits = 0; bits < 0x10000; ++bits) {
        const auto half = static_cast<uint16_t>(bits);
        const int exponent = half >> 10 & 31;
        const int fraction = half & 1023;
        const float value = half_to_float(half);
        REQUIRE(std::signbit(value) == (half >> 15 != 0));
        if (exponent == 31) {
            REQUIRE(std::isnan(value) == (fraction != 0));
            REQUIRE(std::isinf(value) == (fraction == 0));
        } else { // IEEE 754-2019, 3.4: (1 or 0).fraction * 2^(exponent - 15), subnormals at -14
            const double significand = (exponent > 0 ? 1024 : 0) + fraction;
            REQUIRE(std::fabs(value) == std::ldexp(significand, std::max(exponent, 1) - 25));
        }
    }
    CHECK(bfloat16_to_float(0x3f80) == 1.0F);
    CHECK(bfloat16_to_float(0xc2f7) == -123.5F);
    CHECK(bfloat16_to_float(0x0001) == 0x1p-133F);
    CHECK(bfloat16_to_float(0x7f80) == std::numeric_limits<float>::infinity());
    CHECK(std::isnan(bfloat16_to_float(0x7fc0)));
}
