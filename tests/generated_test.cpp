// generated/ holds what the present compiler writes, byte for byte.
#include "catch.h"
#include "file_io.h"
#include "generate.h"
#include "support/temp_folder.h"

#include <filesystem>
#include <set>
#include <string>

namespace fs = std::filesystem;

namespace {

constexpr size_t kLimit = size_t{1} << 26;

// Parts of the output that generated/.gitignore leaves out of the repository.
bool is_kept_elsewhere(const std::string& path) {
    return path.ends_with("_weights.bin") || path.starts_with("runtime/");
}

std::set<std::string> kept_files(const fs::path& folder) {
    std::set<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const std::string path = fs::relative(entry.path(), folder).string();
        if (entry.is_regular_file() && !is_kept_elsewhere(path)) {
            files.insert(path);
        }
    }
    return files;
}

} // namespace

TEST_CASE("generated/resnet20 equals a fresh run") {
    const fs::path root = RESNETC_SOURCE_DIR;
    const resnetc_test::TempFolder folder;
    resnetc::GenerateOptions options;
    options.spec = (root / "specs/models/resnet20.yaml").string();
    options.weights = (root / "specs/weights/resnet20_demo.safetensors").string();
    options.target = "x86-64-v4";
    options.output = (folder.path() / "resnet20").string();
    resnetc::generate(options);

    const fs::path checked_in = root / "generated/resnet20";
    const std::set<std::string> fresh = kept_files(options.output);
    INFO("run scripts/update_generated.sh after a change of templates/ or of the emitter");
    REQUIRE(kept_files(checked_in) == fresh);
    for (const std::string& file : fresh) {
        INFO(file);
        CHECK(resnetc::read_file((checked_in / file).string(), kLimit) ==
              resnetc::read_file((fs::path(options.output) / file).string(), kLimit));
    }
}
