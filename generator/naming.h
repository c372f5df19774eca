// From the names that frameworks give to a ResNet's tensors to ours, which are torchvision's.
// Included by bind_weights.
#pragma once

#include "spec.h"

#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace resnetc {

// Longer tensor names are not bound, so that a regular expression's work on one is bounded.
inline constexpr size_t kLongestTensorName = 512;

// A tensor's name in the file and the network's name for it.
struct NamedTensor {
    std::string original;
    std::string canonical;
};

// A rule's regular expression as it is matched: ECMAScript without back references, in time
// polynomial in the name's length. Throws std::regex_error, also if the pattern is longer than
// kLongestTensorName (compiling recurses into its parentheses).
std::regex compile_rename_pattern(const std::string& pattern);

// The naming table for a checkpoint with these tensors: `naming` itself, or for `automatic` the one
// recognised by the names (torchvision if none is).
CheckpointNaming choose_naming(CheckpointNaming naming, const std::vector<std::string>& names);

// One name by the built-in table: "resnet.encoder.stages.0.layers.1.layer.0.convolution.weight" is
// "layer1.1.conv1.weight" in Hugging Face's. Names that the table does not know stay.
std::string apply_naming(CheckpointNaming naming, std::string_view name);

// All names of a checkpoint: a "module." that all of them begin with (torch.nn.DataParallel) is
// removed, then the naming table is applied, then the rename rules in their order; a rule replaces
// every match in a name (std::regex_replace). The result is in the order of `names`, none of which
// may be longer than kLongestTensorName. Throws DiagnosticError for a rule that cannot be compiled.
std::vector<NamedTensor> canonical_names(const std::vector<std::string>& names,
                                         const CheckpointSpec& spec);

} // namespace resnetc
