#include "torch_tensor.h"

#include "message_text.h"
#include "strided.h"
#include "torch_globals.h"

#include <algorithm>
#include <optional>
#include <span>

namespace resnetc {
namespace {

constexpr size_t kMostDimensions = 32; // as in safetensors and NumPy
constexpr size_t kMostProblems = 100;

// Reads the id ('storage', class, key, location, elements), in legacy files followed by None (or,
// before PyTorch 0.4, a view of another storage). Returns the problem, "" if there is none.
std::string read_storage(const Pickle& pickle, const PickleValue& persistent,
                         TorchStorage& storage) {
    const std::string expected = ", ('storage', class, key, location, size) was expected";
    const PickleValue& id = pickle[persistent.items[0]];
    if (id.kind != PickleKind::tuple || id.items.size() < 5 || id.items.size() > 6) {
        return std::string("a storage is named by ") + to_string(id.kind) +
               (id.kind == PickleKind::tuple ? " of " + std::to_string(id.items.size()) : "") +
               expected;
    }
    const PickleValue& word = pickle[id.items[0]];
    const PickleValue& storage_class = pickle[id.items[1]];
    const PickleValue& key = pickle[id.items[2]];
    const PickleValue& elements = pickle[id.items[4]];
    if (word.kind != PickleKind::text || word.text != "storage" ||
        storage_class.kind != PickleKind::global || key.kind != PickleKind::text ||
        pickle[id.items[3]].kind != PickleKind::text || elements.kind != PickleKind::integer) {
        return "a storage is named by a tuple of other values" + expected;
    }
    storage = {key.text, torch_storage_dtype(storage_class.text), 0};
    if (storage.dtype == nullptr) {
        return "storage " + in_quotes(key.text) + " is of class " + in_quotes(storage_class.text) +
               ", a storage class was expected";
    }
    // No file has 2^58 bytes; the bytes of fewer elements do not overflow.
    if (elements.integer < 0 || elements.integer >= int64_t{1} << 58) {
        return "storage " + in_quotes(key.text) + " has " + std::to_string(elements.integer) +
               " elements, 0 to 2^58 were expected";
    }
    if (id.items.size() == 6 && pickle[id.items[5]].kind != PickleKind::none) {
        return "storage " + in_quotes(key.text) +
               " is a view of another, as before PyTorch 0.4, whole storages were expected";
    }
    storage.elements = static_cast<uint64_t>(elements.integer);
    return "";
}

std::optional<std::vector<int64_t>> read_extents(const Pickle& pickle, const PickleValue& tuple) {
    if (tuple.kind != PickleKind::tuple || tuple.items.size() > kMostDimensions) {
        return std::nullopt;
    }
    std::vector<int64_t> extents;
    for (const PickleRef ref : tuple.items) {
        if (pickle[ref].kind != PickleKind::integer || pickle[ref].integer < 0) {
            return std::nullopt;
        }
        extents.push_back(pickle[ref].integer);
    }
    return extents;
}

// Whether all elements lie in the storage.
bool fits(const TorchTensor& tensor) {
    if (std::ranges::find(tensor.shape, 0) != tensor.shape.end()) {
        return true;
    }
    int64_t last = tensor.offset;
    for (size_t i = 0; i < tensor.shape.size(); ++i) {
        int64_t reach = 0;
        if (__builtin_mul_overflow(tensor.shape[i] - 1, tensor.strides[i], &reach) ||
            __builtin_add_overflow(last, reach, &last)) {
            return false;
        }
    }
    return static_cast<uint64_t>(last) < tensor.storage.elements;
}

// The arguments (storage, offset, size, stride, requires_grad, hooks, metadata), of which
// _rebuild_tensor has the first four and _rebuild_tensor_v2 six or seven.
std::string read_arguments(const Pickle& pickle, std::span<const PickleRef> arguments, bool is_old,
                           TorchTensor& tensor) {
    const size_t count = arguments.size();
    if (is_old ? count != 4 : count != 6 && count != 7) {
        return " is made of " + std::to_string(count) + " arguments, " +
               (is_old ? "4 were expected" : "6 or 7 were expected");
    }
    if (pickle[arguments[0]].kind != PickleKind::persistent) {
        return std::string(" lies in ") + to_string(pickle[arguments[0]].kind) +
               ", a storage was expected";
    }
    if (!read_storage(pickle, pickle[arguments[0]], tensor.storage).empty()) {
        return " lies in a storage that is not well-formed, as was expected";
    }
    const PickleValue& offset = pickle[arguments[1]];
    if (offset.kind != PickleKind::integer || offset.integer < 0) {
        return " has an offset that is no integer of at least 0, which was expected";
    }
    tensor.offset = offset.integer;
    const auto shape = read_extents(pickle, pickle[arguments[2]]);
    const auto strides = read_extents(pickle, pickle[arguments[3]]);
    if (!shape || !strides || shape->size() != strides->size()) {
        return " has a size and a stride that are not two tuples of as many integers (at most " +
               std::to_string(kMostDimensions) + ", at least 0), which were expected";
    }
    tensor.shape = *shape;
    tensor.strides = *strides;
    if (!fits(tensor)) {
        return " of shape " + shape_text(tensor.shape) + " and strides " +
               shape_text(tensor.strides) + " from element " + std::to_string(tensor.offset) +
               " on leaves its storage of " + std::to_string(tensor.storage.elements) +
               " elements, all were expected within";
    }
    if (count == 7) {
        const PickleValue& metadata = pickle[arguments[6]];
        if (metadata.kind != PickleKind::none &&
            (metadata.kind != PickleKind::dict || !metadata.items.empty())) {
            return " is conjugated or negated lazily, plain values were expected";
        }
    }
    return "";
}

std::string read_call(const Pickle& pickle, const PickleValue& call, TorchTensor& tensor) {
    const std::string_view function = pickle[call.items[0]].text;
    const std::vector<PickleRef>& arguments = pickle[call.items[1]].items;
    if (function != kRebuildParameter) {
        return read_arguments(pickle, arguments, function == kRebuildOldTensor, tensor);
    }
    // (data, requires_grad, hooks), where data is a tensor and no parameter again.
    if (arguments.size() != 3 || pickle[arguments[0]].kind != PickleKind::call ||
        pickle[pickle[arguments[0]].items[0]].text == kRebuildParameter) {
        return " is a parameter without a tensor, (tensor, requires_grad, hooks) was expected";
    }
    return read_call(pickle, pickle[arguments[0]], tensor);
}

std::string in_other_byte_order(std::string_view elements, size_t element_bytes) {
    std::string swapped(elements);
    for (size_t i = 0; i + element_bytes <= swapped.size(); i += element_bytes) {
        std::reverse(swapped.begin() + static_cast<ptrdiff_t>(i),
                     swapped.begin() + static_cast<ptrdiff_t>(i + element_bytes));
    }
    return swapped;
}

std::vector<float> values_of(const TorchTensor& tensor, std::string_view storage, uint64_t count,
                             bool big_endian) {
    const Dtype& dtype = *tensor.storage.dtype;
    const auto element_bytes = static_cast<size_t>(dtype.bits / 8);
    if (count == 0 || !dtype.widens) {
        return {};
    }
    std::string copy;
    std::string_view elements;
    if (is_row_major(tensor.shape, tensor.strides)) {
        elements = storage.substr(static_cast<size_t>(tensor.offset) * element_bytes,
                                  count * element_bytes);
    } else {
        copy = gather_elements(storage, element_bytes, tensor.offset, tensor.shape, tensor.strides);
        elements = copy;
    }
    return big_endian ? widen(dtype, in_other_byte_order(elements, element_bytes))
                      : widen(dtype, elements);
}

} // namespace

TorchStorages find_torch_storages(const Pickle& pickle, Diagnostics& problems) {
    TorchStorages storages;
    size_t refused = 0;
    for (const PickleValue& value : pickle.values) {
        if (value.kind != PickleKind::persistent || refused == kMostProblems) {
            continue;
        }
        TorchStorage storage;
        std::string problem = read_storage(pickle, value, storage);
        if (problem.empty()) {
            const TorchStorage& known = storages.try_emplace(storage.key, storage).first->second;
            if (known.dtype != storage.dtype || known.elements != storage.elements) {
                problem = "storage " + in_quotes(storage.key) +
                          " is described in two ways, one was expected";
            }
        }
        if (!problem.empty()) {
            problems.error({}, problem);
            ++refused;
        }
    }
    return storages;
}

TorchTensor read_torch_tensor(const Pickle& pickle, const PickleValue& call, std::string_view name,
                              Diagnostics& problems) {
    TorchTensor tensor;
    const std::string problem = read_call(pickle, call, tensor);
    if (!problem.empty()) {
        problems.error({}, "tensor " + in_quotes(name) + problem);
        return {};
    }
    return tensor;
}

uint64_t byte_size(const TorchStorage& storage) {
    return storage.elements * static_cast<uint64_t>(storage.dtype->bits / 8);
}

std::vector<CheckpointTensor> gather_torch_tensors(const std::string& path,
                                                   const std::vector<TorchTensor>& tensors,
                                                   const TorchStorageBytes& storages,
                                                   bool big_endian, size_t file_bytes) {
    uint64_t left = file_bytes;
    std::vector<CheckpointTensor> gathered;
    gathered.reserve(tensors.size());
    for (const TorchTensor& tensor : tensors) {
        const std::optional<uint64_t> count = count_elements(tensor.shape, left);
        if (!count) {
            fail(path,
                 "the tensors up to " + in_quotes(tensor.name) +
                     " have more elements than the file has bytes, fewer were expected",
                 "tensor.clone() before saving gives tensors that share nothing");
        }
        left -= *count;
        gathered.push_back(
            {tensor.name, std::string(tensor.storage.dtype->name), tensor.shape,
             values_of(tensor, storages.at(tensor.storage.key), *count, big_endian)});
    }
    std::ranges::sort(gathered, {}, &CheckpointTensor::name);
    return gathered;
}

} // namespace resnetc
