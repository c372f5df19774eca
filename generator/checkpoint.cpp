#include "checkpoint.h"

#include "checkpoint_format.h"
#include "diagnostics.h"
#include "file_io.h"
#include "npz.h"
#include "onnx.h"
#include "safetensors.h"
#include "sha256.h"
#include "torch_checkpoint.h"
#include "zip.h"

namespace resnetc {
namespace {

constexpr size_t kHeaderBegin = 8; // of a safetensors file, behind the header's length

bool looks_like_safetensors(std::string_view bytes) {
    // The eighth byte is the length's highest; in a text file it would not be zero.
    return bytes.size() > kHeaderBegin && bytes[kHeaderBegin] == '{' &&
           bytes[kHeaderBegin - 1] == '\0';
}

// A pickle of a protocol that torch.save has written.
bool looks_like_pickle(std::string_view bytes) {
    return bytes.size() > 1 && bytes[0] == '\x80' && bytes[1] >= 2 && bytes[1] <= 5;
}

// An ONNX model begins with its ir_version; then comes another of the fields of ModelProto.
bool looks_like_onnx(std::string_view bytes) {
    constexpr std::string_view next_tags = "\x12\x1a\x22\x28\x32\x3a\x42\x72";
    return bytes.size() > 2 && bytes[0] == '\x08' && bytes[1] > 0 &&
           next_tags.find(bytes[2]) != std::string_view::npos;
}

const char* const kExpected = ", a safetensors, PyTorch, ONNX or npz checkpoint was expected";
const char* const kConversionHint =
    "safetensors.torch.save_file(state_dict, 'model.safetensors') writes one in Python";

// What the name promises, for a file that nothing is recognised in: its reader says more.
CheckpointFormat format_of_name(const std::string& path) {
    if (path.ends_with(".safetensors")) {
        return CheckpointFormat::safetensors;
    }
    return path.ends_with(".onnx") ? CheckpointFormat::onnx : CheckpointFormat::unknown;
}

} // namespace

CheckpointFormat recognise(std::string_view bytes) {
    using namespace std::string_view_literals;
    if (looks_like_safetensors(bytes)) {
        return CheckpointFormat::safetensors;
    }
    if (bytes.starts_with("PK\x03\x04"sv)) {
        return first_zip_entry(bytes).ends_with(".npy") ? CheckpointFormat::npz
                                                        : CheckpointFormat::pytorch_zip;
    }
    if (bytes.starts_with("PK\x05\x06"sv)) { // an empty archive, which only NumPy writes
        return CheckpointFormat::npz;
    }
    if (looks_like_pickle(bytes)) {
        return CheckpointFormat::pytorch_legacy;
    }
    if (bytes.starts_with("\x89HDF\r\n\x1a\n"sv)) {
        return CheckpointFormat::hdf5;
    }
    if (bytes.starts_with("\x93NUMPY"sv)) {
        return CheckpointFormat::numpy;
    }
    return looks_like_onnx(bytes) ? CheckpointFormat::onnx : CheckpointFormat::unknown;
}

const char* to_string(CheckpointFormat format) {
    switch (format) {
    case CheckpointFormat::safetensors:
        return "safetensors";
    case CheckpointFormat::pytorch_zip:
        return "PyTorch (zip)";
    case CheckpointFormat::pytorch_legacy:
        return "PyTorch (legacy)";
    case CheckpointFormat::onnx:
        return "ONNX";
    case CheckpointFormat::npz:
        return "NumPy npz";
    case CheckpointFormat::hdf5:
        return "an HDF5 file (Keras)";
    case CheckpointFormat::numpy:
        return "a NumPy array";
    case CheckpointFormat::unknown:
        break;
    }
    return "of no known format";
}

Checkpoint parse_checkpoint(const std::string& path, std::string_view bytes) {
    Checkpoint checkpoint;
    checkpoint.path = path;
    const CheckpointFormat recognised = recognise(bytes);
    switch (recognised == CheckpointFormat::unknown ? format_of_name(path) : recognised) {
    case CheckpointFormat::safetensors:
        checkpoint.tensors = read_safetensors(path, bytes);
        break;
    case CheckpointFormat::pytorch_zip:
        checkpoint.tensors = read_torch_zip(path, bytes);
        break;
    case CheckpointFormat::pytorch_legacy:
        checkpoint.tensors = read_torch_legacy(path, bytes);
        break;
    case CheckpointFormat::onnx:
        checkpoint.tensors = read_onnx(path, bytes);
        break;
    case CheckpointFormat::npz:
        checkpoint.tensors = read_npz(path, bytes);
        break;
    case CheckpointFormat::hdf5:
    case CheckpointFormat::numpy:
    case CheckpointFormat::unknown:
        fail(path,
             (bytes.empty() ? "the file is empty"
                            : std::string("the file is ") + to_string(recognised)) +
                 kExpected,
             kConversionHint);
    }
    checkpoint.sha256 = sha256_hex(bytes);
    return checkpoint;
}

Checkpoint load_checkpoint(const std::string& path) {
    return parse_checkpoint(path, read_file(path, kLargestCheckpoint));
}

} // namespace resnetc
