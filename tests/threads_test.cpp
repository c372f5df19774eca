// Networks on several threads: the same bits on any number of them, no memory asked for after the
// start of the pool, the same library contract, and no thread code in a serial build.
#include "support/library_contract.h"
#include "support/safetensors_writer.h"
#include "support/shipped_specs.h"
#include "support/temp_folder.h"

#include "build.h"
#include "compile.h"
#include "file_io.h"
#include "generate.h"
#include "process.h"

#include "catch.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <filesystem>

using namespace resnetc;
using namespace resnetc_test;

namespace {

namespace fs = std::filesystem;

constexpr size_t kLimit = size_t{1} << 30;

// A network with random weights, generated and compiled threaded or serial.
class Built {
public:
    Built(const std::string& name, const SpecOverrides& overrides, const ScheduleSource& schedules,
          bool serial)
        : name_(name) {
        GenerateOptions options;
        options.spec = shipped_spec(name);
        options.overrides = overrides;
        options.weights = folder_ / "random.safetensors";
        options.output = source();
        options.schedules = schedules;
        options.serial = serial;
        Spec spec = load_spec(options.spec);
        apply_overrides(spec, overrides);
        const Network network = build_network(spec);
        write_safetensors(options.weights, network, random_weights(network, 1));
        generate(options);
        std::vector<std::string> targets = {name};
        if (!serial) {
            targets.emplace_back("resnetc_threads");
        }
        run_cmake({.source = source(),
                   .binary = folder_ / "cmake",
                   .options = {"-DRESNETC_PROGRAM=OFF"},
                   .targets = targets,
                   .triple = "",
                   .jobs = 0,
                   .verbose = false});
    }

    std::string source() const { return folder_ / "src"; }
    std::string library() const { return folder_ / ("cmake/lib" + name_ + ".a"); }
    std::string pool() const { return folder_ / "cmake/libresnetc_threads.a"; }
    std::string file(const std::string& name) const { return folder_ / name; }

