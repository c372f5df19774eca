#include "tune_toolchain.h"

#include "build.h"
#include "embedded_files.h"
#include "emit_driver.h"
#include "file_io.h"
#include "process.h"
#include "tools_config.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <sstream>
#include <thread>

namespace resnetc {
namespace {

namespace fs = std::filesystem;

constexpr int kCompileSeconds = 300;
constexpr int kPipelineSeconds = 60; // a candidate that Halide takes longer for is none

size_t cores() {
    return std::max(1U, std::thread::hardware_concurrency());
}

void write_source(const std::string& folder, const EmittedFile& file) {
    const fs::path path = fs::path(folder) / file.path;
    fs::create_directories(path.parent_path());
    write_file(path.string(), file.bytes);
}

// What the runtime brings along for the driver and the executable's main.
void write_support(const std::string& folder) {
    for (const std::string_view name : embedded_file_names()) {
        if (name.starts_with("runtime/") && name.find("/program/") == std::string_view::npos) {
            write_source(folder,
                         {fs::path(name).filename().string(), std::string(embedded_file(name))});
        }
        if (name.starts_with("templates/pipelines/") && name.ends_with(".h")) {
            write_source(folder,
                         {fs::path(name).filename().string(), std::string(embedded_file(name))});
        }
    }
}

// Calls work(0) ... work(count - 1) on all cores; the first exception is thrown at the end.
void in_parallel(size_t count, const std::function<void(size_t)>& work) {
    std::atomic<size_t> next = 0;
    std::exception_ptr failure;
    std::mutex mutex;
    std::vector<std::thread> threads;
    for (size_t t = 0; t < std::min(cores(), count); ++t) {
        threads.emplace_back([&] {
            for (size_t i = next++; i < count; i = next++) {
                try {
                    work(i);
                } catch (...) {
                    const std::lock_guard lock(mutex);
                    failure = failure ? failure : std::current_exception();
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
}

} // namespace

TuneToolchain::TuneToolchain(std::string folder, const Target& target, std::function<bool()> stop)
    : folder_(std::move(folder)), target_(target), stop_(std::move(stop)) {
    write_source(path("tools"), {"CMakeLists.txt",
                                 render_file("tune_tools.cmake", {{"version", RESNETC_VERSION}})});
    run_cmake({.source = path("tools"),
               .binary = path("tools/build"),
               .options = {},
               .targets = {"help"},
               .triple = "",
               .jobs = 1,
               .verbose = false});
    std::istringstream tools(read_file(path("tools/build/tools.txt"), 1 << 16));
    std::string halide;
    std::string gengen;
    std::getline(tools, c_compiler_);
    std::getline(tools, cxx_compiler_);
    std::getline(tools, halide);
    std::getline(tools, gengen);
    std::getline(tools, runtime_include_);
    cxx_options_ = {"-std=c++20", "-O0", "-g0", "-I" + runtime_include_, "-I" + folder_};
    link_inputs_ = {"-Wl,--whole-archive",
                    gengen,
                    "-Wl,--no-whole-archive",
                    halide,
                    "-Wl,-rpath," + fs::path(halide).parent_path().string(),
                    "-ldl",
                    "-lpthread"};
    if (needs_cross_compiler(target_)) {
        c_compiler_ = cross_compiler(target_.triple);
    }
    write_support(folder_);
    // Halide.h takes seconds to read: once.
    std::vector<std::string> header = {cxx_compiler_};
    header.insert(header.end(), cxx_options_.begin(), cxx_options_.end());
    header.insert(header.end(), {"-w", "-x", "c++-header", path("pipeline_support.h"), "-o",
                                 path("pipeline_support.h.gch")});
    run(header, kCompileSeconds);
    for (const std::string name : {"tune_main", "resnetc_threads"}) {
        run({c_compiler_, "-O2", "-pthread", "-I" + folder_, "-I" + runtime_include_, "-c",
             path(name + ".c"), "-o", path(name + ".o")},
            kCompileSeconds);
    }
}

void TuneToolchain::run(const std::vector<std::string>& command, int seconds) const {
    run_tool(command, [](const std::string&) {},
             {.input = "", .silence = std::chrono::seconds(seconds), .stop = stop_});
}

void TuneToolchain::compile_generators(const std::vector<std::string>& texts) {
    if (texts.empty()) {
        return;
    }
    const std::string program = path("generators" + std::to_string(programs_++));
    const size_t units = std::min(cores(), texts.size());
    std::vector<std::string> link = {cxx_compiler_, "-o", program};
    for (size_t u = 0; u < units; ++u) {
        const std::string unit = program + "_" + std::to_string(u);
        std::string source = "#include \"pipeline_support.h\"\n";
        for (size_t i = u; i < texts.size(); i += units) {
            source += texts[i];
        }
        write_file(unit + ".cpp", source);
        link.push_back(unit + ".o");
    }
    in_parallel(units, [&](size_t u) {
        const std::string unit = program + "_" + std::to_string(u);
        std::vector<std::string> command = {cxx_compiler_};
        command.insert(command.end(), cxx_options_.begin(), cxx_options_.end());
        command.insert(command.end(), {"-c", unit + ".cpp", "-o", unit + ".o"});
        run(command, kCompileSeconds);
    });
    link.insert(link.end(), link_inputs_.begin(), link_inputs_.end());
    run(link, kCompileSeconds);
}

bool TuneToolchain::emit_objects(const std::vector<PipelineJob>& jobs,
                                 std::map<std::string, std::string>& failed) {
    const std::string target =
        "target=" + target_.halide + "-no_runtime-no_asserts-no_bounds_query-user_context";
    std::mutex mutex;
    in_parallel(jobs.size(), [&](size_t i) {
        const PipelineJob& job = jobs[i];
        std::vector<std::string> command = {program_of_generator_.at(job.generator),
                                            "-g",
                                            job.generator,
                                            "-f",
                                            "tune_" + job.function,
                                            "-n",
                                            job.function,
                                            "-e",
                                            "object",
                                            "-o",
                                            folder_,
                                            target};
        command.insert(command.end(), job.parameters.begin(), job.parameters.end());
        try {
            run(command, kPipelineSeconds);
        } catch (const ToolError& error) {
            if (stop_()) {
                throw;
            }
            const std::lock_guard lock(mutex);
            failed[job.function] = error.what();
        }
    });
    return failed.empty();
}

std::string TuneToolchain::compile(const TuneProgram& program,
                                   std::map<std::string, std::string>& failed) {
    std::vector<std::string> added;
    std::vector<PipelineJob> jobs;
    const std::string next_program = path("generators" + std::to_string(programs_));
    for (const EmittedFile& file : program.pipelines) {
        jobs.push_back(generators_.add(file, added));
        program_of_generator_.emplace(jobs.back().generator, next_program);
    }
    compile_generators(added);
    if (!emit_objects(jobs, failed)) {
        return "";
    }
    for (const EmittedFile& source : program.sources) {
        write_source(folder_, source);
    }
    for (const auto& [label, bytes] : program.blobs) {
        write_file(path(label + ".bin"), bytes);
    }
    const std::string executable = path("runner");
    std::vector<std::string> command = {c_compiler_,
                                        "-O2",
                                        "-static",
                                        "-DRESNETC_STEPS",
                                        "-fno-stack-protector",
                                        "-I" + folder_,
                                        "-I" + runtime_include_,
                                        "-Wa,-I," + folder_,
                                        "-o",
                                        executable,
                                        path("tune_main.o"),
                                        path("resnetc_threads.o"),
                                        "-pthread"};
    for (const EmittedFile& source : program.sources) {
        if (!source.path.ends_with(".h")) {
            command.push_back(path(source.path));
        }
    }
    for (const PipelineJob& job : jobs) {
        command.push_back(path(job.function + ".o"));
    }
    command.emplace_back("-lm");
    run(command, kCompileSeconds);
    for (const PipelineJob& job : jobs) {
        std::error_code ignored;
        fs::remove(path(job.function + ".o"), ignored);
    }
    return executable;
}

} // namespace resnetc
