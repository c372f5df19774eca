#include "npz.h"

#include "diagnostics.h"
#include "message_text.h"
#include "npy.h"
#include "zip.h"

#include <algorithm>

namespace resnetc {
namespace {

constexpr size_t kMostProblems = 100;
constexpr std::string_view kExtension = ".npy";
constexpr const char* kCompressedHint =
    "numpy.savez stores the arrays, numpy.savez_compressed does not";

CheckpointTensor to_checkpoint_tensor(std::string_view name, const NpyView& array) {
    CheckpointTensor tensor;
    tensor.name = name;
    tensor.dtype = array.dtype->name;
    tensor.shape = array.shape;
    if (array.dtype->widens) {
        tensor.values = array.fortran_order ? widen(*array.dtype, in_c_order(array))
                                            : widen(*array.dtype, array.data);
    }
    return tensor;
}

} // namespace

std::vector<CheckpointTensor> read_npz(const std::string& path, std::string_view bytes) {
    const std::vector<ZipEntry> entries = read_zip(path, bytes, kCompressedHint);
    Diagnostics problems(SourceFile{path, ""});
    std::vector<CheckpointTensor> tensors;
    size_t refused = 0;
    for (const ZipEntry& entry : entries) {
        const std::string what = "entry " + in_quotes(entry.name);
        std::optional<NpyView> array;
        if (entry.name.ends_with(kExtension)) {
            array = parse_npy(entry.data, what, problems);
        } else {
            problems.error({}, what + " is no array, a name that ends with .npy was expected");
        }
        if (array) {
            const std::string_view name =
                entry.name.substr(0, entry.name.size() - kExtension.size());
            tensors.push_back(to_checkpoint_tensor(name, *array));
        } else if (++refused == kMostProblems) {
            break;
        }
    }
    if (entries.empty()) {
        problems.error({}, "the zip archive is empty, arrays were expected");
    }
    problems.throw_if_any();
    std::ranges::sort(tensors, {}, &CheckpointTensor::name);
    return tensors;
}

} // namespace resnetc
