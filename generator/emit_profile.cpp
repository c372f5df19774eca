#include "emit_profile.h"

#include "emit_driver.h"
#include "pipeline_buffers.h"

#include <stdexcept>

namespace resnetc {
namespace {

using Json = nlohmann::ordered_json;

// The inner loop takes a factor a step; the outer one makes a call long enough to be timed.
constexpr int kFactors = 16;
constexpr int kRepeats = 1024;
constexpr int64_t kMaxFloats = 1024; // RESNETC_PEAK_FLOATS of runtime/resnetc_model.h

// Independent sums: three quarters of the registers hold them.
int64_t accumulators(const Target& target) {
    return target.vector_registers * 3 / 4;
}

int64_t sums(const Target& target) {
    const int64_t floats = accumulators(target) * target.vector_floats;
    if (floats > kMaxFloats) {
        throw std::logic_error("peak pipeline: more sums than RESNETC_PEAK_FLOATS");
    }
    return floats;
}

// An op of several variants is profiled with the input that run_u8 takes, where there is one.
const PipelineVariant& profiled(const std::vector<PipelineVariant>& variants) {
    return variants.front();
}

std::vector<PipelineVariant> variants_of(const EmitInput& in, size_t op) {
    const auto pipeline = static_cast<size_t>(in.plan.pipeline_of_op[op]);
    return pipeline_variants(in.plan.pipelines[pipeline], in.spec.preprocessing.has_value());
}

// The user's input or output, in bytes.
int64_t user_bytes(const Shape& shape, bool pixels) {
    return shape.n * shape.c * shape.h * shape.w * (pixels ? 1 : 4);
}

int64_t tensor_bytes(const EmitInput& in, int tensor) {
    return tensor < 0 ? 0 : stored_floats(in.graph.tensors[static_cast<size_t>(tensor)]) * 4;
}

// Everything that an op reads and writes, each once; what it adds in place is read and written.
int64_t bytes_of(const EmitInput& in, size_t i) {
    const Op& op = in.graph.ops[i];
    const OpConstants& constants = in.plan.constants[i];
    int64_t bytes = constants.weights.bytes + constants.bias.bytes + constants.normalise.bytes;
    bytes += op.input >= 0 ? tensor_bytes(in, op.input)
                           : user_bytes(op.input_shape, in.spec.preprocessing.has_value());
    bytes += op.output >= 0 ? tensor_bytes(in, op.output) : user_bytes(op.output_shape, false);
    return bytes + 2 * tensor_bytes(in, op.packed) + tensor_bytes(in, op.residual);
}

int64_t macs_of(const EmitInput& in, const Op& op) {
    return op.conv_layer < 0 ? 0 : in.network.layers[static_cast<size_t>(op.conv_layer)].macs;
}

} // namespace

EmittedFile emit_peak_pipeline(const EmitInput& in) {
    Json data = common_template_data(in);
    data.erase("model");
    data.erase("MODEL");
    data["accumulators"] = accumulators(in.plan.target);
    data["lanes"] = in.plan.target.vector_floats;
    data["sums"] = sums(in.plan.target);
    data["factors"] = kFactors;
    data["repeats"] = kRepeats;
    return {std::string("pipelines/") + kPeakPipeline + ".cpp",
            render_file("pipelines/multiply_adds.cpp", data)};
}

Json profile_driver_data(const EmitInput& in) {
    if (!in.profile) {
        return Json::array();
    }
    Json functions = Json::array();
    for (size_t i = 0; i < in.graph.ops.size(); ++i) {
        const std::string suffix = profiled(variants_of(in, i)).suffix;
        functions.push_back({{"function", op_function(in.graph.ops[i]) + suffix}});
    }
    const int64_t operations = 2 * sums(in.plan.target) * kFactors * kRepeats;
    return Json::array({{{"functions", functions},
                         {"factors", kFactors},
                         {"sums", sums(in.plan.target)},
                         {"operations", operations}}});
}

Json profile_program_data(const EmitInput& in) {
    if (!in.profile) {
        return Json::array();
    }
    Json ops = Json::array();
    for (size_t i = 0; i < in.graph.ops.size(); ++i) {
        const Op& op = in.graph.ops[i];
        const auto pipeline = static_cast<size_t>(in.plan.pipeline_of_op[i]);
        const std::string suffix = profiled(variants_of(in, i)).suffix;
        ops.push_back({{"name", op.name},
                       {"pipeline", in.plan.pipelines[pipeline].name + suffix},
                       {"macs", macs_of(in, op)},
                       {"bytes", bytes_of(in, i)}});
    }
    return Json::array({{{"ops", ops}}});
}

} // namespace resnetc
