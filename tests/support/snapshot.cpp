#include "support/snapshot.h"

#include "file_io.h"

#include <fstream>

namespace resnetc_test {

namespace fs = std::filesystem;

Snapshot snapshot(const fs::path& folder) {
    Snapshot files;
    if (!fs::exists(folder)) {
        return files;
    }
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) {
            files[fs::relative(entry.path(), folder).string()] =
                resnetc::read_file(entry.path().string(), size_t{1} << 28);
        }
    }
    return files;
}

void restore(const Snapshot& files, const fs::path& folder) {
    fs::remove_all(folder);
    for (const auto& [path, bytes] : files) {
        fs::create_directories((folder / path).parent_path());
        std::ofstream(folder / path, std::ios::binary) << bytes;
    }
}

bool is_temporary(const std::string& path) {
    return fs::path(path).filename().string().starts_with(".") && path.ends_with(".tmp");
}

} // namespace resnetc_test
