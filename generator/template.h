// The strict layer over the Mustache library. Included by the emitter only.
//
// In: a template that reads like the code it makes, with <% tags %>, and its data. Out: text. A key
// that the template uses and the data lacks, or the other way round, is an error: a typo in a
// template must never become silently empty code.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace resnetc {

// Renders `text`. `name` appears in errors: `name:line: error: ...`. `data` is an object of
// strings, integers, booleans, objects and arrays of objects; integers are printed in decimal.
// Sections
// (<%#key%> ... <%/key%>, <%^key%>) take booleans and arrays; keys are looked up in the enclosing
// sections' data too. A tag line of its own leaves no empty line.
// Throws std::logic_error: templates and data are both the project's own.
std::string render_template(std::string_view name, std::string_view text,
                            const nlohmann::ordered_json& data);

} // namespace resnetc
