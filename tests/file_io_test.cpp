// Whole files: what cannot be read or written is said, and nothing half-written stays.
#include "file_io.h"

#include "diagnostics.h"

#include "catch.h"
#include "support/temp_folder.h"

#include <filesystem>
#include <sys/stat.h>

using namespace resnetc;
using resnetc_test::TempFolder;
namespace fs = std::filesystem;

namespace {

size_t entries(const TempFolder& folder) {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()));
}

template <typename Action> std::string complaint(const Action& action) {
    try {
        action();
    } catch (const DiagnosticError& error) {
        return error.diagnostics.front().message;
    }
    return "";
}

} // namespace

TEST_CASE("what is written is read back") {
    const TempFolder folder;
    const std::string path = folder / "a.bin";
    const std::string bytes("a\0b\xff\n", 5);
    CHECK(write_file(path, bytes));
    CHECK(read_file(path, 100) == bytes);
    CHECK(write_file(path, ""));
    CHECK(read_file(path, 0).empty());
    CHECK(entries(folder) == 1);
}

TEST_CASE("an unchanged file is not touched") {
    const TempFolder folder;
    const std::string path = folder / "a";
    CHECK(write_file(path, "same"));
    const auto old = fs::file_time_type::clock::now() - std::chrono::hours(1);
    fs::last_write_time(path, old);
    const auto before = fs::last_write_time(path);
    CHECK_FALSE(write_file(path, "same"));
    CHECK(fs::last_write_time(path) == before);
    CHECK(write_file(path, "sama"));
    CHECK(fs::last_write_time(path) != before);
}

TEST_CASE("a new file has the usual permissions") {
    const TempFolder folder;
    const mode_t mask = ::umask(022);
    write_file(folder / "a", "x");
    ::umask(mask);
    struct stat status {};
    REQUIRE(::stat((folder / "a").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0644);
}

TEST_CASE("files that cannot be read") {
    const TempFolder folder;
    CHECK(complaint([&] { read_file(folder / "none", 10); }) ==
          "cannot be opened: No such file or directory");
    CHECK(complaint([&] { read_file(folder / "", 10); }) == "is a folder, expected a file");
    write_file(folder / "big", "12345678901");
    CHECK(complaint([&] { read_file(folder / "big", 10); }) ==
          "is larger than the limit of 10 bytes");
    CHECK(read_file(folder / "big", 11) == "12345678901");
    CHECK(complaint([&] { read_file("/dev/zero", 10); }) == "is not a regular file");
    REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
    CHECK(complaint([&] { read_file(folder / "fifo", 10); }) == "is not a regular file");
}

TEST_CASE("files that cannot be written leave nothing behind") {
    const TempFolder folder;
    CHECK(complaint([&] { write_file(folder / "none/a", "x"); }) ==
          "cannot be written: No such file or directory");
    fs::create_directory(folder / "folder");
    CHECK(complaint([&] { write_file(folder / "folder", "x"); }) ==
          "cannot be written: Is a directory");
    CHECK(entries(folder) == 1);
    CHECK(complaint([&] { write_file(folder / std::string(300, 'a'), "x"); }) ==
          "cannot be written: File name too long");
}
