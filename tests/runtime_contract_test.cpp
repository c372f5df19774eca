// The runtime contract on a compiled network: no heap, nothing needed but memcpy and memset, a
// bounded stack, the same bytes from every build. And that these checks fail on a library that
// breaks it.
#include "support/library_contract.h"
#include "support/safetensors_writer.h"
#include "support/shipped_specs.h"
#include "support/temp_folder.h"

#include "build.h"
#include "file_io.h"
#include "generate.h"
#include "process.h"

#include "catch.h"

#include <algorithm>
#include <filesystem>
#include <iostream>

using namespace resnetc;
using namespace resnetc_test;

namespace {

namespace fs = std::filesystem;

// Has max pooling, a stem, projections, both kinds of shortcut addition, average pooling and fc.
const std::string kModel = "resnet18";
const SpecOverrides kSmall{.batch = 2, .channels = 3, .height = 64, .width = 64, .classes = 10};
constexpr size_t kLibraryLimit = size_t{1} << 30;

GenerateOptions generate_options(const std::string& weights, const std::string& folder) {
    GenerateOptions options;
    options.spec = shipped_spec(kModel);
    options.overrides = kSmall;
    options.weights = weights;
    options.output = folder;
    return options;
}

std::string random_checkpoint(const TempFolder& folder) {
    Spec spec = load_spec(shipped_spec(kModel));
    apply_overrides(spec, kSmall);
    const Network network = build_network(spec);
    std::string path = folder / "random.safetensors";
    write_safetensors(path, network, random_weights(network, 1));
    return path;
}

// lib<model>.a of the sources in `source`.
std::string compile_library(const std::string& source, const std::string& binary) {
    run_cmake({.source = source,
               .binary = binary,
               .options = {"-DRESNETC_PROGRAM=OFF"},
               .targets = {kModel},
               .triple = "",
               .jobs = 0,
               .verbose = false});
    return (fs::path(binary) / ("lib" + kModel + ".a")).string();
}

// Compiles tests/freestanding/main.c with the library and runs it; its output.
std::string run_program(const std::string& source, const std::string& library,
                        const std::string& program, const std::vector<std::string>& options) {
    std::vector<std::string> command = {"cc",
                                        "-std=gnu11",
                                        "-O1",
                                        "-fno-stack-protector",
                                        "-DMODEL_HEADER=\"" + kModel + ".h\"",
                                        "-DMODEL_LOWER=" + kModel,
                                        "-DMODEL_UPPER=RESNET18",
                                        "-I" + source};
    command.insert(command.end(), options.begin(), options.end());
    command.push_back(std::string(RESNETC_SOURCE_DIR) + "/tests/freestanding/main.c");
    command.insert(command.end(), {library, "-o", program});
    tool_output(command);
    return tool_output({program});
}

std::string run_freestanding(const std::string& source, const std::string& library,
                             const std::string& program) {
    return run_program(source, library, program,
                       {"-nostdlib", "-nostartfiles", "-static", "-fno-pie", "-no-pie",
                        "-ffreestanding", "-fno-tree-loop-distribute-patterns"});
}

// Everything that `library` does against the contract; empty: nothing.
std::vector<std::string> violations(const std::string& source, const std::string& library,
                                    const std::string& scratch) {
    std::vector<std::string> found = contract_violations(library, scratch + ".o");
    try {
        run_freestanding(source, library, scratch);
    } catch (const ToolError& error) {
        found.push_back("does not link or run by itself: " + error.output);
    }
    return found;
}

bool any_contains(const std::vector<std::string>& lines, const std::string& text) {
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
        return line.find(text) != std::string::npos;
    });
}

// The pipeline of the emitted folder whose file name begins like this.
fs::path find_pipeline(const std::string& source, const std::string& prefix) {
    for (const auto& entry : fs::directory_iterator(fs::path(source) / "pipelines")) {
        if (entry.path().filename().string().starts_with(prefix)) {
            return entry.path();
        }
    }
    FAIL("no pipeline " << prefix);
    return {};
}

// Computes the sums of a convolution all at once before the epilogue, the buffer in `memory`.
void break_schedule(const fs::path& pipeline, const std::string& memory) {
    const std::string good = "sum.compute_at(whole, "
                             "xo).store_in(MemoryType::Register).vectorize(v).unroll(o).unroll(x);";
    std::string text = read_file(pipeline.string(), 1 << 20);
    const size_t at = text.find(good);
    REQUIRE(at != std::string::npos);
    text.replace(at, good.size(), "sum.compute_root().store_in(MemoryType::" + memory + ");");
    write_file(pipeline.string(), text);
}

} // namespace

TEST_CASE(
    "a compiled network keeps the runtime contract, and two builds of it are the same bytes") {
    const TempFolder folder;
    const std::string weights = random_checkpoint(folder);
    const std::string source = folder / "src";
    generate(generate_options(weights, source));
    const std::string library = compile_library(source, folder / "cmake");

    CHECK(violations(source, library, folder / "alone") == std::vector<std::string>{});
    const StackUse stack = stack_use(library);
    std::cout << "largest frame: " << stack.largest_frame << " bytes in " << stack.function
              << std::endl;
    const std::string hosted = run_program(source, library, folder / "hosted", {"-DHOSTED"});
    CHECK(hosted.size() >= sizeof(float[2][10]));
    CHECK(run_freestanding(source, library, folder / "freestanding") == hosted);

    const std::string other = folder / "another place/with a longer name/src";
    generate(generate_options(weights, other));
    const std::string again = compile_library(other, folder / "another place/build tree");
    CHECK(read_file(library, kLibraryLimit) == read_file(again, kLibraryLimit));

    // Pipelines that need the heap, and too much stack: the same checks see it.
    break_schedule(find_pipeline(source, "conv1x1s2_n2_c64_16x16"), "Heap");
    break_schedule(find_pipeline(source, "conv1x1s2_n2_c128_8x8"), "Register");
    const auto found =
        violations(source, compile_library(source, folder / "cmake"), folder / "broken");
    CAPTURE(found);
    CHECK(any_contains(found, "has halide_malloc"));
    CHECK(any_contains(found, "needs halide_malloc"));
    CHECK(any_contains(found, "bytes of stack"));
    CHECK(any_contains(found, "does not link"));
}
