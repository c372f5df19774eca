// The range of every number in a spec. Included by the spec reader and the overrides;
// specs/README.md states the same numbers (a test compares them).
//
// They are wide enough for every published ResNet and narrow enough that shapes, parameters and
// MACs stay within int64_t once each tensor is known to be below 2^31 bytes.
#pragma once

#include "yaml_values.h"

namespace resnetc::limits {

inline constexpr IntRange kBatch{1, 4096};
inline constexpr IntRange kChannels{1, 16384}; // input channels, widths
inline constexpr IntRange kSize{1, 16384};     // height, width
inline constexpr IntRange kKernel{1, 31};
inline constexpr IntRange kStride{1, 16};
inline constexpr IntRange kPadding{0, 30};
inline constexpr IntRange kStemConvolutions{1, 8};
inline constexpr IntRange kStages{1, 8};
inline constexpr IntRange kDepth{1, 500}; // blocks of a stage
inline constexpr IntRange kExpansion{1, 16};
inline constexpr IntRange kGroups{1, 4096};
inline constexpr IntRange kWidthPerGroup{1, 4096};
inline constexpr IntRange kClasses{1, 1000000};
inline constexpr IntRange kShortSide{1, 65536};
inline constexpr RealRange kBnEps{1e-12, 1};
inline constexpr RealRange kPixelScale{1e-6, 1e6};
inline constexpr RealRange kMean{-1e6, 1e6};
inline constexpr RealRange kStddev{1e-6, 1e6};
inline constexpr size_t kNameBytes = 64;
inline constexpr size_t kTextBytes = 1000;
inline constexpr size_t kLabelBytes = 200;
inline constexpr size_t kPatternBytes = 256;
inline constexpr int kRenameRules = 100;
inline constexpr int kRepetitions = 50; // product of the bounds in braces of a rename pattern

} // namespace resnetc::limits
