// Files compiled into resnetc are the files of the repository, byte for byte.
#include "embedded_files.h"

#include "file_io.h"

#include "catch.h"

#include <algorithm>
#include <stdexcept>

using namespace resnetc;

TEST_CASE("embedded files equal the repository's") {
    const auto names = embedded_file_names();
    CHECK(std::is_sorted(names.begin(), names.end()));
    CHECK(std::count(names.begin(), names.end(), "specs/labels/imagenet1k.txt") == 1);
    for (const std::string_view name : names) {
        INFO(name);
        const std::string path = std::string(RESNETC_SOURCE_DIR) + "/" + std::string(name);
        CHECK(embedded_file(name) == read_file(path, size_t{1} << 26));
    }
    CHECK_THROWS_AS(embedded_file("no/such/file"), std::out_of_range);
}