    // Compiles tests/threads/<main> with the library, runs it, and returns what it printed. It
    // leaves the logits in file("logits").
    std::string run(const std::string& main, const std::vector<std::string>& more) const {
        std::string upper = name_;
        std::transform(upper.begin(), upper.end(), upper.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        std::vector<std::string> command = {"cc",
                                            "-std=gnu11",
                                            "-O1",
                                            "-DMODEL_HEADER=\"" + name_ + ".h\"",
                                            "-DMODEL_LOWER=" + name_,
                                            "-DMODEL_UPPER=" + upper,
                                            "-DLOGITS_FILE=\"" + file("logits") + "\"",
                                            "-I" + source(),
                                            "-I" + source() + "/runtime",
                                            std::string(RESNETC_SOURCE_DIR) + "/tests/threads/" +
                                                main,
                                            library(),
                                            "-o",
                                            file("program")};
        command.insert(command.end(), more.begin(), more.end());
        try {
            tool_output(command);
            return tool_output({file("program")});
        } catch (const ToolError& error) {
            return std::string(error.what()) + '\n' + error.output;
        }
    }

    std::string logits() const { return read_file(file("logits"), kLimit); }

private:
    TempFolder folder_;
    std::string name_;
};

const std::string kSameBits = "pool, 1 workers: 200 runs, the same bits\n"
                              "pool, 2 workers: 200 runs, the same bits\n"
                              "pool, 3 workers: 200 runs, the same bits\n"
                              "pool, 4 workers: 200 runs, the same bits\n"
                              "own parallel_for, 3 workers: 200 runs, the same bits\n"
                              "two pools at once: the same bits\n";

// Symbols of threads and of parallel loops in all members of an archive.
std::vector<std::string> thread_symbols(const std::string& library) {
    std::vector<std::string> found;
    for (const std::string& symbol : symbols(library)) {
        for (const char* part : {"par_for", "pthread", "resnetc_pool", "parallel", "futex"}) {
            if (symbol.find(part) != std::string::npos) {
                found.push_back(symbol);
            }
        }
    }
    return found;
}

// The largest difference of two lists of floats, in parts of the largest value of the first.
double difference(const std::string& bytes_a, const std::string& bytes_b) {
    REQUIRE(bytes_a.size() == bytes_b.size());
    double largest = 0;
    double worst = 0;
    for (size_t i = 0; i < bytes_a.size(); i += sizeof(float)) {
        float a = 0;
        float b = 0;
        std::memcpy(&a, bytes_a.data() + i, sizeof a);
        std::memcpy(&b, bytes_b.data() + i, sizeof b);
        largest = std::max<double>(largest, std::abs(a));
        worst = std::max<double>(worst, std::abs(a - b));
    }
    REQUIRE(largest > 0);
    return worst / largest;
}

// `watch`: the process kills itself if it asks for memory after the pool has started.
void check_bits(const std::string& name, const SpecOverrides& overrides,
                const ScheduleSource& schedules = {}) {
    const Built threaded(name, overrides, schedules, false);
    const Built serial(name, overrides, schedules, true);
    CHECK(threaded.run("model_main.c", {"-DWATCH", threaded.pool(), "-pthread"}) ==
          "the kernel watches\n" + kSameBits);
    CHECK(contract_violations(threaded.library(), threaded.file("whole.o")).empty());
    CHECK(contract_violations(serial.library(), serial.file("whole.o")).empty());

    CHECK(thread_symbols(serial.library()) == std::vector<std::string>{});
    CHECK(!thread_symbols(threaded.library()).empty());
    CHECK(!fs::exists(fs::path(serial.source()) / "runtime/resnetc_threads.c"));
    CHECK(serial.run("serial_main.c", {}) == "");
    // LLVM may associate the sums of Winograd's transforms differently in a loop without tasks: of
    // these networks it does so in one op of ResNet-50d, 1e-6 of the largest logit.
    CHECK(difference(serial.logits(), threaded.logits()) <= 5e-6);
}

} // namespace

TEST_CASE("CIFAR ResNet-20 gives the same bits on 1 to 4 threads, and nothing is allocated") {
    check_bits("resnet20", {});
}

TEST_CASE("MLPerf ResNet-8 in batches gives the same bits on 1 to 4 threads") {
    check_bits("resnet8_mlperf",
               {.batch = 3, .channels = 3, .height = 32, .width = 32, .classes = 10});
}

TEST_CASE("so do convolutions of several images a call, and tasks of any size") {
    const std::string name = "resnet8_mlperf";
    const SpecOverrides four{.batch = 4, .channels = 3, .height = 32, .width = 32, .classes = 10};
    const Compilation c = compile(shipped_spec(name), four, "host");
    ScheduleDb db;
    db.target = c.plan.target.name;
    for (const Op& op : c.graph.ops) {
        TunedOp tuned;
        tuned.op = signature(op);
        tuned.list = tuned.tool = tuned.cpu = "test";
        if (op.kind == OpKind::stem) {
            tuned.schedule = Schedule{.tile_x = 4, .task_rows = 7};
        } else if (op.kind == OpKind::conv &&
                   op.window == Window{.kernel = 3, .stride = 1, .padding = {1, 1, 1, 1}}) {
            tuned.schedule = Schedule{.algorithm = Algorithm::winograd,
                                      .tile_x = 3,
                                      .winograd_x = 4,
                                      .winograd_y = 4,
                                      .block_images = op.residual >= 0 ? 4 : 2};
        }
        if (tuned.schedule) {
            put_tuned(db, tuned);
        }
    }
    REQUIRE(db.ops.size() >= 5);
    const TempFolder folder;
    write_file(folder / "db.yaml", schedules_text(db));
    check_bits(name, four, {.file = folder / "db.yaml"});
}

TEST_CASE("larger networks give the same bits on 1 to 4 threads", "[slow]") {
    check_bits("resnet18", {});
    check_bits("resnet50d",
               {.batch = 1, .channels = 3, .height = 97, .width = 65, .classes = 1000});
    check_bits("resnext50_32x4d",
               {.batch = 2, .channels = 3, .height = 64, .width = 64, .classes = 10});
}
