// Checks a checkpoint's tensors against the network's parameters (bind_weights of checkpoint.h).
#include "checkpoint.h"

#include "diagnostics.h"
#include "message_text.h"
#include "naming.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace resnetc {
namespace {

constexpr std::string_view kBatchesTracked = ".num_batches_tracked";

// Nearest names are looked for while the pairs to compare are fewer than this.
constexpr size_t kMostComparedPairs = 2'000'000;

struct BoundTensor {
    const CheckpointTensor* tensor = nullptr;
    std::string canonical;
    bool used = false;
};

// Canonical name -> tensor. Reports tensors that got the same name.
std::map<std::string, BoundTensor>
name_tensors(const Checkpoint& checkpoint, const CheckpointSpec& naming, Diagnostics& problems) {
    std::vector<std::string> names;
    for (const CheckpointTensor& tensor : checkpoint.tensors) {
        if (tensor.name.size() > kLongestTensorName) {
            problems.error({}, "tensor " + in_quotes(tensor.name) + " has a name of " +
                                   std::to_string(tensor.name.size()) + " bytes, at most " +
                                   std::to_string(kLongestTensorName) + " were expected");
        }
        names.push_back(tensor.name);
    }
    problems.throw_if_any();
    const std::vector<NamedTensor> named = canonical_names(names, naming);
    std::map<std::string, BoundTensor> tensors;
    for (size_t i = 0; i < named.size(); ++i) {
        const BoundTensor bound{&checkpoint.tensors[i], named[i].canonical, false};
        const auto [place, is_new] = tensors.emplace(named[i].canonical, bound);
        if (!is_new) {
            problems.error({},
                           "tensors " + in_quotes(place->second.tensor->name) + " and " +
                               in_quotes(named[i].original) + " both become " +
                               in_quotes(named[i].canonical) + ", distinct names were expected",
                           "check the spec's rename rules");
        }
    }
    return tensors;
}

// "bn1.num_batches_tracked" counts PyTorch's training steps and means nothing afterwards.
void use_batch_counters(std::map<std::string, BoundTensor>& tensors, const Network& network) {
    for (const Layer& layer : network.layers) {
        if (layer.kind == LayerKind::batch_norm) {
            const auto found = tensors.find(layer.name + std::string(kBatchesTracked));
            if (found != tensors.end()) {
                found->second.used = true;
            }
        }
    }
}

// "[1,0,2]" of the element at `flat` in row-major order.
std::string index_text(size_t flat, const std::vector<int64_t>& shape) {
    std::string text = "]";
    for (size_t i = shape.size(); i-- > 0;) {
        const auto extent = static_cast<size_t>(shape[i]);
        text.insert(0, (i > 0 ? "," : "[") + std::to_string(flat % extent));
        flat /= extent;
    }
    return text;
}

// Reports the first value that cannot be used, and how many more there are.
void check_values(const CheckpointTensor& tensor, const ParameterInfo& parameter,
                  Diagnostics& problems) {
    const bool is_variance = parameter.name.ends_with(".running_var");
    const auto is_bad = [&](float v) { return !std::isfinite(v) || (is_variance && v < 0); };
    const auto first = std::ranges::find_if(tensor.values, is_bad);
    if (first == tensor.values.end()) {
        return;
    }
    const auto more = std::count_if(first + 1, tensor.values.end(), is_bad);
    const std::string value = std::isnan(*first)   ? "NaN"
                              : std::isinf(*first) ? (*first > 0 ? "infinity" : "-infinity")
                                                   : "a negative variance";
    problems.error(
        {},
        "tensor " + in_quotes(tensor.name) + " holds " + value + " at " +
            index_text(static_cast<size_t>(first - tensor.values.begin()), tensor.shape) +
            (more > 0 ? " (and " + std::to_string(more) + " more)" : "") +
            ", finite numbers were expected",
        "--allow-non-finite takes the values as they are");
}

void check_tensor(const CheckpointTensor& tensor, const ParameterInfo& parameter,
                  bool allow_non_finite, Diagnostics& problems) {
    const std::string who = "tensor " + in_quotes(tensor.name);
    if (tensor.shape != parameter.shape) {
        std::vector<int64_t> with_ones = parameter.shape;
        with_ones.insert(with_ones.end(), {1, 1});
        const bool is_convolution = parameter.shape.size() == 2 && tensor.shape == with_ones;
        problems.error({},
                       who + " has shape " + shape_text(tensor.shape) + ", " +
                           shape_text(parameter.shape) + " was expected",
                       is_convolution ? "the checkpoint's classifier is a 1x1 convolution; reshape "
                                        "its weight to two dimensions"
                                      : "");
        return;
    }
    if (tensor.values.empty()) { // parameters are never empty: the dtype was not widened
        problems.error({}, who + " has dtype " + tensor.dtype + ", F32, F16 or BF16 was expected");
        return;
    }
    if (!allow_non_finite) {
        check_values(tensor, parameter, problems);
    }
}

std::vector<std::string> unused_names(const std::map<std::string, BoundTensor>& tensors) {
    std::vector<std::string> names;
    for (const auto& [canonical, bound] : tensors) {
        if (!bound.used) {
            names.push_back(canonical);
        }
    }
    return names;
}

// Hints go both ways: a missing tensor names the unused one that may be meant, and the reverse.
void report_missing(const std::vector<std::string>& missing,
                    const std::map<std::string, BoundTensor>& tensors,
                    const std::map<std::string, const ParameterInfo*>& parameters,
                    Diagnostics& problems) {
    const std::vector<std::string> unused = unused_names(tensors);
    const bool compare = missing.size() * unused.size() <= kMostComparedPairs;
    for (const std::string& name : missing) {
        const std::string near = compare ? nearest(name, unused) : "";
        problems.error({},
                       "tensor " + in_quotes(name) + " is missing, shape " +
                           shape_text(parameters.at(name)->shape) + " was expected",
                       near.empty() ? ""
                                    : "did you mean the checkpoint's " +
                                          in_quotes(tensors.at(near).tensor->name) + "?");
    }
    for (const std::string& name : unused) {
        problems.error({},
                       "tensor " + in_quotes(tensors.at(name).tensor->name) +
                           " belongs to no layer, only the network's parameters were expected",
                       compare ? did_you_mean(name, missing) : "");
    }
}

} // namespace

Weights bind_weights(const Checkpoint& checkpoint, const Network& network,
                     const CheckpointSpec& naming, bool allow_non_finite) {
    Diagnostics problems(SourceFile{checkpoint.path, ""});
    std::map<std::string, BoundTensor> tensors = name_tensors(checkpoint, naming, problems);
    use_batch_counters(tensors, network);

    const std::vector<ParameterInfo> needed = network_parameters(network);
    std::map<std::string, const ParameterInfo*> parameters;
    std::vector<std::string> missing;
    for (const ParameterInfo& parameter : needed) {
        parameters[parameter.name] = &parameter;
        const auto found = tensors.find(parameter.name);
        if (found == tensors.end()) {
            missing.push_back(parameter.name);
            continue;
        }
        found->second.used = true;
        check_tensor(*found->second.tensor, parameter, allow_non_finite, problems);
    }
    report_missing(missing, tensors, parameters, problems);
    problems.throw_if_any();

    Weights weights;
    for (const ParameterInfo& parameter : needed) {
        weights[parameter.name] = tensors.at(parameter.name).tensor->values;
    }
    return weights;
}

} // namespace resnetc
