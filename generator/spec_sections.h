// The readers of a spec's sections. Included by spec.cpp and the files that implement them.
//
// Each takes the map that holds the section and returns it with defaults filled in; what is wrong
// is reported in the Diagnostics.
#pragma once

#include "spec.h"
#include "yaml_values.h"

#include <optional>
#include <string>
#include <vector>

namespace resnetc {

// `padding:` of `map`: symmetric (the default), same, valid, a number, or four numbers.
Located<PaddingSpec> read_padding(Diagnostics& diagnostics, const MapReader& map);

// `stem:`: a map or `none`. Absent: torchvision's 7x7 stride 2 with 64 channels, 3x3 max pool.
std::optional<StemSpec> read_stem(Diagnostics& diagnostics, const MapReader& root);

// `shortcut:`: a word, or a map with kind and batch_norm. `batch_norm`: the network's, the default.
ShortcutSpec read_shortcut(Diagnostics& diagnostics, const MapReader& root, bool batch_norm);

// `head:`: a map or `none`. Absent: 1000 logits.
std::optional<HeadSpec> read_head(Diagnostics& diagnostics, const MapReader& root);

// `preprocessing:`: a map or `none`. Absent: torchvision's for three channels, otherwise none.
std::optional<PreprocessingSpec> read_preprocessing(Diagnostics& diagnostics, const MapReader& root,
                                                    const Spec& spec);

// torchvision's preprocessing for networks with three channels, none for others: the short side
// becomes 256/224 of the larger of height and width, mean and deviation are ImageNet's.
std::optional<PreprocessingSpec> default_preprocessing(const Spec& spec);

// `labels:`: imagenet1k, cifar10, a list, or {file: PATH}. Absent: none. Reads `spec`'s head and
// path, sets its labels_file.
std::vector<std::string> read_labels(Diagnostics& diagnostics, const MapReader& root, Spec& spec);

// `checkpoint:`: naming and rename rules.
CheckpointSpec read_checkpoint_spec(Diagnostics& diagnostics, const MapReader& root);

} // namespace resnetc
