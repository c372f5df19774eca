// The reader of .npz archives: what it reads, what it says about malformed files (tests/errors/npz,
// word for word), and that no damaged file makes it crash.
#include "npz.h"

#include "checkpoint_format.h"
#include "diagnostics.h"
#include "npy.h"

#include "catch.h"
#include "support/checkpoint_cases.h"

using namespace resnetc;
using namespace resnetc_test;

namespace {

const std::filesystem::path kCases = cases_folder("npz");

} // namespace

TEST_CASE("npz: a valid file with every kind of array", "[npz]") {
    const std::string bytes = bytes_of(kCases / "valid.npz");
    CHECK(recognise(bytes) == CheckpointFormat::npz);
    const auto tensors = read_npz("valid.npz", bytes);
    REQUIRE(tensors.size() == 7);
    CHECK(tensors[0].name == "conv.weight");
    CHECK(tensors[0].dtype == "F32");
    CHECK(tensors[0].shape == std::vector<int64_t>{2, 1, 1, 2});
    CHECK(tensors[0].values == std::vector<float>{1.5F, -2.0F, 0.125F, 3e38F});
    CHECK(tensors[1].name == "double");
    CHECK(tensors[1].dtype == "F64");
    CHECK(tensors[1].values.empty());
    CHECK(tensors[2].name == "fc.weight"); // stored by columns
    CHECK(tensors[2].shape == std::vector<int64_t>{2, 3});
    CHECK(tensors[2].values == std::vector<float>{1, 2, 3, 4, 5, 6});
    CHECK(tensors[3].dtype == "BOOL");
    CHECK(tensors[4].name == "half");
    CHECK(tensors[4].values == std::vector<float>{1.0F, -0.5F, 0x1p-24F});
    CHECK(tensors[5].name == "nothing");
    CHECK(tensors[5].values.empty());
    CHECK(tensors[6].name == "steps");
    CHECK(tensors[6].dtype == "I64");
    CHECK(tensors[6].shape.empty());
}

TEST_CASE("npz: every malformed file and its message", "[npz]") {
    CHECK(check_malformed_files(kCases, {".npz"}) >= 40);
}

TEST_CASE("npz: no truncation is accepted", "[npz]") {
    const std::string valid = bytes_of(kCases / "valid.npz");
    CHECK(accepted_truncations("valid.npz", valid) == 0);
    CHECK_FALSE(complaint("valid.npz", valid + '\0').empty());
}

TEST_CASE("npz: every single-bit flip ends in tensors or in a message", "[npz]") {
    const std::string valid = bytes_of(kCases / "valid.npz");
    CHECK(accepted_flips("valid.npz", valid) < valid.size());
}

TEST_CASE("npy: arrays in either order", "[npz]") {
    const std::string header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 2), }";
    std::string bytes = "\x93NUMPY\x01";
    bytes += std::string(1, '\0') + static_cast<char>(header.size()) + std::string(1, '\0') +
             header + "abcdefghijkl";
    Diagnostics problems(SourceFile{"a.npy", ""});
    const auto array = parse_npy(bytes, "the file", problems);
    REQUIRE(array);
    CHECK(array->data == "abcdefghijkl");
    CHECK(in_c_order(*array) == "agciekbhdjfl"); // [i][j][k] is element i + 2j + 6k
    CHECK(problems.empty());
}
