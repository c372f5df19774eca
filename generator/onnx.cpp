#include "onnx.h"

#include "diagnostics.h"
#include "dtype.h"
#include "message_text.h"
#include "onnx.pb.h"
#include "strided.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <unordered_set>

namespace resnetc {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr size_t kMostTensors = 65536; // as in safetensors
constexpr size_t kMostProblems = 100;
constexpr int kMostDimensions = 32;
constexpr int32_t kExternal = 1; // TensorProto.DataLocation

constexpr uint32_t length_delimited(int field) {
    return static_cast<uint32_t>(field) << 3 | WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
}

constexpr uint32_t kModelGraph = length_delimited(7);       // ModelProto.graph
constexpr uint32_t kGraphInitializer = length_delimited(5); // GraphProto.initializer

// TensorProto.DataType, in safetensors' names where it has them.
struct OnnxType {
    std::string_view name;
    uint64_t bits; // of one element; 0: not stored as raw data
};

constexpr std::array<OnnxType, 24> kDataTypes = {{{"", 0},
                                                  {"F32", 32},
                                                  {"U8", 8},
                                                  {"I8", 8},
                                                  {"U16", 16},
                                                  {"I16", 16},
                                                  {"I32", 32},
                                                  {"I64", 64},
                                                  {"STRING", 0},
                                                  {"BOOL", 8},
                                                  {"F16", 16},
                                                  {"F64", 64},
                                                  {"U32", 32},
                                                  {"U64", 64},
                                                  {"C64", 64},
                                                  {"C128", 128},
                                                  {"BF16", 16},
                                                  {"F8_E4M3", 8},
                                                  {"F8_E4M3FNUZ", 8},
                                                  {"F8_E5M2", 8},
                                                  {"F8_E5M2FNUZ", 8},
                                                  {"U4", 4},
                                                  {"I4", 4},
                                                  {"F4", 4}}};

bool has_values(const OnnxType& type) {
    return type.name == "F32" || type.name == "F16" || type.name == "BF16";
}

// The serialized initializers, or nullopt if the file is no valid message up to its end. `graphs`
// counts them.
std::optional<std::vector<std::string_view>> find_initializers(std::string_view bytes,
                                                               size_t& graphs) {
    const int size = static_cast<int>(bytes.size());
    CodedInputStream stream(reinterpret_cast<const uint8_t*>(bytes.data()), size);
    std::vector<std::string_view> initializers;
    // Fields of the model, and within its graph those of the graph.
    int graph_end = 0;
    CodedInputStream::Limit outside = 0;
    while (stream.CurrentPosition() < size) {
        const bool in_graph = stream.CurrentPosition() < graph_end;
        if (!in_graph && graph_end > 0) {
            stream.PopLimit(outside);
            graph_end = 0;
        }
        const uint32_t tag = stream.ReadTag();
        int length = 0;
        if (tag != (in_graph ? kGraphInitializer : kModelGraph)) {
            if (tag == 0 || !WireFormatLite::SkipField(&stream, tag)) {
                return std::nullopt;
            }
            continue;
        }
        if (!stream.ReadVarintSizeAsInt(&length) ||
            length > (in_graph ? graph_end : size) - stream.CurrentPosition()) {
            return std::nullopt;
        }
        const int begin = stream.CurrentPosition();
        if (in_graph) {
            initializers.push_back(
                bytes.substr(static_cast<size_t>(begin), static_cast<size_t>(length)));
            stream.Skip(length);
        } else {
            ++graphs;
            graph_end = begin + length;
            outside = stream.PushLimit(length);
        }
        if (initializers.size() > kMostTensors) {
            break;
        }
    }
    return initializers;
}

// Whether there are as many values as the dimensions say, in one of the fields for them. Returns
// the problem, "" if there is none.
std::string check_count(const onnx::TensorProto& proto, uint64_t count, const OnnxType& type) {
    const auto floats = static_cast<uint64_t>(proto.float_data_size());
    const auto integers = static_cast<uint64_t>(proto.int32_data_size());
    if (proto.has_raw_data() && (floats > 0 || integers > 0)) {
        return " has its values twice, in raw_data or in another field was expected";
    }
    if (proto.has_raw_data() && type.bits > 0) {
        const uint64_t expected = (count * type.bits + 7) / 8;
        return proto.raw_data().size() == expected
                   ? ""
                   : " has " + std::to_string(proto.raw_data().size()) + " bytes of values, " +
                         std::to_string(expected) + " were expected";
    }
    if (!has_values(type)) {
        return "";
    }
    const bool in_floats = type.name == "F32";
    if ((in_floats ? integers : floats) > 0) {
        return std::string(" has its values in ") + (in_floats ? "int32_data" : "float_data") +
               ", raw_data or " + (in_floats ? "float_data" : "int32_data") + " was expected";
    }
    const uint64_t found = in_floats ? floats : integers;
    return found == count ? ""
                          : " has " + std::to_string(found) + " values, " + std::to_string(count) +
                                " were expected";
}

// The values of a floating-point tensor; nullopt if the bits of one need more than 16.
std::optional<std::vector<float>> values_of(const onnx::TensorProto& proto, const Dtype& dtype) {
    if (proto.has_raw_data()) {
        return widen(dtype, proto.raw_data());
    }
    if (dtype.name == "F32") {
        return std::vector<float>(proto.float_data().begin(), proto.float_data().end());
    }
    std::vector<float> values;
    values.reserve(static_cast<size_t>(proto.int32_data_size()));
    for (const int32_t bits : proto.int32_data()) {
        if (bits < 0 || bits > std::numeric_limits<uint16_t>::max()) {
            return std::nullopt;
        }
        const auto half = static_cast<uint16_t>(bits);
        values.push_back(dtype.name == "F16" ? half_to_float(half) : bfloat16_to_float(half));
    }
    return values;
}

// Returns the problem (to stand behind the tensor's name), "" if there is none.
std::string read_tensor(const onnx::TensorProto& proto, size_t proto_bytes,
                        CheckpointTensor& tensor) {
    if (proto.data_location() == kExternal) {
        return " has its values in another file, one file was expected";
    }
    if (proto.has_segment()) {
        return " is a segment of a larger one, whole tensors were expected";
    }
    const int32_t code = proto.data_type();
    if (code < 1 || code >= static_cast<int32_t>(kDataTypes.size())) {
        return " has data type " + std::to_string(code) +
               ", one such as 1 (FLOAT), 10 (FLOAT16) or 16 (BFLOAT16) was expected";
    }
    const OnnxType& type = kDataTypes[static_cast<size_t>(code)];
    tensor.dtype = type.name;
    tensor.shape.assign(proto.dims().begin(), proto.dims().end());
    if (proto.dims_size() > kMostDimensions ||
        std::ranges::any_of(tensor.shape, [](int64_t extent) { return extent < 0; })) {
        return " has dimensions " + shape_text(tensor.shape) +
               ", at most 32 of at least 0 were expected";
    }
    // No type takes less than half a byte an element.
    const std::optional<uint64_t> count = count_elements(tensor.shape, 2 * proto_bytes);
    if (!count) {
        return " has dimensions " + shape_text(tensor.shape) + " but only " +
               std::to_string(proto_bytes) + " bytes, as many values were expected";
    }
    std::string problem = check_count(proto, *count, type);
    if (problem.empty() && has_values(type)) {
        std::optional<std::vector<float>> values = values_of(proto, *find_dtype(type.name));
        if (!values) {
            return " has values of more than 16 bits, the bits of " + tensor.dtype +
                   " numbers were expected";
        }
        tensor.values = std::move(*values);
    }
    return problem;
}

// One of the graph's initializers; nullopt with the reason in `problems`. `names` has those of the
// ones before it.
std::optional<CheckpointTensor> read_initializer(std::string_view serialized, size_t index,
                                                 std::unordered_set<std::string>& names,
                                                 Diagnostics& problems) {
    onnx::TensorProto proto;
    CheckpointTensor tensor;
    std::string problem;
    std::string hint;
    if (!proto.ParseFromArray(serialized.data(), static_cast<int>(serialized.size()))) {
        problem = " is no valid message, a TensorProto was expected";
    } else if (proto.name().empty() || first_invalid_utf8(proto.name()) != std::string_view::npos) {
        problem = " has no name in UTF-8, one was expected";
    } else if (!names.insert(proto.name()).second) {
        problem = " has the name of another, distinct names were expected";
    } else {
        problem = read_tensor(proto, serialized.size(), tensor);
        hint = proto.data_location() == kExternal
                   ? "onnx.save_model(onnx.load(PATH), 'model.onnx') puts all into one file"
                   : "";
    }
    if (!problem.empty()) {
        const std::string name = proto.name().empty() ? "" : " " + in_quotes(proto.name());
        problems.error({}, "initializer " + std::to_string(index) + name + problem, hint);
        return std::nullopt;
    }
    tensor.name = proto.name();
    return tensor;
}

} // namespace

