#include "build.h"

#include "file_io.h"
#include "generate.h"
#include "process.h"
#include "tools_config.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <thread>
#include <unistd.h>

namespace resnetc {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxProductBytes = size_t{1} << 32;

// A tool's path: the environment variable of that name, or what was found at configuration.
std::string tool(const char* variable, const char* configured) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0' ? value : configured;
}

// One line on a terminal that is written over; nothing elsewhere.
class ProgressLine {
public:
    explicit ProgressLine(bool verbose) : verbose_(verbose), shown_(isatty(STDERR_FILENO) == 1) {}
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const std::string& text) {
        if (verbose_) {
            std::cerr << text << '\n';
        } else if (shown_) {
            std::cerr << "\r\033[K" << text.substr(0, 78) << std::flush;
        }
    }
    void clear() {
        if (shown_ && !verbose_) {
            std::cerr << "\r\033[K" << std::flush;
        }
    }

private:
    bool verbose_;
    bool shown_;
};

// The products go to the top of the output folder; each appears whole or not at all.
void deliver(const fs::path& from, const fs::path& to) {
    const auto mode = static_cast<unsigned>(fs::status(from).permissions() & fs::perms::all);
    write_file(to.string(), read_file(from.string(), kMaxProductBytes), mode);
}

} // namespace

void run_cmake(const CmakeRun& run) {
    ProgressLine progress(run.verbose);
    const std::string cmake = tool("RESNETC_CMAKE_COMMAND", RESNETC_CMAKE_COMMAND);
    const std::string ninja = tool("RESNETC_NINJA", RESNETC_NINJA);
    std::vector<std::string> configure = {
        cmake, "-S",       run.source,
        "-B",  run.binary, "-DHalide_DIR=" + tool("RESNETC_HALIDE_DIR", RESNETC_HALIDE_DIR)};
    if (!ninja.empty()) {
        configure.insert(configure.end(), {"-G", "Ninja", "-DCMAKE_MAKE_PROGRAM=" + ninja});
    }
    configure.insert(configure.end(), run.options.begin(), run.options.end());
    progress.show("configuring ...");
    run_tool(configure, [&](const std::string& line) {
        if (run.verbose) {
            progress.show(line);
        }
    });
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    const std::string jobs = std::to_string(run.jobs > 0 ? static_cast<unsigned>(run.jobs) : cores);
    std::vector<std::string> build = {cmake, "--build", run.binary, "--parallel", jobs};
    if (!run.targets.empty()) {
        build.emplace_back("--target");
        build.insert(build.end(), run.targets.begin(), run.targets.end());
    }
    run_tool(build, [&](const std::string& line) { progress.show(line); });
}

int run_build(const BuildOptions& options, std::ostream& out) {
    GenerateOptions sources = options.generate;
    const fs::path folder = options.generate.output;
    sources.output = (folder / "src").string();
    FolderLock lock; // until the products are there
    // Lets the weights go before compilers run.
    const Compilation c = generate(sources, &lock).compilation;
    run_cmake({.source = sources.output,
               .binary = (folder / "cmake").string(),
               .options = {},
               .targets = {},
               .jobs = options.jobs,
               .verbose = options.verbose});

    const std::string name = c.spec.name.value;
    const std::string library = "lib" + name + ".a";
    remove_abandoned_temporaries(folder.string(), {name + ".h", library, name});
    deliver(folder / "src" / (name + ".h"), folder / (name + ".h"));
    deliver(folder / "cmake" / library, folder / library);
    deliver(folder / "cmake" / name, folder / name);
    write_depfile(options.generate, c.spec, (folder / library).string());
    out << (folder / name).string() << ": " << c.plan.pipelines.size() << " pipelines for "
        << c.plan.target.name << ", arena " << c.plan.arena_bytes << " bytes, weights "
        << c.plan.weights_bytes << " bytes\n";
    return exit_ok;
}

} // namespace resnetc
