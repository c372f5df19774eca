#include "torch_state_dict.h"

#include "message_text.h"

#include <array>
#include <string_view>
#include <unordered_set>

namespace resnetc {
namespace {

constexpr size_t kMostTensors = 65536; // as in safetensors
constexpr size_t kMostProblems = 100;
constexpr size_t kMostNamedKeys = 5;

bool holds_tensors(const Pickle& pickle, const PickleValue& value) {
    if (value.kind != PickleKind::dict) {
        return false;
    }
    for (size_t i = 1; i < value.items.size(); i += 2) {
        if (pickle[value.items[i]].kind == PickleKind::call) {
            return true;
        }
    }
    return false;
}

bool is_state_dict_key(const PickleValue& key) {
    constexpr std::array<std::string_view, 4> keys = {"state_dict", "model_state_dict", "model",
                                                      "net"};
    for (const std::string_view known : keys) {
        if (key.kind == PickleKind::text && key.text == known) {
            return true;
        }
    }
    return false;
}

// " with the keys 'epoch', 'optimizer'", for a message.
std::string keys_text(const Pickle& pickle, const PickleValue& dict) {
    std::string text;
    size_t count = 0;
    for (size_t i = 0; i < dict.items.size() && count < kMostNamedKeys; i += 2) {
        const PickleValue& key = pickle[dict.items[i]];
        if (key.kind == PickleKind::text) {
            text += (text.empty() ? " with the keys " : ", ") + in_quotes(key.text);
            ++count;
        }
    }
    return count == kMostNamedKeys && dict.items.size() > 2 * count ? text + ", ..." : text;
}

// The dict that holds the tensors, or nullptr with the reason in `problems`.
const PickleValue* find_state_dict(const Pickle& pickle, Diagnostics& problems) {
    const PickleValue& root = pickle[pickle.root];
    if (root.kind != PickleKind::dict) {
        problems.error(
            {}, std::string("the file holds ") + to_string(root.kind) + ", a dict was expected",
            kStateDictHint);
        return nullptr;
    }
    const PickleValue* found = nullptr;
    std::string_view found_key;
    for (size_t i = 0; i < root.items.size(); i += 2) {
        const PickleValue& key = pickle[root.items[i]];
        const PickleValue& value = pickle[root.items[i + 1]];
        if (!is_state_dict_key(key) || !holds_tensors(pickle, value)) {
            continue;
        }
        if (found != nullptr) {
            problems.error({},
                           "the file has tensors under " + in_quotes(found_key) + " and under " +
                               in_quotes(key.text) + ", one of them was expected",
                           "save one alone: torch.save(checkpoint['" + std::string(found_key) +
                               "'], PATH)");
            return nullptr;
        }
        found = &value;
        found_key = key.text;
    }
    if (found == nullptr && holds_tensors(pickle, root)) {
        found = &root;
    }
    if (found == nullptr) {
        problems.error({},
                       "the file holds a dict" + keys_text(pickle, root) +
                           ", tensors in it or under 'state_dict', 'model_state_dict', 'model' or "
                           "'net' were expected",
                       kStateDictHint);
    }
    return found;
}

} // namespace

std::vector<TorchTensor> read_torch_state_dict(const Pickle& pickle, Diagnostics& problems) {
    std::vector<TorchTensor> tensors;
    const PickleValue* dict = find_state_dict(pickle, problems);
    if (dict == nullptr) {
        return tensors;
    }
    std::unordered_set<std::string_view> names;
    size_t refused = 0;
    for (size_t i = 0; i < dict->items.size() && refused < kMostProblems; i += 2) {
        const PickleValue& key = pickle[dict->items[i]];
        const PickleValue& value = pickle[dict->items[i + 1]];
        if (value.kind != PickleKind::call) {
            continue;
        }
        if (key.kind != PickleKind::text) {
            problems.error({}, std::string("a tensor's name is ") + to_string(key.kind) +
                                   ", a text was expected");
            ++refused;
            continue;
        }
        if (!names.insert(key.text).second) {
            problems.error({}, "tensor " + in_quotes(key.text) +
                                   " occurs twice, distinct names were expected");
            ++refused;
            continue;
        }
        if (tensors.size() == kMostTensors) {
            problems.error({}, "the state dict has more than " + std::to_string(kMostTensors) +
                                   " tensors, fewer were expected");
            break;
        }
        TorchTensor tensor = read_torch_tensor(pickle, value, key.text, problems);
        if (tensor.storage.dtype == nullptr) {
            ++refused;
            continue;
        }
        tensor.name = key.text;
        tensors.push_back(std::move(tensor));
    }
    return tensors;
}

} // namespace resnetc
