// Tensors and storages as a PyTorch file's pickle describes them, and their values. Included by the
// readers of both kinds of PyTorch files.
//
// Source: torch/_utils.py (_rebuild_tensor_v2) and torch/serialization.py (persistent_id).
#pragma once

#include "checkpoint.h"
#include "diagnostics.h"
#include "dtype.h"
#include "pickle.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace resnetc {

// Elements that lie somewhere else in the file, under `key`.
struct TorchStorage {
    std::string_view key;
    const Dtype* dtype = nullptr;
    uint64_t elements = 0;
};

// A strided view of a storage. Offset and strides count elements.
struct TorchTensor {
    std::string name;
    TorchStorage storage;
    int64_t offset = 0;
    std::vector<int64_t> shape;
    std::vector<int64_t> strides; // as many as extents
};

using TorchStorages = std::map<std::string_view, TorchStorage>;         // by key
using TorchStorageBytes = std::map<std::string_view, std::string_view>; // by key

// Every storage that the pickle refers to, whether a tensor of the state dict uses it or not.
// Reports those that are not well-formed, or described in different ways.
TorchStorages find_torch_storages(const Pickle& pickle, Diagnostics& problems);

// The tensor that a value of kind `call` makes, without a name. Its elements are known to lie
// within its storage. Reports to `problems`, with `name`, and returns a tensor without dtype if the
// call is not well-formed.
TorchTensor read_torch_tensor(const Pickle& pickle, const PickleValue& call, std::string_view name,
                              Diagnostics& problems);

// Bytes of the storage's elements.
uint64_t byte_size(const TorchStorage& storage);

// The tensors in name order, with values (row-major, gathered along the strides). `storages` has
// the bytes of each storage, as many as byte_size() says; `big_endian`: the elements in them.
// Throws DiagnosticError about the file `path` if the tensors have more elements in all than the
// file has bytes: tensors may share storages, and a stride may be 0.
std::vector<CheckpointTensor> gather_torch_tensors(const std::string& path,
                                                   const std::vector<TorchTensor>& tensors,
                                                   const TorchStorageBytes& storages,
                                                   bool big_endian, size_t file_bytes);

} // namespace resnetc
