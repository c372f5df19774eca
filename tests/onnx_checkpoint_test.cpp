// The reader of ONNX files: what it reads, what it says about malformed files (tests/errors/onnx,
// word for word), and that no damaged file makes it crash.
#include "onnx.h"

#include "checkpoint_format.h"
#include "diagnostics.h"

#include "catch.h"
#include "support/checkpoint_cases.h"

using namespace resnetc;
using namespace resnetc_test;

namespace {

const std::filesystem::path kCases = cases_folder("onnx");

const CheckpointTensor& tensor(const std::vector<CheckpointTensor>& tensors,
                               const std::string& name) {
    for (const CheckpointTensor& each : tensors) {
        if (each.name == name) {
            return each;
        }
    }
    FAIL("no tensor " << name);
    return tensors.front();
}

// A model with `count` initializers of shape (0): fields 1 (dims), 2 (FLOAT) and 8 (name).
std::string many_initializers(int count) {
    std::string graph;
    for (int i = 0; i < count; ++i) {
        const std::string name = std::to_string(100'000 + i);
        graph += "\x2a\x0c" + std::string("\x08\x00\x10\x01\x42\x06", 6) + name;
    }
    std::string length;
    for (size_t rest = graph.size(); rest > 0; rest >>= 7) {
        length += static_cast<char>((rest & 127) | (rest > 127 ? 128 : 0));
    }
    return "\x08\x08\x3a" + length + graph;
}

} // namespace

TEST_CASE("onnx: a valid file with every kind of initializer", "[onnx]") {
    const std::string bytes = bytes_of(kCases / "valid.onnx");
    CHECK(recognise(bytes) == CheckpointFormat::onnx);
    const auto tensors = read_onnx("valid.onnx", bytes);
    REQUIRE(tensors.size() == 12);
    CHECK(tensor(tensors, "conv.weight").dtype == "F32");
    CHECK(tensor(tensors, "conv.weight").shape == std::vector<int64_t>{2, 1, 1, 2});
    CHECK(tensor(tensors, "conv.weight").values == std::vector<float>{1.5F, -2.0F, 0.125F, 3e38F});
    CHECK(tensor(tensors, "fc.bias").values == std::vector<float>{1, 2, 3});
    CHECK(tensor(tensors, "fc.weight").shape == std::vector<int64_t>{2, 1});
    CHECK(tensor(tensors, "fc.weight").values == std::vector<float>{1, -2});
    for (const char* name : {"half", "half_bits"}) {
        CHECK(tensor(tensors, name).dtype == "F16");
        CHECK(tensor(tensors, name).values == std::vector<float>{1.0F, -0.5F, 0x1p-24F});
    }
    CHECK(tensor(tensors, "brain").values == std::vector<float>{1.0F, -2.0F, -0x1.0p-126F});
    CHECK(tensor(tensors, "brain_bits").values == std::vector<float>{1.0F, -2.0F});
    const std::vector<std::pair<std::string, std::string>> listed = {
        {"double", "F64"}, {"steps", "I64"}, {"nibbles", "I4"}, {"words", "STRING"}};
    for (const auto& [name, dtype] : listed) {
        CHECK(tensor(tensors, name).dtype == dtype);
        CHECK(tensor(tensors, name).values.empty());
    }
    CHECK(tensor(tensors, "nothing").shape == std::vector<int64_t>{0, 4});
}

TEST_CASE("onnx: every malformed file and its message", "[onnx]") {
    CHECK(check_malformed_files(kCases, {".onnx"}) >= 45);
}

TEST_CASE("onnx: more initializers than are ever needed", "[onnx]") {
    CHECK(read_onnx("many.onnx", many_initializers(1000)).size() == 1000);
    CHECK(complaint("many.onnx", many_initializers(65537)) ==
          "many.onnx: error: the ONNX graph has more than 65536 initializers, fewer were "
          "expected\n");
}

TEST_CASE("onnx: truncations lose no tensor without a message", "[onnx]") {
    const std::string valid = bytes_of(kCases / "valid.onnx");
    // Behind the graph there is one more field. Without it, the message is complete.
    CHECK(accepted_truncations("valid.onnx", valid) == 1);
}

TEST_CASE("onnx: every single-bit flip ends in tensors or in a message", "[onnx]") {
    const std::string valid = bytes_of(kCases / "valid.onnx");
    CHECK(accepted_flips("valid.onnx", valid) < valid.size() * 6);
}
