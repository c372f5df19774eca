// Numbers for the ops of an OpModel, and what must come out.
#include "support/op_model.h"

#include "pack.h"
#include "pipeline_buffers.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace resnetc_test {

using namespace resnetc;

namespace {

// Small integers, the same everywhere.
class Integers {
public:
    explicit Integers(size_t seed) : state_(static_cast<uint32_t>(seed) * 2654435761U + 1U) {}
    // In [-limit, limit].
    int next(int limit) {
        state_ = state_ * 1664525U + 1013904223U; // Numerical Recipes' generator
        return static_cast<int>((state_ >> 16U) % static_cast<uint32_t>(2 * limit + 1)) - limit;
    }
    ReferenceTensor tensor(const Shape& shape, int limit) {
        ReferenceTensor values(static_cast<size_t>(elements(shape)));
        for (double& value : values) {
            value = next(limit);
        }
        return values;
    }
    std::vector<float> floats(int64_t count, int limit) {
        std::vector<float> values(static_cast<size_t>(count));
        for (float& value : values) {
            value = static_cast<float>(next(limit));
        }
        return values;
    }

private:
    uint32_t state_;
};

// What lies where nobody may read. NaN turns every sum into NaN; a maximum may swallow it, but not
// the largest number.
float garbage(OpKind kind) {
    return kind == OpKind::max_pool ? std::numeric_limits<float>::max()
                                    : std::numeric_limits<float>::quiet_NaN();
}

std::string garbage_bytes(OpKind kind, int64_t bytes) {
    const float value = garbage(kind);
    std::string filled(static_cast<size_t>(bytes), '\0');
    for (size_t i = 0; i + sizeof value <= filled.size(); i += sizeof value) {
        std::memcpy(filled.data() + i, &value, sizeof value);
    }
    return filled;
}

// Byte offset of element (n, c, y, x) from the tensor's begin. Written down from the definition of
// the layouts, not taken from the compiler.
size_t byte_of(const Tensor& tensor, int64_t n, int64_t c, int64_t y, int64_t x) {
    const Shape& s = tensor.shape;
    if (tensor.layout == Layout::packed_image) {
        const int64_t width = tensor.padding.left + s.w + tensor.padding.right;
        return static_cast<size_t>(((n * s.h + y) * width + tensor.padding.left + x) * s.c + c) * 4;
    }
    const int64_t blocks = (s.c + 15) / 16;
    return static_cast<size_t>((((n * blocks + c / 16) * s.h + y) * s.w + x) * 16 + c % 16) * 4;
}

// Writes a tensor into the arena, zeros in its padding.
void store(const OpModel& model, int tensor, const ReferenceTensor& values, std::string& arena) {
    const Tensor& t = model.graph.tensors[static_cast<size_t>(tensor)];
    const Storage& storage = model.plan.storages[static_cast<size_t>(tensor)];
    char* begin = arena.data() + storage.offset;
    std::memset(begin, 0, static_cast<size_t>(storage.bytes));
    auto value = values.begin();
    for (int64_t n = 0; n < t.shape.n; ++n) {
        for (int64_t c = 0; c < t.shape.c; ++c) {
            for (int64_t y = 0; y < t.shape.h; ++y) {
                for (int64_t x = 0; x < t.shape.w; ++x) {
                    const auto rounded = static_cast<float>(*value++);
                    std::memcpy(begin + byte_of(t, n, c, y, x), &rounded, sizeof rounded);
                }
            }
        }
    }
}

// Factors 2 and shifts -128, -127, ...: exact.
PreprocessingSpec exact_preprocessing(int64_t channels) {
    PreprocessingSpec preprocessing;
    preprocessing.scale = 1;
    for (int64_t c = 0; c < channels; ++c) {
        preprocessing.stddev.push_back(0.5);
        preprocessing.mean.push_back(64 - 0.5 * static_cast<double>(c));
    }
    return preprocessing;
}

// The network's input in its two forms. Behind this op's picture lies garbage.
ReferenceTensor make_input(const OpModel& model, const Op& op, Integers& integers, OpCase& result) {
    const Shape& s = op.input_shape;
    const auto room = static_cast<size_t>(elements(model.network.input));
    if (!result.u8) {
        ReferenceTensor values = integers.tensor(s, 4);
        result.input = garbage_bytes(op.kind, static_cast<int64_t>(room) * 4);
        const std::vector<float> floats(values.begin(), values.end());
        std::memcpy(result.input.data(), floats.data(), floats.size() * 4);
        return values;
    }
    const PreprocessingSpec exact = exact_preprocessing(s.c);
    ReferenceTensor values(static_cast<size_t>(elements(s)));
    result.input.assign(room, '\xff');
    size_t byte = 0;
    for (int64_t n = 0; n < s.n; ++n) {
        for (int64_t pixel = 0; pixel < s.h * s.w; ++pixel) {
            for (int64_t c = 0; c < s.c; ++c) {
                const int value = integers.next(127) + 128;
                const auto channel = static_cast<size_t>(c);
                result.input[byte++] = static_cast<char>(value);
                values[static_cast<size_t>((n * s.c + c) * s.h * s.w + pixel)] =
                    (value / exact.scale - exact.mean[channel]) / exact.stddev[channel];
            }
        }
    }
    return values;
}

// The input of an op inside the network. exp is exact at 0 and far below only, so a softmax gets
// classes that are equally likely, and impossible ones.
ReferenceTensor make_tensor(const Op& op, Integers& integers) {
    ReferenceTensor values = integers.tensor(op.input_shape, 4);
    if (op.kind == OpKind::softmax) {
        for (double& value : values) {
            value = value > 0 ? 4 : -996;
        }
    }
    return values;
}

Weights make_weights(const Op& op, const Layer& layer, Integers& integers) {
    if (op.conv_layer < 0) {
        return {};
    }
    const int64_t taps = int64_t{op.window.kernel} * op.window.kernel;
    const int64_t count = layer.output.c * (layer.input.c / layer.groups) * taps;
    return {{layer.name + ".weight", integers.floats(count, 3)},
            {layer.name + ".bias", integers.floats(layer.output.c, 16)}};
}

// The op's constants as `generate` packs them, garbage behind.
std::string pack(const OpModel& model, const DistinctOp& distinct, const Weights& weights) {
    FusedGraph graph;
    graph.ops.push_back(distinct.op);
    Plan plan;
    plan.pipelines.push_back(distinct.pipeline);
    plan.pipeline_of_op.push_back(0);
    plan.constants.push_back(distinct.constants);
    plan.weights_bytes = distinct.weights_bytes;
    const PreprocessingSpec exact = exact_preprocessing(distinct.op.input_shape.c);
    const std::string packed = pack_weights(model.network, graph, plan, weights, &exact);
    std::string all = garbage_bytes(distinct.op.kind, model.plan.weights_bytes);
    return packed + all.substr(packed.size());
}

ReferenceTensor expected_output(const DistinctOp& distinct, const ReferenceTensor& input,
                                const ReferenceTensor& residual, const Weights& weights) {
    const bool copies = distinct.op.kind == OpKind::pack || distinct.op.kind == OpKind::unpack;
    ReferenceTensor output = copies ? input : reference_layer(distinct.layer, {&input}, weights);
    for (size_t i = 0; i < output.size(); ++i) {
        output[i] += residual.empty() ? 0.0 : residual[i];
        output[i] = distinct.op.relu && output[i] < 0 ? 0.0 : output[i];
    }
    return output;
}

// Largest accepted error of a Winograd convolution, relative to the largest sum of |weight| *
// |input| of an output. The rounding errors of its transforms add up like those of a sum, but are
// multiplied by the matrices' norms (see winograd.h for the analysis); 1e-6 has been the largest
// with F(6,3) along both axes. One wrong weight of 9 * 512 shows with 1e-4.
constexpr double kWinogradError = 4e-6;

double winograd_tolerance(const DistinctOp& distinct, ReferenceTensor input, Weights weights) {
    if (!is_winograd(distinct.pipeline)) {
        return 0;
    }
    for (double& value : input) {
        value = std::abs(value);
    }
    for (auto& [name, values] : weights) {
        for (float& value : values) {
            value = std::abs(value);
        }
    }
    const ReferenceTensor sums = reference_layer(distinct.layer, {&input}, weights);
    return kWinogradError * *std::max_element(sums.begin(), sums.end());
}

bool lies_in(const Storage& storage, int64_t byte) {
    return byte >= storage.offset && byte < storage.offset + storage.bytes;
}

// Element `index` of the tensor in the words of its layout.
std::string element_words(const Tensor& tensor, int64_t index) {
    if (tensor.layout == Layout::packed_image) {
        return "float " + std::to_string(index) + " of the packed picture";
    }
    const Shape& s = tensor.shape;
    const int64_t pixel = index / 16;
    const int64_t plane = pixel / (s.h * s.w);
    const int64_t blocks = (s.c + 15) / 16;
    return to_string(Shape{plane / blocks, plane % blocks * 16 + index % 16, pixel / s.w % s.h,
                           pixel % s.w}) +
           " of " + to_string(s);
}

std::string place_words(const OpModel& model, size_t index, int64_t byte) {
    const Op& op = model.graph.ops[index];
    for (const int tensor : {op.input, op.packed, op.output}) {
        if (tensor < 0) {
            continue;
        }
        const Storage& s = model.plan.storages[static_cast<size_t>(tensor)];
        if (lies_in(s, byte)) {
            const Tensor& t = model.graph.tensors[static_cast<size_t>(tensor)];
            return t.name + " at " + element_words(t, (byte - s.offset) / 4);
        }
    }
    return "no tensor, byte " + std::to_string(byte) + " of the arena";
}

} // namespace

