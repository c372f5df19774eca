// Arrays whose elements do not lie in row-major order. Included by the readers of PyTorch, NumPy
// and ONNX files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace resnetc {

// The product of the extents, none of which may be negative; nullopt if it is above `most`. An
// extent of 0 makes any others harmless.
std::optional<uint64_t> count_elements(const std::vector<int64_t>& shape, uint64_t most);

// Whether elements at these strides (as many as extents, in elements) are in row-major order
// without holes. The product of the extents must fit into int64_t.
bool is_row_major(const std::vector<int64_t>& shape, const std::vector<int64_t>& strides);

// The elements in row-major order. That at index i is the one numbered offset + sum of i * stride
// in `storage`, in which all of them must lie.
std::string gather_elements(std::string_view storage, size_t element_bytes, int64_t offset,
                            const std::vector<int64_t>& shape, const std::vector<int64_t>& strides);

} // namespace resnetc
