// Emitted pipelines as generators that are shared. Included by the tuner.
//
// Pipelines that differ in nothing but the defaults of their GeneratorParams are one generator:
// compiled once, run with other parameters for each of them. That is found in the emitted text, so
// that nothing here knows what a schedule consists of.
#pragma once

#include "emit.h"

#include <map>
#include <string>
#include <vector>

namespace resnetc {

// A pipeline to be made by a generator: `generators -g generator -f function ... parameters`.
struct PipelineJob {
    std::string function;                // name of the pipeline, and of its object file
    std::string generator;               //
    std::vector<std::string> parameters; // "tile_x=7"
};

// The generators that have been handed out so far.
class GeneratorSources {
public:
    // `file`: an emitted pipeline. The text of a generator that is not known yet goes to `added`.
    PipelineJob add(const EmittedFile& file, std::vector<std::string>& added);

private:
    std::map<std::string, std::string> name_of_text_; // of the text without names and defaults
};

} // namespace resnetc
