#include "safetensors.h"

#include "dtype.h"
#include "message_text.h"
#include "safetensors_header.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

namespace resnetc {
namespace {

constexpr size_t kLengthBytes = 8;
constexpr uint64_t kLargestHeader = 100'000'000; // MAX_HEADER_SIZE of the safetensors crate

// One tensor whose dtype, shape and place in the data agree.
struct PlacedTensor {
    const SafetensorsEntry* entry = nullptr;
    const Dtype* dtype = nullptr;
    uint64_t begin = 0; // bytes from the start of the data
    uint64_t end = 0;
};

std::string bytes_text(uint64_t bytes) {
    return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

// The JSON text, or nullopt with the reason in `problems`.
std::optional<std::string_view> header_text(std::string_view file, Diagnostics& problems) {
    if (file.size() < kLengthBytes) {
        problems.error({}, "the file has " + bytes_text(file.size()) +
                               ", at least 8 for the header's length were expected");
        return std::nullopt;
    }
    uint64_t length = 0;
    std::memcpy(&length, file.data(), sizeof(length));
    const std::string is_long = "the header is said to have " + bytes_text(length);
    if (length > kLargestHeader) {
        problems.error({},
                       is_long + ", at most " + std::to_string(kLargestHeader) + " were expected",
                       "the file may not be a safetensors file");
        return std::nullopt;
    }
    const uint64_t rest = file.size() - kLengthBytes;
    if (length > rest) {
        problems.error({}, is_long + ", at most the " + std::to_string(rest) +
                               " that follow in the file were expected");
        return std::nullopt;
    }
    const std::string_view text = file.substr(kLengthBytes, static_cast<size_t>(length));
    if (text.empty() || text.front() != '{') {
        problems.error({}, text.empty() ? "the header is empty, a JSON object was expected"
                                        : "the header begins with " + in_quotes(text.substr(0, 1)) +
                                              ", '{' was expected");
        return std::nullopt;
    }
    return text;
}

// The bytes that a tensor of this dtype and shape takes, or nullopt with the reason in `problems`.
std::optional<uint64_t> byte_size(const SafetensorsEntry& entry, const Dtype& dtype,
                                  Diagnostics& problems) {
    // Elements are counted in int64_t everywhere, and bits must not overflow either.
    constexpr auto most = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    uint64_t bits = static_cast<uint64_t>(dtype.bits);
    const bool is_empty = std::ranges::find(*entry.shape, 0U) != entry.shape->end();
    for (const uint64_t extent : *entry.shape) {
        if (extent > most || (!is_empty && bits > most / extent)) {
            problems.error({}, "tensor " + in_quotes(entry.name) +
                                   ": the shape overflows, fewer than 2^63 bits were expected");
            return std::nullopt;
        }
        bits = is_empty ? 0 : bits * extent;
    }
    if (bits % 8 != 0) {
        problems.error({}, "tensor " + in_quotes(entry.name) + " has " + std::to_string(bits) +
                               " bits, whole bytes were expected");
        return std::nullopt;
    }
    return bits / 8;
}

std::vector<int64_t> signed_shape(const std::vector<uint64_t>& shape) {
    return {shape.begin(), shape.end()};
}

// Checks one entry by itself.
std::optional<PlacedTensor> place(const SafetensorsEntry& entry, Diagnostics& problems) {
    const std::string tensor = "tensor " + in_quotes(entry.name);
    const Dtype* dtype = find_dtype(*entry.dtype);
    if (dtype == nullptr) {
        problems.error({},
                       tensor + " has dtype " + in_quotes(*entry.dtype) +
                           ", a dtype such as F32, F16 or BF16 was expected",
                       did_you_mean(*entry.dtype, dtype_names()));
    }
    const std::vector<uint64_t>& offsets = *entry.data_offsets;
    if (offsets.size() != 2) {
        problems.error({}, tensor + ": data_offsets holds " + std::to_string(offsets.size()) +
                               (offsets.size() == 1 ? " number" : " numbers") +
                               ", [begin, end] was expected");
        return std::nullopt;
    }
    if (offsets[0] > offsets[1]) {
        problems.error({}, tensor + ": data_offsets [" + std::to_string(offsets[0]) + ", " +
                               std::to_string(offsets[1]) +
                               "] run backwards, begin <= end was expected");
        return std::nullopt;
    }
    const std::optional<uint64_t> expected =
        dtype != nullptr ? byte_size(entry, *dtype, problems) : std::nullopt;
    if (!expected) {
        return std::nullopt;
    }
    if (offsets[1] - offsets[0] != *expected) {
        problems.error({}, tensor + " has " + bytes_text(offsets[1] - offsets[0]) + " of data, " +
                               std::to_string(*expected) + " were expected for " + *entry.dtype +
                               " " + shape_text(signed_shape(*entry.shape)));
        return std::nullopt;
    }
    return PlacedTensor{&entry, dtype, offsets[0], offsets[1]};
}

// One problem for all tensors that reach over the end: usually the file was cut short.
void check_end(const std::vector<PlacedTensor>& tensors, uint64_t data_bytes,
               Diagnostics& problems) {
    const auto reaches_over = [&](const PlacedTensor& t) { return t.end > data_bytes; };
    const auto count = std::ranges::count_if(tensors, reaches_over);
    if (count == 0) {
        return;
    }
    const auto furthest = std::ranges::max_element(tensors, {}, &PlacedTensor::end);
    problems.error({},
                   "tensor " + in_quotes(furthest->entry->name) + " ends at byte " +
                       std::to_string(furthest->end) + " of the data, at most " +
                       std::to_string(data_bytes) + " was expected" +
                       (count > 1 ? " (as for " + std::to_string(count - 1) + " more)" : ""),
                   "the file may be cut short");
}

// The tensors, sorted by place, must cover the data without gap or overlap.
void check_cover(const std::vector<PlacedTensor>& tensors, uint64_t data_bytes,
                 Diagnostics& problems) {
    uint64_t covered = 0;
    const PlacedTensor* last = nullptr;
    for (const PlacedTensor& tensor : tensors) {
        if (tensor.begin > covered) {
            problems.error({}, "bytes " + std::to_string(covered) + " to " +
                                   std::to_string(tensor.begin) + " of the data, before tensor " +
                                   in_quotes(tensor.entry->name) +
                                   ", belong to no tensor, data without gaps was expected");
        } else if (tensor.begin < covered) {
            problems.error({}, "tensor " + in_quotes(tensor.entry->name) + " begins at byte " +
                                   std::to_string(tensor.begin) + " of the data, inside tensor " +
                                   in_quotes(last->entry->name) + ", " + std::to_string(covered) +
                                   " was expected");
        }
        if (tensor.end >= covered) {
            covered = tensor.end;
            last = &tensor;
        }
    }
    if (covered < data_bytes) {
        problems.error({}, "bytes " + std::to_string(covered) + " to " +
                               std::to_string(data_bytes) +
                               " of the data, at its end, belong to no tensor, data without gaps "
                               "was expected");
    }
}

CheckpointTensor to_checkpoint_tensor(const PlacedTensor& placed, std::string_view data) {
    CheckpointTensor tensor;
    tensor.name = placed.entry->name;
    tensor.dtype = *placed.entry->dtype;
    tensor.shape = signed_shape(*placed.entry->shape);
    if (placed.dtype->widens) {
        tensor.values = widen(*placed.dtype, data.substr(placed.begin, placed.end - placed.begin));
    }
    return tensor;
}

} // namespace

std::vector<CheckpointTensor> read_safetensors(const std::string& path, std::string_view bytes) {
    Diagnostics problems(SourceFile{path, ""});
    const std::optional<std::string_view> text = header_text(bytes, problems);
    problems.throw_if_any();
    const std::vector<SafetensorsEntry> entries = parse_safetensors_header(*text, problems);
    problems.throw_if_any();

    const std::string_view data = bytes.substr(kLengthBytes + text->size());
    std::vector<PlacedTensor> placed;
    size_t refused = 0;
    for (const SafetensorsEntry& entry : entries) {
        if (const std::optional<PlacedTensor> tensor = place(entry, problems)) {
            placed.push_back(*tensor);
        } else if (++refused == kMostSafetensorsProblems) {
            break;
        }
    }
    check_end(placed, data.size(), problems);
    problems.throw_if_any();
    std::ranges::sort(placed, [](const PlacedTensor& a, const PlacedTensor& b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    check_cover(placed, data.size(), problems);
    problems.throw_if_any();

    std::ranges::sort(placed, {}, [](const PlacedTensor& t) { return t.entry->name; });
    std::vector<CheckpointTensor> tensors;
    tensors.reserve(placed.size());
    for (const PlacedTensor& tensor : placed) {
        tensors.push_back(to_checkpoint_tensor(tensor, data));
    }
    return tensors;
}

} // namespace resnetc
