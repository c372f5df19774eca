// Named weight tensors from a file. Included by folding/packing, the reference and `inspect`.
//
// In: a file of any supported format (recognised by content). Out: tensors widened exactly to
// float, under their own names; then bound to a Network's parameters by name.
#pragma once

#include "network.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace resnetc {

struct CheckpointTensor {
    std::string name;           // as in the file
    std::string dtype;          // as the file says: "F32", "I64", ...
    std::vector<int64_t> shape; // row-major; empty: a scalar
    std::vector<float> values;  // elements in row-major order; empty for integer tensors
};

struct Checkpoint {
    std::string path;
    std::string sha256;                    // of the file's bytes, lower-case hex
    std::vector<CheckpointTensor> tensors; // in name order
};

// Reads and validates the whole file. Throws DiagnosticError.
Checkpoint load_checkpoint(const std::string& path);

// A network's parameters by canonical name ("layer1.0.conv1.weight").
using Weights = std::map<std::string, std::vector<float>>;

// Binds a checkpoint to a network: strips "module.", applies the naming table and the rename rules,
// ignores num_batches_tracked, then checks that exactly the needed tensors with the needed shapes
// are there. Throws DiagnosticError that lists all missing, surplus and wrong-shape tensors, each
// with the nearest name, and NaN or infinity unless `allow_non_finite`.
Weights bind_weights(const Checkpoint& checkpoint, const Network& network,
                     const CheckpointSpec& naming, bool allow_non_finite = false);

// Weights for tests, benches and `verify` without a checkpoint: He-normal convolutions, batch norm
// statistics near (0,1), by a fixed generator (same bits everywhere).
Weights random_weights(const Network& network, uint64_t seed);

} // namespace resnetc
