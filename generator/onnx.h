// Reader of the weights of ONNX models. Included by parse_checkpoint.
//
// Format: https://github.com/onnx/onnx, docs/IR.md and onnx/onnx.proto, a Protocol Buffers message.
// In: a file's bytes. Out: the initializers of the model's graph, by name.
#pragma once

#include "checkpoint.h"

#include <string>
#include <string_view>
#include <vector>

namespace resnetc {

// The initializers in name order. FLOAT, FLOAT16 and BFLOAT16 are widened exactly, other types are
// listed without values. Throws DiagnosticError with up to 100 problems of the file called `path`:
// no valid message, no graph, no initializers or over 65536 of them, and initializers without a
// name or with that of another, of unknown type, with dimensions that are negative or overflow,
// without as many values as these say, or whose values are in another file.
std::vector<CheckpointTensor> read_onnx(const std::string& path, std::string_view bytes);

} // namespace resnetc
