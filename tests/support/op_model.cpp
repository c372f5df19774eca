#include "support/op_model.h"

#include "pipeline_buffers.h"

#include <algorithm>
#include <stdexcept>

namespace resnetc_test {

using namespace resnetc;

namespace {

constexpr int64_t kGuard = 256; // garbage bytes around every tensor

int64_t align_up(int64_t bytes) {
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

// The unfused layer whose work the op does (the residual and the ReLU come on top). For ops that
// only change the layout, one that says nothing but their shapes.
Layer main_layer(const Compilation& c, const Op& op) {
    if (op.kind == OpKind::pack || op.kind == OpKind::unpack) {
        Layer layer;
        layer.input = layer.output = op.output_shape;
        return layer;
    }
    const int layer =
        op.conv_layer >= 0 ? op.conv_layer : c.graph.tensors[static_cast<size_t>(op.output)].layer;
    return c.network.layers[static_cast<size_t>(layer)];
}

// The op's constants one after the other from 0 on. All ops that read the picture are compiled for
// pixels too, whether their network takes pixels or not.
void place_constants(DistinctOp& distinct) {
    if (distinct.op.input < 0) {
        distinct.constants.normalise.bytes = distinct.op.input_shape.c * 2 * 16 * 4;
    }
    for (ConstantPlace* place :
         {&distinct.constants.normalise, &distinct.constants.weights, &distinct.constants.bias}) {
        if (place->bytes > 0) {
            place->offset = distinct.weights_bytes;
            distinct.weights_bytes += align_up(place->bytes);
        }
    }
}

// The same but for the op that shows it.
bool same_pipeline(Pipeline a, const Pipeline& b) {
    a.first_op = b.first_op;
    return a.name == b.name && a.kind == b.kind && a.input == b.input && a.output == b.output &&
           a.window == b.window && a.groups == b.groups && a.residual == b.residual &&
           a.relu == b.relu && a.channels_before == b.channels_before && a.schedule == b.schedule;
}

// Gives the op tensors of its own: [guard] input [guard] packed [guard] output [guard].
class Placer {
public:
    explicit Placer(OpModel& model) : model_(model) {}

    void place(DistinctOp& distinct) {
        Op& op = distinct.op;
        end_ = kGuard;
        if (op.input >= 0) {
            op.input = add({.name = op.name + "_input", .shape = op.input_shape});
        }
        if (op.packed >= 0) {
            op.packed = add({.name = op.name + "_packed",
                             .shape = op.input_shape,
                             .layout = Layout::packed_image,
                             .padding = op.window.padding});
        }
        if (op.output >= 0) {
            op.output = add({.name = op.name, .shape = op.output_shape});
        }
        if (op.residual >= 0) {
            op.residual = op.output;
        }
        ends_.push_back(end_);
        model_.plan.arena_bytes = std::max(model_.plan.arena_bytes, end_);
    }

    // Behind the tensors of op `index`, when all tensors have their places: [guard] scratch
    // [guard].
    void place_scratch(size_t index, const Pipeline& pipeline) {
        const int64_t bytes = scratch_bytes(pipeline);
        model_.plan.scratch_of_op.push_back(-1);
        if (bytes == 0) {
            return;
        }
        model_.plan.scratch_of_op.back() = static_cast<int>(model_.plan.storages.size());
        model_.plan.storages.push_back({.offset = ends_[index], .bytes = bytes});
        model_.plan.arena_bytes =
            std::max(model_.plan.arena_bytes, ends_[index] + align_up(bytes) + kGuard);
    }

private:
    int add(const Tensor& tensor) {
        const Storage storage{.offset = end_, .bytes = stored_floats(tensor) * 4};
        end_ += align_up(storage.bytes) + kGuard;
        model_.graph.tensors.push_back(tensor);
        model_.plan.storages.push_back(storage);
        model_.plan.storage_of_tensor.push_back(static_cast<int>(model_.plan.storages.size()) - 1);
        return static_cast<int>(model_.graph.tensors.size()) - 1;
    }

    OpModel& model_;
    int64_t end_ = 0;
    std::vector<int64_t> ends_; // by op
};

bool reads_network_input(const DistinctOp& distinct) {
    return distinct.op.input < 0;
}

// Elements that the op leaves in the arena.
int64_t arena_output(const DistinctOp& distinct) {
    return distinct.op.output < 0 ? 0 : elements(distinct.op.output_shape);
}

// The driver wants an op with a picture first; its copy of the result wants the largest output
// last.
void order(std::vector<DistinctOp>& ops) {
    std::stable_partition(ops.begin(), ops.end(), reads_network_input);
    const auto rest = std::find_if_not(ops.begin(), ops.end(), reads_network_input);
    const auto largest =
        std::max_element(rest, ops.end(), [](const DistinctOp& a, const DistinctOp& b) {
            return arena_output(a) < arena_output(b);
        });
    std::rotate(largest, largest + 1, ops.end());
}

// The driver calls the ops after the first by the name that ops without variants have. Nobody calls
// it here, but it has to compile.
void name_variants(const OpModel& model, std::string& driver) {
    for (size_t i = 1; i < model.ops.size(); ++i) {
        const std::string function = "op_" + model.ops[i].op.name;
        const size_t call = driver.find("if (" + function + "(run))");
        if (call == std::string::npos) {
            throw std::logic_error("op_model: the driver does not call " + function);
        }
        if (reads_network_input(model.ops[i])) {
            driver.insert(call + 4 + function.size(), "_f32");
        }
    }
}

} // namespace

void OpCollector::add(const Compilation& c) {
    for (const Pipeline& pipeline : c.plan.pipelines) {
        const auto index = static_cast<size_t>(pipeline.first_op);
        const Op& op = c.graph.ops[index];
        const auto known = std::find_if(ops_.begin(), ops_.end(), [&](const DistinctOp& other) {
            return other.pipeline.name == pipeline.name;
        });
        if (known != ops_.end()) {
            if (!same_pipeline(known->pipeline, pipeline)) {
                throw std::logic_error("two different pipelines are called " + pipeline.name);
            }
            continue;
        }
        DistinctOp distinct{.from = c.network.name + " " + to_string(c.network.input),
                            .op = op,
                            .layer = main_layer(c, op),
                            .pipeline = pipeline,
                            .constants = c.plan.constants[index]};
        distinct.op.name = distinct.layer.name = pipeline.name;
        distinct.op.batch_norm_layer = -1;
        distinct.layer.stage = 0;
        distinct.layer.bias = op.conv_layer >= 0;
        place_constants(distinct);
        ops_.push_back(std::move(distinct));
    }
}

OpModel OpCollector::model(const std::string& name) const {
    OpModel model;
    model.ops = ops_;
    order(model.ops);
    model.spec.name.value = model.network.name = name;
    model.spec.preprocessing = PreprocessingSpec{}; // so that stems are compiled for pixels too
    Placer placer(model);
    for (size_t i = 0; i < model.ops.size(); ++i) {
        DistinctOp& distinct = model.ops[i];
        if (reads_network_input(distinct) &&
            elements(distinct.op.input_shape) >= elements(model.network.input)) {
            model.network.input = distinct.op.input_shape;
        }
        distinct.op.conv_layer = distinct.op.conv_layer >= 0 ? static_cast<int>(i) : -1;
        distinct.pipeline.first_op = static_cast<int>(i);
        placer.place(distinct);
        model.network.layers.push_back(distinct.layer);
        model.graph.ops.push_back(distinct.op);
        model.plan.pipelines.push_back(distinct.pipeline);
        model.plan.pipeline_of_op.push_back(static_cast<int>(i));
        model.plan.constants.push_back(distinct.constants);
        model.plan.weights_bytes = std::max(model.plan.weights_bytes, distinct.weights_bytes);
    }
    for (size_t i = 0; i < model.ops.size(); ++i) {
        placer.place_scratch(i, model.ops[i].pipeline);
    }
    model.graph.output = model.graph.ops.back().output;
    return model;
}

std::vector<EmittedFile> emit_op_model(const OpModel& model) {
    const std::string no_weights(64, '\0'); // every run brings its own
    std::vector<EmittedFile> files = emit({.spec = model.spec,
                                           .network = model.network,
                                           .graph = model.graph,
                                           .plan = model.plan,
                                           .packed_weights = no_weights,
                                           .checkpoint_file = "",
                                           .checkpoint_sha256 = "",
                                           .command = "resnetc_tests"});
    for (EmittedFile& file : files) {
        if (file.path == model.spec.name.value + ".c") {
            name_variants(model, file.bytes);
        }
    }
    return files;
}

} // namespace resnetc_test
