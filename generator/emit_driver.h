// The emitter's driver half: the C code that calls the pipelines, its header, and the model as the
// standalone program sees it. Included by emit.cpp.
#pragma once

#include "emit.h"

#include <nlohmann/json.hpp>

#include <string>

namespace resnetc {

// Keys that every template may use: model, MODEL, version, command, target.
nlohmann::ordered_json common_template_data(const EmitInput& input);

EmittedFile emit_driver(const EmitInput& input);
EmittedFile emit_header(const EmitInput& input);
EmittedFile emit_classify(const EmitInput& input);
EmittedFile emit_program_model(const EmitInput& input);

// "op_layer2_0_conv1": the driver's function that runs an op (and its suffix, if it has variants).
std::string op_function(const Op& op);

// Renders templates/<name> with exactly the keys of `data` that it mentions.
std::string render_file(const std::string& name, const nlohmann::ordered_json& data);

} // namespace resnetc
