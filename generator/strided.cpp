#include "strided.h"

#include <algorithm>
#include <limits>

namespace resnetc {

std::optional<uint64_t> count_elements(const std::vector<int64_t>& shape, uint64_t most) {
    if (std::ranges::find(shape, 0) != shape.end()) {
        return 0;
    }
    uint64_t count = 1;
    for (const int64_t extent : shape) {
        if (static_cast<uint64_t>(extent) > most / count) {
            return std::nullopt;
        }
        count *= static_cast<uint64_t>(extent);
    }
    return count <= most ? std::optional(count) : std::nullopt;
}

bool is_row_major(const std::vector<int64_t>& shape, const std::vector<int64_t>& strides) {
    int64_t expected = 1;
    for (size_t axis = shape.size(); axis-- > 0;) {
        if (shape[axis] != 1 && strides[axis] != expected) {
            return false;
        }
        expected *= shape[axis];
    }
    return true;
}

std::string gather_elements(std::string_view storage, size_t element_bytes, int64_t offset,
                            const std::vector<int64_t>& shape,
                            const std::vector<int64_t>& strides) {
    const uint64_t count = count_elements(shape, std::numeric_limits<uint64_t>::max()).value_or(0);
    std::string gathered;
    gathered.reserve(count * element_bytes);
    std::vector<int64_t> index(shape.size(), 0);
    int64_t at = offset;
    for (uint64_t i = 0; i < count; ++i) {
        gathered.append(storage.substr(static_cast<size_t>(at) * element_bytes, element_bytes));
        for (size_t axis = index.size(); axis-- > 0;) {
            if (index[axis] + 1 < shape[axis]) {
                ++index[axis];
                at += strides[axis];
                break;
            }
            at -= index[axis] * strides[axis];
            index[axis] = 0;
        }
    }
    return gathered;
}

} // namespace resnetc
