#include "support/shipped_specs.h"

#include <algorithm>
#include <filesystem>

namespace resnetc_test {
namespace {

const std::filesystem::path kModels = std::filesystem::path(RESNETC_SOURCE_DIR) / "specs/models";

} // namespace

std::vector<std::string> shipped_specs() {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(kModels)) {
        if (entry.path().extension() == ".yaml") {
            paths.push_back(entry.path().string());
        }
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

std::string shipped_spec(const std::string& name) {
    return (kModels / (name + ".yaml")).string();
}

} // namespace resnetc_test
