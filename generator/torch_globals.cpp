#include "torch_globals.h"

#include <array>

namespace resnetc {
namespace {

struct StorageClass {
    std::string_view global;
    std::string_view dtype;
};

// torch/storage.py, _dtype_to_storage_type_map(), without complex and quantised elements.
constexpr std::array<StorageClass, 10> kStorageClasses = {{{"torch.FloatStorage", "F32"},
                                                           {"torch.HalfStorage", "F16"},
                                                           {"torch.BFloat16Storage", "BF16"},
                                                           {"torch.DoubleStorage", "F64"},
                                                           {"torch.LongStorage", "I64"},
                                                           {"torch.IntStorage", "I32"},
                                                           {"torch.ShortStorage", "I16"},
                                                           {"torch.CharStorage", "I8"},
                                                           {"torch.ByteStorage", "U8"},
                                                           {"torch.BoolStorage", "BOOL"}}};

bool is_dotted(std::string_view dotted, std::string_view module, std::string_view name) {
    return dotted.size() == module.size() + 1 + name.size() && dotted.starts_with(module) &&
           dotted[module.size()] == '.' && dotted.ends_with(name);
}

} // namespace

std::string_view find_torch_global(std::string_view module, std::string_view name) {
    for (const std::string_view known :
         {kOrderedDict, kRebuildTensor, kRebuildOldTensor, kRebuildParameter}) {
        if (is_dotted(known, module, name)) {
            return known;
        }
    }
    for (const StorageClass& storage : kStorageClasses) {
        if (is_dotted(storage.global, module, name)) {
            return storage.global;
        }
    }
    return "";
}

bool torch_may_call(std::string_view global) {
    return global == kRebuildTensor || global == kRebuildOldTensor || global == kRebuildParameter;
}

const Dtype* torch_storage_dtype(std::string_view global) {
    for (const StorageClass& storage : kStorageClasses) {
        if (storage.global == global) {
            return find_dtype(storage.dtype);
        }
    }
    return nullptr;
}

} // namespace resnetc
