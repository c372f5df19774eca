// The emitter's data for Winograd pipelines. Included by emit_pipelines.cpp.
#pragma once

#include "plan.h"

#include <nlohmann/json.hpp>

namespace resnetc {

// The keys of templates/pipelines/winograd.cpp that only it has.
void add_winograd(const Pipeline& pipeline, nlohmann::ordered_json& data);

// "6x4 (x by y) and 2x4 outputs": the sizes of the tiles in words, the most frequent first.
std::string tiles_text(const Pipeline& pipeline);

} // namespace resnetc
