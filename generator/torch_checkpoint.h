// Readers of PyTorch's files. Included by parse_checkpoint.
//
// Format: torch/serialization.py. In: a file's bytes. Out: the tensors of its state dict
// (torch_state_dict.h) in name order. Nothing in the file is run: see pickle.h.
#pragma once

#include "checkpoint.h"

#include <string>
#include <string_view>
#include <vector>

namespace resnetc {

// What torch.save writes since 1.6: a zip archive with data.pkl, the storages as data/KEY, and
// "byteorder". Throws DiagnosticError with up to 100 problems of the file called `path`.
std::vector<CheckpointTensor> read_torch_zip(const std::string& path, std::string_view bytes);

// What torch.save wrote before: five pickles (a magic number, the protocol's version, the machine,
// the object, the storages' keys), then each storage: its number of elements in 8 bytes and these.
std::vector<CheckpointTensor> read_torch_legacy(const std::string& path, std::string_view bytes);

} // namespace resnetc
