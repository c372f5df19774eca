// A folder for the time of a command. Included by the commands that build something only to run it.
#pragma once

#include "diagnostics.h"

#include <cstdlib>
#include <filesystem>
#include <string>

namespace resnetc {

// A folder that goes away with the object, unless the user wants to keep it.
class WorkFolder {
public:
    // `keep`: where to work; empty: a new folder "resnetc-<purpose>-...", removed afterwards.
    explicit WorkFolder(const std::string& purpose, const std::string& keep = "")
        : keep_(!keep.empty()) {
        if (keep_) {
            path_ = keep;
            return;
        }
        std::string name =
            (std::filesystem::temp_directory_path() / ("resnetc-" + purpose + "-XXXXXX")).string();
        if (mkdtemp(name.data()) == nullptr) {
            fail(name, "cannot create a temporary folder");
        }
        path_ = name;
    }
    ~WorkFolder() {
        if (!keep_) {
            std::error_code ignored;
            std::filesystem::remove_all(path_, ignored);
        }
    }
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    bool keep_;
    std::filesystem::path path_;
};

} // namespace resnetc
