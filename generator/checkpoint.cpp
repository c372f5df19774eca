#include "checkpoint.h"

#include "checkpoint_format.h"
#include "diagnostics.h"
#include "file_io.h"
#include "message_text.h"
#include "safetensors.h"
#include "sha256.h"

namespace resnetc {
namespace {

constexpr size_t kHeaderBegin = 8; // of a safetensors file, behind the header's length

bool looks_like_safetensors(std::string_view bytes) {
    // The eighth byte is the length's highest; in a text file it would not be zero.
    return bytes.size() > kHeaderBegin && bytes[kHeaderBegin] == '{' &&
           bytes[kHeaderBegin - 1] == '\0';
}

const char* const kConversionHint =
    "safetensors.torch.save_file(state_dict, 'model.safetensors') writes one in Python";

} // namespace

CheckpointFormat recognise(std::string_view bytes) {
    using namespace std::string_view_literals;
    if (looks_like_safetensors(bytes)) {
        return CheckpointFormat::safetensors;
    }
    if (bytes.starts_with("PK\x03\x04"sv)) {
        return CheckpointFormat::pytorch_zip;
    }
    if (bytes.starts_with("\x80\x02"sv)) { // PROTO 2, which torch.save has always written
        return CheckpointFormat::pytorch_legacy;
    }
    if (bytes.starts_with("\x89HDF\r\n\x1a\n"sv)) {
        return CheckpointFormat::hdf5;
    }
    if (bytes.starts_with("\x93NUMPY"sv)) {
        return CheckpointFormat::numpy;
    }
    if (bytes.starts_with("\x08"sv) && bytes.substr(0, 256).find("\x12"sv) == 2) {
        return CheckpointFormat::onnx; // ir_version, then producer_name
    }
    return CheckpointFormat::unknown;
}

const char* to_string(CheckpointFormat format) {
    switch (format) {
    case CheckpointFormat::safetensors:
        return "safetensors";
    case CheckpointFormat::pytorch_zip:
        return "a zip archive (PyTorch, npz)";
    case CheckpointFormat::pytorch_legacy:
        return "a pickle (legacy PyTorch)";
    case CheckpointFormat::onnx:
        return "an ONNX model";
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
    const CheckpointFormat format = recognise(bytes);
    switch (format) {
    case CheckpointFormat::safetensors:
        checkpoint.tensors = read_safetensors(path, bytes);
        break;
    case CheckpointFormat::unknown:
        if (path.ends_with(".safetensors")) {
            checkpoint.tensors = read_safetensors(path, bytes); // says what is wrong with it
            break;
        }
        [[fallthrough]];
    default:
        fail(path,
             bytes.empty() ? "the file is empty, a safetensors checkpoint was expected"
                           : std::string("the file is ") + to_string(format) +
                                 ", a safetensors checkpoint was expected",
             kConversionHint);
    }
    checkpoint.sha256 = sha256_hex(bytes);
    return checkpoint;
}

Checkpoint load_checkpoint(const std::string& path) {
    return parse_checkpoint(path, read_file(path, kLargestCheckpoint));
}

} // namespace resnetc
