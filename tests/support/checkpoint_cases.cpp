#include "support/checkpoint_cases.h"

#include "checkpoint_format.h"
#include "diagnostics.h"
#include "file_io.h"

#include "catch.h"

#include <cstring>

using namespace resnetc;

namespace resnetc_test {

std::filesystem::path cases_folder(const std::string& name) {
    return std::filesystem::path(RESNETC_SOURCE_DIR) / "tests/errors" / name;
}

std::string bytes_of(const std::filesystem::path& path) {
    return read_file(path.string(), 1 << 20);
}

std::string complaint(const std::string& name, const std::string& bytes) {
    try {
        parse_checkpoint(name, bytes);
        return "";
    } catch (const DiagnosticError& error) {
        std::string text;
        for (const Diagnostic& diagnostic : error.diagnostics) {
            text += format(diagnostic);
        }
        return text;
    }
}

size_t check_malformed_files(const std::filesystem::path& folder,
                             const std::set<std::string>& extensions) {
    size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        const std::filesystem::path& path = file.path();
        if (!extensions.contains(path.extension().string()) ||
            path.stem().string().starts_with("valid")) {
            continue;
        }
        INFO(path.filename());
        std::filesystem::path expected = path;
        expected.replace_extension(".expected");
        CHECK(complaint(path.filename().string(), bytes_of(path)) == bytes_of(expected));
        ++count;
    }
    return count;
}

size_t accepted_truncations(const std::string& name, const std::string& valid) {
    const Checkpoint whole = parse_checkpoint(name, valid);
    size_t accepted = 0;
    for (size_t size = 0; size < valid.size(); ++size) {
        INFO("first " << size << " bytes");
        // A copy of its own, so that the address sanitizer sees a read behind its end.
        const std::string cut(valid.data(), size);
        try {
            const Checkpoint checkpoint = parse_checkpoint(name, cut);
            ++accepted;
            CHECK(checkpoint.tensors.size() == whole.tensors.size());
        } catch (const DiagnosticError& error) {
            CHECK_FALSE(error.diagnostics.empty());
        }
    }
    return accepted;
}

size_t accepted_flips(const std::string& name, const std::string& valid) {
    size_t accepted = 0;
    for (size_t bit = 0; bit < valid.size() * 8; ++bit) {
        std::string flipped = valid;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        INFO("bit " << bit);
        try {
            const Checkpoint checkpoint = parse_checkpoint(name, flipped);
            ++accepted;
            size_t floats = 0;
            for (const CheckpointTensor& tensor : checkpoint.tensors) {
                floats += tensor.values.size();
            }
            CHECK(floats <= valid.size());
        } catch (const DiagnosticError& error) {
            CHECK_FALSE(error.diagnostics.empty());
        }
    }
    return accepted;
}

void check_same_tensors(const std::string& path, const std::string& safetensors_path,
                        const std::string& prefix) {
    const Checkpoint checkpoint = load_checkpoint(path);
    const Checkpoint expected = load_checkpoint(safetensors_path);
    REQUIRE(checkpoint.tensors.size() == expected.tensors.size());
    for (size_t i = 0; i < expected.tensors.size(); ++i) {
        const CheckpointTensor& found = checkpoint.tensors[i];
        const CheckpointTensor& right = expected.tensors[i];
        INFO(right.name);
        CHECK(found.name == prefix + right.name);
        CHECK(found.dtype == right.dtype);
        CHECK(found.shape == right.shape);
        REQUIRE(found.values.size() == right.values.size());
        CHECK((right.values.empty() || std::memcmp(found.values.data(), right.values.data(),
                                                   right.values.size() * sizeof(float)) == 0));
    }
}

} // namespace resnetc_test
