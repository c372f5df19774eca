#include "pickle_opcode.h"

#include <array>
#include <utility>

namespace resnetc {

std::string unsupported_opcode_name(PickleOpcode opcode) {
    // Those of protocols 0 and 1, and those that make objects of any class.
    constexpr std::array<std::pair<uint8_t, const char*>, 18> names = {{
        {'F', "FLOAT"},
        {'I', "INT"},
        {'L', "LONG"},
        {'P', "PERSID"},
        {'S', "STRING"},
        {'V', "UNICODE"},
        {'g', "GET"},
        {'i', "INST"},
        {'o', "OBJ"},
        {'p', "PUT"},
        {0x80, "PROTO"},
        {0x81, "NEWOBJ"},
        {0x82, "EXT1"},
        {0x83, "EXT2"},
        {0x84, "EXT4"},
        {0x92, "NEWOBJ_EX"},
        {0x97, "NEXT_BUFFER"},
        {0x98, "READONLY_BUFFER"},
    }};
    for (const auto& [code, name] : names) {
        if (code == static_cast<uint8_t>(opcode)) {
            return name;
        }
    }
    constexpr const char* digits = "0123456789abcdef";
    const auto code = static_cast<uint8_t>(opcode);
    return std::string("0x") + digits[code >> 4] + digits[code & 15];
}

} // namespace resnetc