std::vector<CheckpointTensor> read_onnx(const std::string& path, std::string_view bytes) {
    if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
        fail(path, "the file has " + std::to_string(bytes.size()) +
                       " bytes, an ONNX model of less than 2 GiB was expected");
    }
    size_t graphs = 0;
    const auto initializers = find_initializers(bytes, graphs);
    if (!initializers) {
        fail(path, "the file is no valid Protocol Buffers message, an ONNX model was expected",
             "the file may have been cut short");
    }
    if (graphs != 1) {
        fail(path, "the file has " + std::to_string(graphs) +
                       " graphs, an ONNX model with one was expected");
    }
    if (initializers->empty() || initializers->size() > kMostTensors) {
        fail(path, initializers->empty()
                       ? "the ONNX graph has no initializers, a network's weights were expected"
                       : "the ONNX graph has more than " + std::to_string(kMostTensors) +
                             " initializers, fewer were expected");
    }
    Diagnostics problems(SourceFile{path, ""});
    std::vector<CheckpointTensor> tensors;
    std::unordered_set<std::string> names;
    size_t refused = 0;
    for (size_t i = 0; i < initializers->size() && refused < kMostProblems; ++i) {
        std::optional<CheckpointTensor> tensor =
            read_initializer((*initializers)[i], i, names, problems);
        if (tensor) {
            tensors.push_back(std::move(*tensor));
        } else {
            ++refused;
        }
    }
    problems.throw_if_any();
    std::ranges::sort(tensors, {}, &CheckpointTensor::name);
    return tensors;
}

} // namespace resnetc
