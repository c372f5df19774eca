// What a pickle may name and call. Included by the readers of PyTorch files.
#pragma once

#include "dtype.h"

#include <string_view>

namespace resnetc {

inline constexpr std::string_view kOrderedDict = "collections.OrderedDict";
inline constexpr std::string_view kRebuildTensor = "torch._utils._rebuild_tensor_v2";
// Before PyTorch 0.4: without the last two arguments.
inline constexpr std::string_view kRebuildOldTensor = "torch._utils._rebuild_tensor";
inline constexpr std::string_view kRebuildParameter = "torch._utils._rebuild_parameter";

// "module.name" if it is one of the above or a storage class, "" otherwise. The result lives as
// long as the program.
std::string_view find_torch_global(std::string_view module, std::string_view name);

// Whether a global is a function that makes a tensor or parameter.
bool torch_may_call(std::string_view global);

// The elements of a storage class ("torch.FloatStorage": F32), nullptr if it is none.
const Dtype* torch_storage_dtype(std::string_view global);

} // namespace resnetc
