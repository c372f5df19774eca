// A target of another architecture: compiled here, run by an emulator.
#include "data_dir.h"
#include "support/shipped_specs.h"
#include "support/temp_folder.h"

#include "checkpoint.h"
#include "commands.h"
#include "compile.h"
#include "file_io.h"
#include "support/safetensors_writer.h"

#include "catch.h"

#include <cstdlib>
#include <filesystem>
#include <sstream>

using namespace resnetc;
using namespace resnetc_test;

namespace {

namespace fs = std::filesystem;

const std::string kRunner = "qemu-aarch64 -L /usr/aarch64-linux-gnu";

// Whether the compiler and the emulator for arm-64 are installed; says so if not.
bool can_run_arm() {
    const bool found =
        std::system("command -v aarch64-linux-gnu-gcc qemu-aarch64 > /dev/null") == 0;
    if (!found) {
        report_skipped("needs gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user");
    }
    return found;
}

void check_verified(const std::string& spec) {
    VerifyOptions options;
    options.spec = shipped_spec(spec);
    options.target = "arm-64";
    options.runner = kRunner;
    std::ostringstream out;
    CHECK(run_verify(options, out) == exit_ok);
    INFO(out.str());
    CHECK(out.str().find(", ok\n") != std::string::npos);
}

} // namespace

TEST_CASE("ResNet-8 for arm-64 equals the reference, op by op") {
    if (can_run_arm()) {
        check_verified("resnet8_mlperf");
    }
}

TEST_CASE("ResNet-20 for arm-64 equals the reference, op by op") {
    if (can_run_arm()) {
        check_verified("resnet20");
    }
}

TEST_CASE("a build for arm-64 makes the library, and the program or the reason why not") {
    if (!can_run_arm()) {
        return;
    }
    const TempFolder folder;
    const std::string spec = shipped_spec("resnet8_mlperf");
    const Compilation c = compile(spec, {}, "arm-64");
    write_safetensors(folder / "weights", c.network, random_weights(c.network, 1));
    BuildOptions options;
    options.generate.spec = spec;
    options.generate.weights = folder / "weights";
    options.generate.output = folder / "out";
    options.generate.target = "arm-64";
    std::ostringstream out;
    CHECK(run_build(options, out) == exit_ok);
    INFO(out.str());
    const fs::path products = folder.path() / "out";
    CHECK(fs::exists(products / "libresnet8_mlperf.a"));
    CHECK(fs::exists(products / "resnet8_mlperf.h"));
    const bool program = fs::exists(products / "resnet8_mlperf");
    const size_t notice = out.str().find("\nno standalone program: missing ");
    CHECK(program == (notice == std::string::npos));
}

TEST_CASE("without a runner programs of another architecture are refused") {
    VerifyOptions options;
    options.spec = shipped_spec("resnet8_mlperf");
    options.target = "arm-64";
#if defined(__aarch64__)
    options.target = "x86-64-v3";
#endif
    std::ostringstream out;
    std::string message;
    try {
        run_verify(options, out);
    } catch (const DiagnosticError& error) {
        message = format(error.diagnostics.front());
    }
    CHECK(message == "resnetc: error: programs for " + options.target +
                         " do not run on this machine, expected --runner\n"
                         "hint: such as --runner 'qemu-aarch64 -L /usr/aarch64-linux-gnu'\n");
}
