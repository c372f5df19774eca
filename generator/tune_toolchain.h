// The compilers behind the tuner. Included by the tuner.
//
// In: emitted pipelines, a driver and data. Out: one static executable of the target. CMake is
// asked once where things are; after that compilers are called directly, so that a batch takes
// seconds.
#pragma once

#include "emit.h"
#include "target.h"
#include "tune_sources.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace resnetc {

// The tensors and constants of an executable, by label: <label>.bin in its folder.
using TuneBlobs = std::map<std::string, std::string>;

struct TuneProgram {
    std::vector<EmittedFile> pipelines;
    std::vector<EmittedFile> sources; // driver, header, tune_data.c, tune_data.S
    TuneBlobs blobs;
};

class TuneToolchain {
public:
    // Compiles in `folder`, which must exist. `stop`: asked while tools run; true ends them. Throws
    // ToolError.
    TuneToolchain(std::string folder, const Target& target, std::function<bool()> stop);

    // Compiles a program and returns its path. Pipelines that Halide refuses, or does not finish,
    // are named in `failed` with the reason; the driver then has to do without them: nothing is
    // linked and "" is returned. Throws ToolError if anything else fails.
    std::string compile(const TuneProgram& program, std::map<std::string, std::string>& failed);

private:
    std::string path(const std::string& name) const { return folder_ + "/" + name; }
    void run(const std::vector<std::string>& command, int seconds) const;
    void compile_generators(const std::vector<std::string>& texts);
    bool emit_objects(const std::vector<PipelineJob>& jobs,
                      std::map<std::string, std::string>& failed);

    std::string folder_;
    Target target_;
    std::function<bool()> stop_;
    GeneratorSources generators_;
    std::map<std::string, std::string> program_of_generator_;
    int programs_ = 0;
    std::string c_compiler_;
    std::string cxx_compiler_;
    std::string runtime_include_;
    std::vector<std::string> cxx_options_; // for generators
    std::vector<std::string> link_inputs_; // objects and libraries that a generator program needs
};

} // namespace resnetc