OpCase make_op_case(const OpModel& model, size_t index, bool u8) {
    const DistinctOp& distinct = model.ops[index];
    const Op& op = distinct.op;
    Integers integers(index);
    OpCase result;
    result.u8 = u8;
    result.arena = garbage_bytes(op.kind, model.plan.arena_bytes);
    ReferenceTensor input;
    if (op.input < 0) {
        input = make_input(model, op, integers, result);
    } else {
        input = make_tensor(op, integers);
        store(model, op.input, input, result.arena);
        result.input.assign(static_cast<size_t>(elements(model.network.input)) * (u8 ? 1 : 4),
                            '\xff');
    }
    ReferenceTensor residual;
    if (op.residual >= 0) {
        residual = integers.tensor(op.output_shape, 32);
        store(model, op.output, residual, result.arena);
    }
    const Weights weights = make_weights(op, distinct.layer, integers);
    result.weights = pack(model, distinct, weights);
    result.after = result.arena;
    if (op.packed >= 0) {
        store(model, op.packed, input, result.after);
    }
    result.tolerance = winograd_tolerance(distinct, input, weights);
    const ReferenceTensor output = expected_output(distinct, input, residual, weights);
    if (op.output >= 0) {
        store(model, op.output, output, result.after);
    } else {
        const std::vector<float> floats(output.begin(), output.end());
        result.output.assign(reinterpret_cast<const char*>(floats.data()), floats.size() * 4);
    }
    return result;
}

