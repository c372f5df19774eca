#include "torch_checkpoint.h"

#include "diagnostics.h"
#include "little_endian.h"
#include "message_text.h"
#include "pickle.h"
#include "torch_state_dict.h"
#include "torch_tensor.h"

namespace resnetc {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"sv;
constexpr int64_t kProtocolVersion = 1001;
constexpr const char* kWhat = "the pickle";

// The pickles in front of the storages.
struct LegacyHeader {
    Pickle object;
    Pickle keys;
};

LegacyHeader read_header(const std::string& path, std::string_view bytes) {
    const Pickle magic = read_pickle(path, kWhat, bytes);
    if (magic[magic.root].kind != PickleKind::long_integer || magic[magic.root].text != kMagic) {
        fail(path,
             "the file is a pickle without PyTorch's magic number, one written by torch.save was "
             "expected",
             kStateDictHint);
    }
    const Pickle version = read_pickle(path, kWhat, bytes, magic.end);
    const PickleValue& number = version[version.root];
    if (number.kind != PickleKind::integer || number.integer != kProtocolVersion) {
        fail(path, "the file has another protocol version than 1001, which was expected");
    }
    // Tells about the machine; the storages are little-endian on all of them.
    const Pickle machine = read_pickle(path, kWhat, bytes, version.end);
    if (machine[machine.root].kind != PickleKind::dict) {
        fail(path, std::string("the machine is described by ") +
                       to_string(machine[machine.root].kind) + ", a dict was expected");
    }
    LegacyHeader header;
    header.object = read_pickle(path, kWhat, bytes, machine.end);
    header.keys = read_pickle(path, kWhat, bytes, header.object.end);
    return header;
}

// Cuts the storages out of the file: each is its number of elements and then these, in the order of
// the keys, to the end of the file.
TorchStorageBytes cut_storages(const LegacyHeader& header, const TorchStorages& storages,
                               std::string_view bytes, Diagnostics& problems) {
    TorchStorageBytes cut;
    const PickleValue& keys = header.keys[header.keys.root];
    if (keys.kind != PickleKind::list) {
        problems.error({}, std::string("the storages' keys are ") + to_string(keys.kind) +
                               ", a list was expected");
        return cut;
    }
    std::string_view rest = bytes.substr(header.keys.end);
    for (const PickleRef ref : keys.items) {
        const PickleValue& key = header.keys[ref];
        if (key.kind != PickleKind::text) {
            problems.error({}, std::string("a storage's key is ") + to_string(key.kind) +
                                   ", a text was expected");
            return cut;
        }
        const auto found = storages.find(key.text);
        if (found == storages.end() || cut.contains(key.text)) {
            problems.error({}, "storage " + in_quotes(key.text) +
                                   (found == storages.end()
                                        ? " is used by no tensor, those in use were expected"
                                        : " is listed twice, once was expected"));
            return cut;
        }
        const TorchStorage& storage = found->second;
        const uint64_t size = byte_size(storage);
        if (rest.size() < sizeof(uint64_t) || rest.size() - sizeof(uint64_t) < size) {
            problems.error({},
                           "storage " + in_quotes(key.text) + " reaches over the file's end, " +
                               std::to_string(size) + " bytes were expected",
                           "the file may have been cut short");
            return cut;
        }
        const auto count = little_endian<int64_t>(rest, 0);
        if (count != static_cast<int64_t>(storage.elements)) {
            problems.error({}, "storage " + in_quotes(key.text) + " has " + std::to_string(count) +
                                   " elements, " + std::to_string(storage.elements) +
                                   " were expected");
            return cut;
        }
        cut.emplace(storage.key, rest.substr(sizeof(uint64_t), size));
        rest.remove_prefix(sizeof(uint64_t) + size);
    }
    if (!rest.empty()) {
        problems.error({}, "the file has " + counted(rest.size(), "byte") +
                               " behind the last storage, none were expected");
    }
    for (const auto& [key, storage] : storages) {
        if (!cut.contains(key)) {
            problems.error({}, "storage " + in_quotes(key) +
                                   " is not in the file's list, all "
                                   "were expected there");
            break;
        }
    }
    return cut;
}

} // namespace

std::vector<CheckpointTensor> read_torch_legacy(const std::string& path, std::string_view bytes) {
    const LegacyHeader header = read_header(path, bytes);
    Diagnostics problems(SourceFile{path, ""});
    const TorchStorages storages = find_torch_storages(header.object, problems);
    problems.throw_if_any();
    const TorchStorageBytes storage_bytes = cut_storages(header, storages, bytes, problems);
    problems.throw_if_any();
    const std::vector<TorchTensor> tensors = read_torch_state_dict(header.object, problems);
    problems.throw_if_any();
    return gather_torch_tensors(path, tensors, storage_bytes, false, bytes.size());
}

} // namespace resnetc
