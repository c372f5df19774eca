// SHA-256 (FIPS 180-4) of byte strings, for manifests and checks of weight files.
#pragma once

#include <string>
#include <string_view>

namespace resnetc {

// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

} // namespace resnetc
