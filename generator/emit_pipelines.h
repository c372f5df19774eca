// The emitter's pipeline half: one Halide generator file for each distinct op. Included by
// emit.cpp.
#pragma once

#include "emit.h"

#include <vector>

namespace resnetc {

std::vector<EmittedFile> emit_pipelines(const EmitInput& input);

} // namespace resnetc
