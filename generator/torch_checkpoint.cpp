#include "torch_checkpoint.h"

#include "diagnostics.h"
#include "message_text.h"
#include "pickle.h"
#include "torch_state_dict.h"
#include "torch_tensor.h"
#include "zip.h"

#include <unordered_map>

namespace resnetc {
namespace {

constexpr size_t kMostProblems = 100;
constexpr const char* kCompressedHint =
    "TorchScript archives are not read; save the tensors alone: torch.save(model.state_dict(), "
    "PATH)";

using Records = std::unordered_map<std::string_view, std::string_view>; // name: bytes

// Every name in the archive begins with the same folder.
std::string folder_of(const std::vector<ZipEntry>& entries) {
    if (entries.empty()) {
        return "";
    }
    return std::string(entries[0].name.substr(0, entries[0].name.find('/') + 1));
}

// Whether "byteorder", which PyTorch has written since 2.1, says big; before it was always little
// but for machines that nobody uses.
bool is_big_endian(const std::string& path, const Records& records, const std::string& folder) {
    const auto found = records.find(folder + "byteorder");
    if (found == records.end() || found->second == "little") {
        return false;
    }
    if (found->second != "big") {
        fail(path, "entry " + in_quotes(found->first) + " holds " + in_quotes(found->second) +
                       ", 'little' or 'big' was expected");
    }
    return true;
}

TorchStorageBytes find_bytes(const TorchStorages& storages, const Records& records,
                             const std::string& folder, Diagnostics& problems) {
    TorchStorageBytes bytes;
    size_t refused = 0;
    for (const auto& [key, storage] : storages) {
        const std::string name = folder + "data/" + std::string(key);
        const auto record = records.find(name);
        std::string problem;
        if (record == records.end()) {
            problem = "the archive has no entry " + in_quotes(name) + ", which was expected";
        } else if (record->second.size() != byte_size(storage)) {
            problem = "entry " + in_quotes(name) + " has " + std::to_string(record->second.size()) +
                      " bytes, " + std::to_string(byte_size(storage)) + " were expected for " +
                      std::to_string(storage.elements) + " elements of " +
                      std::string(storage.dtype->name);
        } else {
            bytes.emplace(key, record->second);
            continue;
        }
        problems.error({}, problem);
        if (++refused == kMostProblems) {
            break;
        }
    }
    return bytes;
}

} // namespace

std::vector<CheckpointTensor> read_torch_zip(const std::string& path, std::string_view bytes) {
    const std::vector<ZipEntry> entries = read_zip(path, bytes, kCompressedHint);
    const std::string folder = folder_of(entries);
    Records records;
    for (const ZipEntry& entry : entries) {
        records.emplace(entry.name, entry.data);
    }
    const auto data = records.find(folder + "data.pkl");
    if (folder.empty() || data == records.end()) {
        fail(path,
             "the zip archive has no entry " + in_quotes(folder + "data.pkl") +
                 ", that of a PyTorch file (or a NumPy .npz) was expected",
             kStateDictHint);
    }
    const bool big_endian = is_big_endian(path, records, folder);
    const Pickle pickle = read_pickle(path, "data.pkl", data->second);

    Diagnostics problems(SourceFile{path, ""});
    if (pickle.end != data->second.size()) {
        problems.error({}, "data.pkl has " + counted(data->second.size() - pickle.end, "byte") +
                               " behind its pickle, none were expected");
    }
    const TorchStorages storages = find_torch_storages(pickle, problems);
    problems.throw_if_any();
    const TorchStorageBytes storage_bytes = find_bytes(storages, records, folder, problems);
    problems.throw_if_any();
    const std::vector<TorchTensor> tensors = read_torch_state_dict(pickle, problems);
    problems.throw_if_any();
    return gather_torch_tensors(path, tensors, storage_bytes, big_endian, bytes.size());
}

} // namespace resnetc
