// Names, shapes and numbers out of a file, made fit for a message. Included by the readers of specs
// and checkpoints and by `inspect`. (format() of diagnostics.h escapes what a terminal would act
// on.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace resnetc {

// 'text' in single quotes; what is longer than 80 bytes is cut in the middle, between characters.
std::string in_quotes(std::string_view text);

// "1 byte", "3 bytes".
std::string counted(size_t count, const std::string& noun);

// "(64,3,7,7)", "(10)", "()" for a scalar, as messages and tables print a tensor's shape.
std::string shape_text(const std::vector<int64_t>& shape);

} // namespace resnetc
