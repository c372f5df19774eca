// Which tensors of a PyTorch file are the network's. Included by the readers of both kinds of
// PyTorch files.
#pragma once

#include "diagnostics.h"
#include "pickle.h"
#include "torch_tensor.h"

#include <vector>

namespace resnetc {

// The tensors of the state dict, in its order: the dict under "state_dict", "model_state_dict",
// "model" or "net" of the pickle's dict, or else that dict itself. Values that are no tensors are
// passed over. Reports a pickle without a dict of tensors or with several, keys that are no texts
// or occur twice, and tensors that are not well-formed (at most 100).
std::vector<TorchTensor> read_torch_state_dict(const Pickle& pickle, Diagnostics& problems);

} // namespace resnetc
