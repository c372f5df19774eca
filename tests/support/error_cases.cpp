#include "support/error_cases.h"

#include "diagnostics.h"
#include "file_io.h"

#include "catch.h"

#include <filesystem>
#include <set>

namespace resnetc_test {

namespace fs = std::filesystem;

namespace {

// A working directory until the end of the scope, so that messages name files as a user there sees
// them.
class WorkingDirectory {
public:
    explicit WorkingDirectory(const fs::path& folder) : before_(fs::current_path()) {
        fs::current_path(folder);
    }
    ~WorkingDirectory() { fs::current_path(before_); }
    WorkingDirectory(const WorkingDirectory&) = delete;
    WorkingDirectory& operator=(const WorkingDirectory&) = delete;

private:
    fs::path before_;
};

} // namespace

size_t check_error_cases(const std::string& folder,
                         const std::function<void(const std::string& file)>& read) {
    const WorkingDirectory here(fs::path(RESNETC_SOURCE_DIR) / "tests/errors" / folder);
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(".")) {
        if (entry.path().extension() == ".yaml") {
            names.insert(entry.path().filename().string());
        }
    }
    for (const std::string& name : names) {
        INFO(name);
        const fs::path expected = fs::path(name).replace_extension(".expected");
        REQUIRE(fs::exists(expected));
        std::string found;
        try {
            read(name);
        } catch (const resnetc::DiagnosticError& error) {
            for (const resnetc::Diagnostic& diagnostic : error.diagnostics) {
                found += format(diagnostic);
            }
        }
        CHECK(found == resnetc::read_file(expected.string(), 1 << 20));
    }
    return names.size();
}

} // namespace resnetc_test
