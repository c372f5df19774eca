// Every malformed file of tests/errors/images and tests/errors/npy, as the user meets it: the whole
// message word for word, the exit code, and nothing written.
#include "support.h"

#include <fstream>
#include <sstream>

using namespace resnetc_test;
namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

// Runs `fake` in the folder of errors `kind` on every case; `before` and `after` stand around the
// file's name on the command line. Returns the number of cases.
size_t check_cases(const std::string& kind, const std::string& before, const std::string& after) {
    const fs::path folder = fs::path(RESNETC_SOURCE_DIR) / "tests/errors" / kind;
    TempDir dir;
    size_t count = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const fs::path& file = entry.path();
        if (!entry.is_regular_file() || file.extension() == ".expected" ||
            file.extension() == ".py")
            continue;
        INFO(file);
        fs::path expected = file;
        expected.replace_extension(".expected");
        // In a copy, so that a file that is written by mistake is seen.
        const std::string name = file.filename().string();
        fs::copy_file(file, dir.path / name);
        const Run result = run(dir, "fake", before + name + after);
        CHECK(result.status == 1);
        CHECK(result.out == "");
        CHECK(result.err == text_of(expected));
        CHECK(dir.list() == std::vector<std::string>{name});
        fs::remove(dir.path / name);
        count++;
    }
    return count;
}

} // namespace

TEST_CASE("every malformed picture and its message", "[program]") {
    CHECK(check_cases("images", "", "") >= 60);
}

TEST_CASE("every malformed array and its message", "[program]") {
    CHECK(check_cases("npy", "--npy ", " --logits out.npy") >= 50);
}