std::string first_difference(const OpModel& model, size_t index, const std::string& actual,
                             const OpCase& expected) {
    if (actual.size() != expected.after.size()) {
        return std::to_string(actual.size()) + " bytes, expected " +
               std::to_string(expected.after.size());
    }
    const Op& op = model.graph.ops[index];
    const auto storage = [&](int at) {
        return at < 0 ? Storage{} : model.plan.storages[static_cast<size_t>(at)];
    };
    const Storage scratch = storage(model.plan.scratch_of_op[index]);
    const Storage output = storage(op.output);
    for (size_t at = 0; at + 4 <= actual.size(); at += 4) {
        if (std::memcmp(actual.data() + at, expected.after.data() + at, 4) == 0) {
            continue;
        }
        const auto byte = static_cast<int64_t>(at);
        float got = 0;
        float wanted = 0;
        std::memcpy(&got, actual.data() + at, sizeof got);
        std::memcpy(&wanted, expected.after.data() + at, sizeof wanted);
        const bool close =
            lies_in(output, byte) && std::abs(double{got} - wanted) <= expected.tolerance;
        if (!close && !lies_in(scratch, byte)) {
            return place_words(model, index, byte) + ": " + std::to_string(got) + ", expected " +
                   std::to_string(wanted);
        }
    }
    return "";
}

} // namespace resnetc_test
