// YAML text as a small tree in which every node knows its place. Included by the readers of our
// YAML files (model specs, targets, schedules).
//
// In: a text. Out: a tree of scalars, sequences and maps. Stricter than YAML: one document of at
// most 1 MiB, no anchors, aliases, tags or directives, nothing after the document. Duplicate and
// unknown keys are for the readers on top (yaml_values.h), which know what a map may hold.
#pragma once

#include "diagnostics.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace resnetc {

inline constexpr size_t kYamlSizeLimit = size_t{1} << 20; // bytes of text
inline constexpr int kYamlDepthLimit = 16;                // maps and sequences inside each other
inline constexpr size_t kYamlNodeLimit = 20000;           // nodes of one text

enum class YamlKind {
    null,     // nothing, `~` or `null`
    plain,    // a scalar without quotes: a number, a word, a text
    quoted,   // a scalar in quotes or a block scalar: always a text
    sequence, //
    map,      //
    refused   // already reported; readers skip it silently
};

struct YamlNode {
    YamlKind kind = YamlKind::null;
    SourceLocation where;
    std::string text;            // plain, quoted
    std::vector<YamlNode> items; // sequence: the elements; map: the values in the order of the text
    std::string key;             // of a value in a map
    SourceLocation key_where;    // of a value in a map
};

// Reads the text of `diagnostics`. Reports what is wrong there and returns nothing if the text has
// no usable tree; a returned tree may still come with reported errors (a tag, say).
std::optional<YamlNode> read_yaml(Diagnostics& diagnostics);

} // namespace resnetc
