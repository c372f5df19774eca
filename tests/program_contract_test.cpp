// Programs of shipped models as users build them: their size, the stack of every function that was
// emitted, and that only those made with --profile carry anything for it.
#include "support/library_contract.h"
#include "support/safetensors_writer.h"
#include "support/shipped_specs.h"
#include "support/temp_folder.h"

#include "build.h"
#include "file_io.h"
#include "generate.h"
#include "process.h"

#include "catch.h"

#include <filesystem>
#include <iostream>

using namespace resnetc;
using namespace resnetc_test;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// What may be shipped beside the weights: 1 MB, of which 0.71 are the C library, libjpeg, libpng
// and zlib (tests/program/static_test.cpp). ResNet-18 has 944,048 bytes on AVX-512 of Zen 4, and
// 1,046,448 on AVX2: narrower vectors take more instructions.
constexpr int64_t kCodeBound = 1'000'000;
constexpr int64_t kCodeBoundOfNarrowVectors = 1'150'000;

struct Built {
    Generated generated;
    std::string library;
    std::string program;
};

Built build_model(const TempFolder& folder, const std::string& model, bool profile) {
    const Network network = build_network(load_spec(shipped_spec(model)));
    GenerateOptions options;
    options.spec = shipped_spec(model);
    options.weights = folder / "random.safetensors";
    options.output = folder / "src";
    options.profile = profile;
    write_safetensors(options.weights, network, random_weights(network, 1));
    Built built{generate(options), folder / ("cmake/lib" + model + ".a"),
                folder / "cmake/" + model};
    run_cmake({.source = options.output,
               .binary = folder / "cmake",
               .options = {},
               .targets = {},
               .triple = "",
               .jobs = 0,
               .verbose = false});
    return built;
}

bool has_symbol(const std::string& library, const std::string& part) {
    return tool_output({"nm", "--format=posix", library}).find(part) != std::string::npos;
}

void check_program(const std::string& model) {
    const TempFolder folder;
    const Built built = build_model(folder, model, false);
    const int64_t code = static_cast<int64_t>(fs::file_size(built.program)) -
                         built.generated.compilation.plan.weights_bytes;
    const StackUse stack = stack_use(built.library);
    std::cout << model << ": code " << code << " bytes, largest frame " << stack.largest_frame
              << " bytes in " << stack.function << std::endl;
    const bool narrow = built.generated.compilation.plan.target.vector_floats < 16;
    CHECK(code <= (narrow ? kCodeBoundOfNarrowVectors : kCodeBound));
    CHECK(stack.functions > static_cast<int>(built.generated.compilation.plan.pipelines.size()));
    CHECK(stack.largest_frame <= kStackBound);
    CHECK(stack.dynamic == std::vector<std::string>{});
    CHECK_FALSE(has_symbol(built.library, "run_op"));
    CHECK_FALSE(has_symbol(built.library, "multiply_adds"));
}

// A function with the given body, compiled.
std::string compile_function(const TempFolder& folder, const std::string& body) {
    const std::string source = folder / "function.c";
    std::string object = folder / "function.o";
    write_file(source,
               "#include <stddef.h>\nvoid use(char*);\nvoid f(size_t n) { " + body + " }\n");
    tool_output({"cc", "-O2", "-fno-stack-protector", "-c", source, "-o", object});
    return object;
}

} // namespace

TEST_CASE("program and stack of ResNet-18 keep their bounds") {
    check_program("resnet18");
}
TEST_CASE("program and stack of ResNet-50 keep their bounds", "[slow]") {
    check_program("resnet50");
}
TEST_CASE("program and stack of CIFAR ResNet-20 keep their bounds", "[slow]") {
    check_program("resnet20");
}

TEST_CASE("the stack's bound sees large frames and those of unknown size") {
    const TempFolder folder;
    const StackUse small = stack_use(compile_function(folder, "char a[128]; use(a); use(a);"));
    CHECK(small.functions == 1);
    CHECK(small.largest_frame >= 128);
    CHECK(small.largest_frame < 256);
    CHECK(small.dynamic.empty());
    const StackUse large = stack_use(compile_function(folder, "char a[16384]; use(a); use(a);"));
    CHECK(large.largest_frame > kStackBound);
    CHECK(large.function == "f");
    CHECK(large.dynamic.empty());
    const std::string aligned = "_Alignas(8192) char a[8192]; use(a); use(a);";
    CHECK(stack_use(compile_function(folder, aligned)).largest_frame >= 16384);
    const StackUse unknown = stack_use(compile_function(folder, "char a[n]; use(a); use(a);"));
    CHECK(unknown.dynamic.size() == 1);
    const StackUse alloca_use =
        stack_use(compile_function(folder, "use((char*)__builtin_alloca(n)); use(0);"));
    CHECK(alloca_use.dynamic.size() == 1);
}

TEST_CASE("a program made with --profile times every op") {
    const TempFolder folder;
    const Built built = build_model(folder, "resnet20", true);
    CHECK(has_symbol(built.library, "resnet20_run_op"));
    const StackUse stack = stack_use(built.library);
    CHECK(stack.largest_frame <= kStackBound);
    CHECK(stack.dynamic == std::vector<std::string>{});
    const std::string trace = folder / "trace.json";
    const Json profile =
        Json::parse(tool_output({built.program, "--profile=" + trace, "--bench", "3", "--json"}));
    const Compilation& c = built.generated.compilation;
    REQUIRE(profile["ops"].size() == c.graph.ops.size());
    int64_t macs = 0;
    for (size_t i = 0; i < c.graph.ops.size(); ++i) {
        CHECK(profile["ops"][i]["name"] == c.graph.ops[i].name);
        CHECK(profile["ops"][i]["bytes"] > 0);
        macs += profile["ops"][i]["macs"].get<int64_t>();
    }
    CHECK(macs == c.network.macs);
    CHECK(profile["peak_gflops"] > 1);
    const Json events = Json::parse(read_file(trace, 1 << 20))["traceEvents"];
    CHECK(events.size() == 1 + 3 * c.graph.ops.size());
}
