// Tensors in words: names and shapes out of a file, made fit for a message. Included by the readers
// of checkpoints and by `inspect`. (format() of diagnostics.h escapes what a terminal would act
// on.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace resnetc {

// 'text' in single quotes; what is longer than 80 bytes is cut in the middle, between characters.
std::string in_quotes(std::string_view text);

// "(64,3,7,7)", "(10)", "()" for a scalar, as messages and tables print a tensor's shape.
std::string shape_text(const std::vector<int64_t>& shape);

} // namespace resnetc
