#include "spec_limits.h"
#include "spec_sections.h"

#include <algorithm>
#include <cmath>

namespace resnetc {

namespace {

// Puts `value` into `field` if it is given and within range.
void apply(Diagnostics& diagnostics, const std::optional<int>& value, const std::string& what,
           IntRange range, Located<int>& field) {
    if (!value) {
        return;
    }
    if (*value < range.min || *value > range.max) {
        diagnostics.error({}, what + " is " + std::to_string(*value) +
                                  " on the command line, expected an integer from " +
                                  std::to_string(range.min) + " to " + std::to_string(range.max));
        return;
    }
    field = {*value, {}};
}

} // namespace

void apply_overrides(Spec& spec, const SpecOverrides& overrides) {
    Diagnostics diagnostics({spec.path, spec.text});
    const int old_crop = std::max(spec.height.value, spec.width.value);
    const int old_channels = spec.channels.value;
    apply(diagnostics, overrides.batch, "batch", limits::kBatch, spec.batch);
    apply(diagnostics, overrides.channels, "channels", limits::kChannels, spec.channels);
    apply(diagnostics, overrides.height, "height", limits::kSize, spec.height);
    apply(diagnostics, overrides.width, "width", limits::kSize, spec.width);
    if (overrides.classes && !spec.head) {
        diagnostics.error({}, "classes on the command line, but the spec has no head");
    } else if (overrides.classes) {
        apply(diagnostics, overrides.classes, "classes", limits::kClasses, spec.head->classes);
        if (spec.labels.size() != static_cast<size_t>(spec.head->classes.value)) {
            spec.labels.clear();
        }
    }
    if (spec.channels.value != old_channels) {
        spec.preprocessing = default_preprocessing(spec);
    } else if (spec.preprocessing) {
        const int crop = std::max(spec.height.value, spec.width.value);
        const double scaled = spec.preprocessing->short_side * (double(crop) / old_crop);
        spec.preprocessing->short_side = static_cast<int>(std::lround(scaled));
    }
    diagnostics.throw_if_any();
}

} // namespace resnetc
