// Reader of NumPy's .npz archives. Included by parse_checkpoint.
//
// Format: a zip archive of .npy arrays, NAME.npy for each (numpy.savez). In: a file's bytes. Out:
// the arrays in name order.
#pragma once

#include "checkpoint.h"

#include <string>
#include <string_view>
#include <vector>

namespace resnetc {

// Throws DiagnosticError with up to 100 problems of the file called `path`: what read_zip refuses,
// entries that are no arrays, and those that parse_npy refuses. Floats of 64 bits, integers and
// booleans are listed without values.
std::vector<CheckpointTensor> read_npz(const std::string& path, std::string_view bytes);

} // namespace resnetc
