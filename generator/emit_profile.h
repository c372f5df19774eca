// What the emitter adds for the program's option --profile: a table of the ops, a function that
// runs one of them, and a pipeline that measures the machine's peak. Included by emit.cpp and
// emit_driver.cpp.
#pragma once

#include "emit.h"

#include <nlohmann/json.hpp>

namespace resnetc {

// The pipeline that does nothing but multiply-adds, beside the network's own.
inline constexpr const char* kPeakPipeline = "multiply_adds_f32";

// pipelines/multiply_adds_f32.cpp, for the vector registers of the target.
EmittedFile emit_peak_pipeline(const EmitInput& input);

// The sections "profile" of templates/driver.c and program_model.c: empty unless input.profile.
nlohmann::ordered_json profile_driver_data(const EmitInput& input);
nlohmann::ordered_json profile_program_data(const EmitInput& input);

} // namespace resnetc
