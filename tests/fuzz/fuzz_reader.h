// What the fuzz targets of the compiler's readers share. Included by tests/fuzz/*.cpp.
//
// A target hands its bytes to one reader. To refuse them is a result; a crash, a hang, an
// allocation over the limit, another exception or a message that cannot be shown is a finding.
#pragma once

#include "checkpoint.h"
#include "diagnostics.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace resnetc_fuzz {

// Ends the process unless `condition` holds: libFuzzer then keeps the input as a finding.
inline void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

// The bytes in memory of their own, so that the address sanitizer sees a read behind their end.
inline std::string own_copy(const uint8_t* bytes, size_t size) {
    std::string copy;
    copy.reserve(size);
    copy.append(reinterpret_cast<const char*>(bytes), size);
    return copy;
}

// Runs `reader`; what it throws must be a DiagnosticError with messages that a terminal can show.
template <typename Reader> void read_or_refuse(const Reader& reader) {
    try {
        reader();
    } catch (const resnetc::DiagnosticError& error) {
        require(!error.diagnostics.empty());
        for (const resnetc::Diagnostic& diagnostic : error.diagnostics) {
            const std::string text = resnetc::format(diagnostic);
            require(resnetc::first_invalid_utf8(text) == std::string::npos);
            require(text.find('\033') == std::string::npos && text.find('\0') == std::string::npos);
        }
    }
}

// Checks that a checkpoint's tensors hold no more floats than a file of that size can.
inline void check_tensors(const std::vector<resnetc::CheckpointTensor>& tensors, size_t size) {
    size_t floats = 0;
    for (const resnetc::CheckpointTensor& tensor : tensors) {
        require(resnetc::first_invalid_utf8(tensor.name) == std::string::npos);
        floats += tensor.values.size();
    }
    require(floats <= size);
}

} // namespace resnetc_fuzz
