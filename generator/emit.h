// From a plan to files. Included by generate and the tests of the emitter.
//
// In: everything that earlier stages decided. Out: the bytes of every file of the output folder, by
// path relative to it. Decides nothing itself; the text comes from templates/.
#pragma once

#include "fused_graph.h"
#include "plan.h"
#include "spec.h"

#include <string>
#include <vector>

namespace resnetc {

struct EmitInput {
    const Spec& spec;
    const Network& network;
    const FusedGraph& graph;
    const Plan& plan;
    const std::string& packed_weights;
    std::string checkpoint_file;   // its name without the folder
    std::string checkpoint_sha256; //
    std::string command;           // that makes these files, without folders
    bool profile = false;          // also emit what the program's --profile needs
    bool runs = true;              // the functions that run the network; without, only its ops
};

struct EmittedFile {
    std::string path; // "pipelines/conv3x3s1_c64_56x56_k64_relu.cpp"
    std::string bytes;
};

// The same input gives the same bytes on every machine.
std::vector<EmittedFile> emit(const EmitInput& input);

// The file that marks a folder as made by resnetc.
inline constexpr const char* kManifestName = "manifest.json";

} // namespace resnetc
