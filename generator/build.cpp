#include "build.h"

#include "file_io.h"
#include "generate.h"
#include "process.h"
#include "tools_config.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <set>
#include <sstream>
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

constexpr const char* kThreadsLibrary = "libresnetc_threads.a";
constexpr const char* kThreadsHeaders[] = {"resnetc_parallel.h", "resnetc_threads.h"};

// The pool of threads, or nothing of it: an earlier build may have left it there.
void deliver_threads(const fs::path& folder, bool threads) {
    std::set<std::string> files = {kThreadsLibrary};
    files.insert(std::begin(kThreadsHeaders), std::end(kThreadsHeaders));
    remove_abandoned_temporaries(folder.string(), files);
    if (!threads) {
        for (const std::string& file : files) {
            std::error_code ignored;
            fs::remove(folder / file, ignored);
        }
        return;
    }
    deliver(folder / "cmake" / kThreadsLibrary, folder / kThreadsLibrary);
    for (const char* header : kThreadsHeaders) {
        deliver(folder / "src" / "runtime" / header, folder / header);
    }
}

// What the emitted project says about parts that it leaves out.
constexpr std::string_view kNotice = "-- no ";

bool is_on_path(const std::string& program) {
    const char* variable = std::getenv("PATH");
    std::istringstream folders(variable != nullptr ? variable : "");
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (access((fs::path(folder) / program).c_str(), X_OK) == 0) {
            return true;
        }
    }
    return false;
}

void configure(const CmakeRun& run, const std::string& binary,
               const std::vector<std::string>& options, ProgressLine& progress,
               std::vector<std::string>& notices) {
    const std::string ninja = tool("RESNETC_NINJA", RESNETC_NINJA);
    std::vector<std::string> command = {tool("RESNETC_CMAKE_COMMAND", RESNETC_CMAKE_COMMAND),
                                        "-S",
                                        run.source,
                                        "-B",
                                        binary,
                                        "-DHalide_DIR=" +
                                            tool("RESNETC_HALIDE_DIR", RESNETC_HALIDE_DIR)};
    if (!ninja.empty()) {
        command.insert(command.end(), {"-G", "Ninja", "-DCMAKE_MAKE_PROGRAM=" + ninja});
    }
    command.insert(command.end(), options.begin(), options.end());
    progress.show("configuring ...");
    run_tool(command, [&](const std::string& line) {
        if (line.starts_with(kNotice)) {
            notices.push_back(line.substr(3));
        }
        if (run.verbose) {
            progress.show(line);
        }
    });
}

void build(const CmakeRun& run, const std::string& binary, const std::vector<std::string>& targets,
           ProgressLine& progress) {
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    const std::string jobs = std::to_string(run.jobs > 0 ? static_cast<unsigned>(run.jobs) : cores);
    const std::string ninja = tool("RESNETC_NINJA", RESNETC_NINJA);
    std::vector<std::string> command;
    if (ninja.empty()) {
        command = {tool("RESNETC_CMAKE_COMMAND", RESNETC_CMAKE_COMMAND), "--build", binary,
                   "--parallel", jobs};
        if (!targets.empty()) {
            command.emplace_back("--target");
        }
    } else { // without CMake between: then it ends its compilers if this process is killed
        command = {ninja, "-C", binary, "-j", jobs};
    }
    command.insert(command.end(), targets.begin(), targets.end());
    run_tool(command, [&](const std::string& line) { progress.show(line); });
}

// What CMake has to know to compile for another machine.
std::vector<std::string> cross_options(const std::string& triple) {
    const std::string compiler = cross_compiler(triple);
    std::vector<std::string> options = {
        "-DCMAKE_SYSTEM_NAME=Linux",
        "-DCMAKE_SYSTEM_PROCESSOR=" + triple.substr(0, triple.find('-')),
        "-DCMAKE_C_COMPILER=" + compiler, "-DCMAKE_LIBRARY_ARCHITECTURE=" + triple,
        "-DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=BOTH"};
    if (is_on_path(triple + "-g++")) {
        options.push_back("-DCMAKE_CXX_COMPILER=" + triple + "-g++");
    }
    return options;
}

} // namespace

std::string cross_compiler(const std::string& triple) {
    std::string compiler = triple + "-gcc";
    if (!is_on_path(compiler)) {
        std::string package = "gcc-" + triple;
        std::replace(package.begin(), package.end(), '_', '-');
        throw ToolError("cannot find " + compiler +
                            ", the C compiler for the target (Debian: " + package + ")",
                        "");
    }
    return compiler;
}

std::string cross_triple(const Target& target) {
    return needs_cross_compiler(target) ? target.triple : "";
}

std::vector<std::string> run_cmake(const CmakeRun& run) {
    ProgressLine progress(run.verbose);
    std::vector<std::string> notices;
    std::vector<std::string> options = run.options;
    if (!run.triple.empty()) {
        const std::vector<std::string> cross = cross_options(run.triple);
        const fs::path here = fs::path(run.binary) / "here";
        std::vector<std::string> ignored;
        configure(run, here.string(), {"-DRESNETC_PROGRAM=OFF"}, progress, ignored);
        build(run, here.string(), {"pipelines"}, progress);
        options.push_back("-DRESNETC_PIPELINES=" + fs::absolute(here / "pipelines").string());
        options.insert(options.end(), cross.begin(), cross.end());
    }
    configure(run, run.binary, options, progress, notices);
    build(run, run.binary, run.targets, progress);
    return notices;
}

int run_build(const BuildOptions& options, std::ostream& out) {
    GenerateOptions sources = options.generate;
    const fs::path folder = options.generate.output;
    sources.output = (folder / "src").string();
    FolderLock lock; // until the products are there
    // Lets the weights go before compilers run.
    const Compilation c = generate(sources, &lock).compilation;
    const std::string triple = cross_triple(c.plan.target);
    const std::vector<std::string> notices =
        run_cmake({.source = sources.output,
                   .binary = (folder / "cmake").string(),
                   .options = {triple.empty() ? "-DRESNETC_PROGRAM=ON" : "-DRESNETC_PROGRAM=AUTO"},
                   .targets = {},
                   .triple = triple,
                   .jobs = options.jobs,
                   .verbose = options.verbose});

    const std::string name = c.spec.name.value;
    const std::string library = "lib" + name + ".a";
    remove_abandoned_temporaries(folder.string(), {name + ".h", library, name});
    deliver(folder / "src" / (name + ".h"), folder / (name + ".h"));
    deliver(folder / "cmake" / library, folder / library);
    const bool program = notices.empty();
    if (program) {
        deliver(folder / "cmake" / name, folder / name);
    }
    deliver_threads(folder, !options.generate.serial);
    write_depfile(options.generate, c.spec, (folder / library).string());
    out << (folder / (program ? name : library)).string() << ": " << c.plan.pipelines.size()
        << " pipelines for " << c.plan.target.name << ", arena " << c.plan.arena_bytes
        << " bytes, weights " << c.plan.weights_bytes << " bytes\n";
    for (const std::string& notice : notices) {
        out << notice << '\n';
    }
    return exit_ok;
}

} // namespace resnetc
