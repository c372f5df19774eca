// Which kind of checkpoint a file is, by its content. Included by load_checkpoint, `inspect` and
// the fuzzers, which have the bytes already.
//
// To add a format: a value here, its test in recognise(), its line in parse_checkpoint(), and a
// file with its reader (like safetensors.h).
#pragma once

#include "checkpoint.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace resnetc {

// Larger files are not read. The largest residual network in common use has 0.5 GB of weights.
inline constexpr size_t kLargestCheckpoint = size_t{4} << 30;

enum class CheckpointFormat {
    safetensors,
    pytorch_zip,
    pytorch_legacy,
    onnx,
    npz,
    hdf5,  // recognised in order to be named in the refusal, as the next
    numpy, //
    unknown
};

// Looks at the first bytes, never at the file's name.
CheckpointFormat recognise(std::string_view bytes);

// "safetensors", "PyTorch (zip)", ... as messages and `inspect` print it.
const char* to_string(CheckpointFormat format);

// The checkpoint in `bytes`, validated; `path` is for messages. Throws DiagnosticError that lists
// what is wrong with the file, or that its format cannot be read.
Checkpoint parse_checkpoint(const std::string& path, std::string_view bytes);

} // namespace resnetc
