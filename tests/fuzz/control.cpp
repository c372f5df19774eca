// A target with faults, to see that replay.cpp finds them: what the first byte names goes wrong.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    volatile int sink = 0;
    switch (size == 0 ? '\0' : static_cast<char>(data[0])) {
    case 'r': // read behind the end
        sink = data[size];
        break;
    case 'o': // signed overflow
        sink = std::numeric_limits<int>::max();
        sink = sink + static_cast<int>(size);
        break;
    case 'm': { // 2 MiB for a few bytes
        const std::vector<unsigned char> large(size_t{2} << 20);
        sink = large[size];
        break;
    }
    case 'h':
        while (sink == 0) {
        }
        break;
    case 'a':
        std::abort();
    case 'x':
        throw std::string("not caught");
    default:
        break;
    }
    return 0;
}
