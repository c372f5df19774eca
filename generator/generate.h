// Spec and checkpoint to a folder of sources. Included by the commands generate, build and verify.
#pragma once

#include "checkpoint.h"
#include "commands.h"
#include "compile.h"
#include "folder_lock.h"

#include <string>

namespace resnetc {

struct Generated {
    Compilation compilation;
    Weights weights;            // as bound, unfolded
    std::string packed_weights; //
    int files_written = 0;      // files whose bytes were not there already
};

// Writes the output folder; `options.output` is created, or has to be empty or made by resnetc.
// Files of an earlier run that no longer belong there are removed. Waits while another resnetc
// works in the folder; `lock`, if not null, gets the folder's, so that none does afterwards. Throws
// DiagnosticError; the folder is then as it was, or holds only whole files and no manifest.
Generated generate(const GenerateOptions& options, FolderLock* lock = nullptr);

// The command line that makes the same files, without folders:
// "resnetc generate resnet18.yaml --weights resnet18.safetensors --target x86-64-v4".
std::string generate_command(const GenerateOptions& options, const Spec& spec,
                             const Target& target);

// Writes options.depfile, if asked for: `output` depends on the spec, its label file, the
// weights, the target's file and that of the schedules.
void write_depfile(const GenerateOptions& options, const Spec& spec, const std::string& output);

} // namespace resnetc
