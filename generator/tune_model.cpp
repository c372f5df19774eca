#include "tune_model.h"

#include "pack.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace resnetc {
namespace {

constexpr double kWinogradError = 4e-6;

// Integers from -limit to limit, the same on every machine.
class Integers {
public:
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
    uint32_t state_ = 1;
};

template <typename Values> std::string float_bytes(const Values& values) {
    const std::vector<float> floats(values.begin(), values.end());
    return {reinterpret_cast<const char*>(floats.data()), floats.size() * sizeof(float)};
}

// NCHW doubles as NCHWc16 floats, zero beyond the channels.
std::string blocked_bytes(const ReferenceTensor& values, const Shape& s) {
    const int64_t blocks = channel_blocks(s.c);
    const int64_t pixels = s.h * s.w;
    std::vector<float> floats(static_cast<size_t>(s.n * blocks * pixels * kChannelBlock));
    auto value = values.begin();
    for (int64_t n = 0; n < s.n; ++n) {
        for (int64_t c = 0; c < s.c; ++c) {
            const int64_t plane = (n * blocks + c / kChannelBlock) * pixels;
            for (int64_t i = 0; i < pixels; ++i) {
                floats[static_cast<size_t>((plane + i) * kChannelBlock + c % kChannelBlock)] =
                    static_cast<float>(*value++);
            }
        }
    }
    return float_bytes(floats);
}

// The op's convolution on its own, with a bias and without batch norm.
Layer own_layer(const Compilation& c, const Op& op) {
    Layer layer = c.network.layers[static_cast<size_t>(op.conv_layer)];
    layer.name = "op";
    layer.bias = true;
    layer.stage = 0;
    return layer;
}

ReferenceTensor magnitudes(ReferenceTensor values) {
    for (double& value : values) {
        value = std::abs(value);
    }
    return values;
}

double largest_sum(const Layer& layer, const ReferenceTensor& input, Weights weights) {
    for (auto& [name, values] : weights) {
        for (float& value : values) {
            value = std::abs(value);
        }
    }
    const ReferenceTensor positive = magnitudes(input);
    const ReferenceTensor sums = reference_layer(layer, {&positive}, weights);
    return *std::max_element(sums.begin(), sums.end());
}

} // namespace

TuneCase make_tune_case(const Compilation& compilation, size_t index) {
    const Op& op = compilation.graph.ops[index];
    const Layer layer = own_layer(compilation, op);
    Integers integers;
    TuneCase result;
    const int64_t taps = int64_t{op.window.kernel} * op.window.kernel;
    result.weights = {
        {"op.weight", integers.floats(layer.output.c * (layer.input.c / layer.groups) * taps, 3)},
        {"op.bias", integers.floats(layer.output.c, 16)}};
    const ReferenceTensor input = integers.tensor(op.input_shape, 4);
    (op.input < 0 ? result.input : result.activation) =
        op.input < 0 ? float_bytes(input) : blocked_bytes(input, op.input_shape);
    ReferenceTensor output = reference_layer(layer, {&input}, result.weights);
    if (op.residual >= 0) {
        const ReferenceTensor residual = integers.tensor(op.output_shape, 32);
        result.residual = blocked_bytes(residual, op.output_shape);
        std::transform(output.begin(), output.end(), residual.begin(), output.begin(),
                       [](double a, double b) { return a + b; });
    }
    if (op.relu) {
        std::transform(output.begin(), output.end(), output.begin(),
                       [](double value) { return std::max(value, 0.0); });
    }
    result.expected = blocked_bytes(output, op.output_shape);
    if (op.kind == OpKind::conv && op.window.kernel > 1) {
        result.largest_sum = largest_sum(layer, input, result.weights);
    }
    return result;
}

TuneModel make_tune_model(const Compilation& compilation, size_t index,
                          const std::vector<Schedule>& schedules, const Weights& weights,
                          int threads) {
    const Op& original = compilation.graph.ops[index];
    const auto copy_tensor = [&](TuneModel& model, int tensor) {
        if (tensor < 0) {
            return -1;
        }
        model.graph.tensors.push_back(compilation.graph.tensors[static_cast<size_t>(tensor)]);
        return static_cast<int>(model.graph.tensors.size()) - 1;
    };
    TuneModel model;
    model.threads = threads;
    model.spec.name.value = "tune";
    model.network.name = "tune";
    model.network.input = original.input_shape;
    model.network.layers = {own_layer(compilation, original)};
    Op op = original;
    op.name = signature(original);
    op.conv_layer = 0;
    op.batch_norm_layer = -1;
    op.input = copy_tensor(model, original.input);
    op.packed = copy_tensor(model, original.packed);
    op.residual = copy_tensor(model, original.residual);
    op.output = copy_tensor(model, original.output);
    ScheduleDb db;
    db.threads = threads;
    for (size_t i = 0; i < schedules.size(); ++i) {
        Op copy = op;
        copy.variant = "_v" + std::to_string(i);
        copy.name += copy.variant;
        TunedOp tuned;
        tuned.op = signature(copy);
        tuned.threads = threads;
        tuned.schedule = schedules[i];
        put_tuned(db, tuned);
        model.graph.ops.push_back(std::move(copy));
    }
    model.graph.output = op.output;
    model.plan = make_plan(model.graph, compilation.plan.target, /*pixels=*/false, db,
                           /*threads=*/true);
    model.weights = pack_weights(model.network, model.graph, model.plan, weights, nullptr);
    return model;
}

TuneTensors tensors_of(const TuneModel& model) {
    const Op& op = model.graph.ops.front();
    return {op.input, op.residual, op.output};
}

double tolerance_of(const Schedule& schedule, const TuneCase& given) {
    return is_winograd(schedule.algorithm) ? kWinogradError * given.largest_sum : 0;
}

} // namespace resnetc
