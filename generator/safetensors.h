// Reader of the safetensors format (https://github.com/huggingface/safetensors, "Format"). Included
// by parse_checkpoint.
//
// In: a file's bytes: a header length (8 bytes, little-endian), a JSON header, the tensors' data.
// Out: the tensors in name order, floats widened exactly. Nothing is believed before it is checked.
#pragma once

#include "checkpoint.h"

#include <string>
#include <string_view>
#include <vector>

namespace resnetc {

// Throws DiagnosticError with up to 100 problems of the file called `path`: a header that is
// truncated, over 100 MB, not JSON, with duplicate or unknown keys; unknown dtypes; shapes that are
// not non-negative integers or overflow; data_offsets that leave the buffer, disagree with shape
// and dtype, overlap, or leave a gap.
std::vector<CheckpointTensor> read_safetensors(const std::string& path, std::string_view bytes);

} // namespace resnetc
