// Targets: the shipped descriptions, the reader of a user's own, and which one `host` is.
#include "support/error_cases.h"
#include "support/temp_folder.h"

#include "file_io.h"
#include "host_cpu.h"
#include "target.h"

#include "catch.h"

#include <algorithm>
#include <filesystem>

using namespace resnetc;
using namespace resnetc_test;

namespace {

std::string complaint(const std::string& name) {
    try {
        find_target(name);
    } catch (const DiagnosticError& error) {
        return format(error.diagnostics.front());
    }
    return "";
}

const std::string kLeast = "halide: arm-64-linux\n"
                           "triple: aarch64-linux-gnu\n"
                           "vector: {floats: 4, registers: 32}\n"
                           "caches: {l1d: 65536}\n";

} // namespace

TEST_CASE("every malformed target gets its message") {
    CHECK(check_error_cases("targets", [](const std::string& file) { find_target(file); }) >= 35);
}

TEST_CASE("the shipped targets") {
    std::vector<std::string> names = target_names();
    std::sort(names.begin(), names.end());
    CHECK(names == std::vector<std::string>{"arm-64", "sapphirerapids", "x86-64", "x86-64-v3",
                                            "x86-64-v4", "zen4"});
    for (const std::string& name : names) {
        INFO(name);
        const Target target = find_target(name);
        CHECK(target.file.empty());
        CHECK(target.halide.starts_with(architecture(target) + "-linux"));
        CHECK(target.caches.l1d > 0);
        CHECK(target.caches.l2 > target.caches.l1d);
        CHECK(target.caches.l3 > target.caches.l2);
        CHECK(target.host.priority > 0);
    }
    const Target v3 = find_target("x86-64-v3");
    CHECK(v3.vector_floats == 8);
    CHECK(v3.vector_registers == 16);
    CHECK(v3.fma);
    CHECK(registers_per_block(v3) == 2);
    CHECK_FALSE(find_target("x86-64").fma);
    CHECK(find_target("arm-64").vector_registers == 32);
    CHECK(architecture(find_target("arm-64")) == "arm-64");
}

TEST_CASE("host is the most special target that runs here") {
    const Target host = find_target("host");
    CHECK(runs_here(host));
    CHECK_FALSE(needs_cross_compiler(host));
    for (const std::string& name : target_names()) {
        const Target other = find_target(name);
        CHECK((!runs_here(other) || other.host.priority <= host.host.priority));
        CHECK(needs_cross_compiler(other) == (architecture(other) != host_cpu().architecture));
    }
}

TEST_CASE("an unknown target is answered with the known ones") {
    CHECK(complaint("zne4") ==
          "resnetc: error: unknown target 'zne4', expected one of host, zen4, sapphirerapids, "
          "x86-64-v4, x86-64-v3, arm-64, x86-64, or a .yaml file\n"
          "hint: did you mean 'zen4'?\n");
    CHECK(complaint("no_such_file.yaml") ==
          "no_such_file.yaml: error: cannot be opened: No such file or directory\n");
}

TEST_CASE("a user's own target needs little") {
    const TempFolder folder;
    const std::string path = folder / "board.yaml";
    write_file(path, "version: 1\nname: board\n" + kLeast);
    const Target target = find_target(path);
    CHECK(target.name == "board");
    CHECK(target.file == "board.yaml");
    CHECK(target.triple == "aarch64-linux-gnu");
    CHECK(target.vector_floats == 4);
    CHECK(target.fma);
    CHECK(target.cores == 1);
    CHECK(target.caches.l3 == 0);
    CHECK(target.core.fma_per_cycle == 2);
    CHECK(target.host.priority == 0); // never `host`
}
