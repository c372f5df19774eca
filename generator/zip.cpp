#include "zip.h"

#include "diagnostics.h"
#include "little_endian.h"
#include "message_text.h"
#include "zip_directory.h"

#include <zlib.h>

#include <algorithm>
#include <optional>
#include <unordered_set>

namespace resnetc {
namespace {

constexpr size_t kMostProblems = 100;

constexpr uint32_t kLocalSignature = 0x04034b50;
constexpr size_t kLocalBytes = 30;
constexpr uint32_t kDescriptorSignature = 0x08074b50;

constexpr uint16_t kFlagEncrypted = 1;
constexpr uint16_t kFlagDescriptor = 8; // sizes and checksum stand behind the data
constexpr uint16_t kFlagUtf8 = 0x800;
constexpr uint16_t kKnownFlags = kFlagDescriptor | kFlagUtf8 | 6; // 6: speed of a compression

// An entry's bytes from its local header to its end, descriptor included.
struct Span {
    uint64_t begin = 0;
    uint64_t end = 0;
    std::string_view name;
    std::string_view data;
};

std::string entry_text(const ZipDirectoryEntry& entry) {
    return "entry " + in_quotes(entry.name);
}

// Checks what the directory says about one entry. Returns the problem, "" if there is none.
std::string problem_of(const ZipDirectoryEntry& entry) {
    if (entry.name.empty()) {
        return "the zip directory has an entry without a name, a name was expected";
    }
    if (entry.name.find('\0') != std::string_view::npos ||
        first_invalid_utf8(entry.name) != std::string_view::npos) {
        return entry_text(entry) + " has a name that is not UTF-8 text, which was expected";
    }
    if ((entry.flags & kFlagEncrypted) != 0) {
        return entry_text(entry) + " is encrypted, plain entries were expected";
    }
    if ((entry.flags & ~kKnownFlags) != 0) {
        return entry_text(entry) + " has flags " + std::to_string(entry.flags) +
               ", only 2, 4, 8 and 2048 were expected";
    }
    if (entry.disk != 0) {
        return entry_text(entry) + " lies on disk " + std::to_string(entry.disk) +
               ", archives of one file were expected";
    }
    return "";
}

// Whether a field of the local header agrees with the directory's. With a descriptor, the writer
// did not know it yet and may have left a zero.
bool agrees(uint64_t local, uint64_t directory, bool has_descriptor) {
    return local == directory || (has_descriptor && local == 0);
}

// Compares the local header, which lies at entry.offset in full, with the directory's entry.
std::string compare_local_header(const ZipDirectoryEntry& entry, std::string_view header,
                                 std::string_view name, std::string_view extra) {
    const auto differs = [&](const std::string& what) {
        return entry_text(entry) + ": the local header has another " + what +
               " than the directory, the same was expected";
    };
    if (name != entry.name) {
        return differs("name");
    }
    if (little_endian<uint16_t>(header, 6) != entry.flags) {
        return differs("set of flags");
    }
    if (little_endian<uint16_t>(header, 8) != entry.method) {
        return differs("method of compression");
    }
    const bool has_descriptor = (entry.flags & kFlagDescriptor) != 0;
    if (!agrees(little_endian<uint32_t>(header, 14), entry.crc, has_descriptor)) {
        return differs("checksum");
    }
    ZipSizes sizes = {little_endian<uint32_t>(header, 22), little_endian<uint32_t>(header, 18), 0};
    if (!apply_zip64_extra(extra, sizes)) {
        return entry_text(entry) + ": the local header has a broken zip64 field, the sizes in 64 "
                                   "bits were expected";
    }
    if (!agrees(sizes.size, entry.sizes.size, has_descriptor) ||
        !agrees(sizes.compressed_size, entry.sizes.compressed_size, has_descriptor)) {
        return differs("size");
    }
    return "";
}

// Bytes of the data descriptor at the beginning of `rest` (4.3.9), or nullopt if there is none that
// agrees with the directory.
std::optional<uint64_t> descriptor_bytes(const ZipDirectoryEntry& entry, std::string_view rest) {
    constexpr size_t narrow = 16;
    constexpr size_t wide = 24;
    if (rest.size() < narrow || little_endian<uint32_t>(rest, 0) != kDescriptorSignature ||
        little_endian<uint32_t>(rest, 4) != entry.crc) {
        return std::nullopt;
    }
    if (little_endian<uint32_t>(rest, 8) == entry.sizes.compressed_size &&
        little_endian<uint32_t>(rest, 12) == entry.sizes.size) {
        return narrow;
    }
    if (rest.size() >= wide && little_endian<uint64_t>(rest, 8) == entry.sizes.compressed_size &&
        little_endian<uint64_t>(rest, 16) == entry.sizes.size) {
        return wide;
    }
    return std::nullopt;
}

// Finds the entry's data among the first `end` bytes, which are all before the directory.
std::string locate(const ZipDirectoryEntry& entry, std::string_view bytes, uint64_t end,
                   Span& span) {
    std::string outside = entry_text(entry) + " reaches over byte " + std::to_string(end) +
                          ", where the zip directory begins, it was expected to end before";
    if (entry.sizes.offset > end || end - entry.sizes.offset < kLocalBytes) {
        return outside;
    }
    const std::string_view header = bytes.substr(entry.sizes.offset, end - entry.sizes.offset);
    if (little_endian<uint32_t>(header, 0) != kLocalSignature) {
        return entry_text(entry) + ": byte " + std::to_string(entry.sizes.offset) +
               " begins no local header, one was expected there";
    }
    const size_t name_bytes = little_endian<uint16_t>(header, 26);
    const size_t extra_bytes = little_endian<uint16_t>(header, 28);
    const size_t header_bytes = kLocalBytes + name_bytes + extra_bytes;
    if (header.size() < header_bytes || header.size() - header_bytes < entry.sizes.size) {
        return outside;
    }
    std::string problem =
        compare_local_header(entry, header, header.substr(kLocalBytes, name_bytes),
                             header.substr(kLocalBytes + name_bytes, extra_bytes));
    if (!problem.empty()) {
        return problem;
    }
    uint64_t length = header_bytes + entry.sizes.size;
    if ((entry.flags & kFlagDescriptor) != 0) {
        const std::optional<uint64_t> behind = descriptor_bytes(entry, header.substr(length));
        if (!behind) {
            return entry_text(entry) + ": no data descriptor that agrees with the directory "
                                       "follows the data, one was expected";
        }
        length += *behind;
    }
    span = {entry.sizes.offset, entry.sizes.offset + length, entry.name,
            header.substr(header_bytes, entry.sizes.size)};
    return "";
}

// Everything about one stored entry that can be checked without the others.
std::string read_entry(const ZipDirectoryEntry& entry, std::string_view bytes, uint64_t end,
                       Span& span) {
    if (entry.sizes.compressed_size != entry.sizes.size) {
        return entry_text(entry) + " is stored in " + std::to_string(entry.sizes.compressed_size) +
               " bytes but has " + std::to_string(entry.sizes.size) +
               ", the same number was expected";
    }
    std::string problem = locate(entry, bytes, end, span);
    if (!problem.empty()) {
        return problem;
    }
    const auto crc = static_cast<uint32_t>(
        crc32_z(0, reinterpret_cast<const unsigned char*>(span.data.data()), span.data.size()));
    return crc == entry.crc
               ? ""
               : entry_text(entry) + " is damaged: its checksum (CRC-32) is not the one expected";
}

// Reports the entries that are compressed, usually all of them, as one problem. Returns the number
// of problems.
size_t check_methods(const std::vector<ZipDirectoryEntry>& entries, const std::string& hint,
                     Diagnostics& problems) {
    const auto compressed = [](const ZipDirectoryEntry& entry) { return entry.method != 0; };
    const auto count = std::ranges::count_if(entries, compressed);
    if (count == 0) {
        return 0;
    }
    problems.error({},
                   entry_text(*std::ranges::find_if(entries, compressed)) +
                       (count > 1 ? " (and " + std::to_string(count - 1) + " more)" : "") +
                       " is compressed, stored entries were expected",
                   hint);
    return 1;
}

void check_overlaps(std::vector<Span> spans, Diagnostics& problems) {
    std::ranges::sort(spans, {}, &Span::begin);
    for (size_t i = 1; i < spans.size(); ++i) {
        if (spans[i].begin < spans[i - 1].end) {
            problems.error({}, "entries " + in_quotes(spans[i - 1].name) + " and " +
                                   in_quotes(spans[i].name) +
                                   " overlap, separate bytes were expected");
            return;
        }
    }
}

} // namespace

std::vector<ZipEntry> read_zip(const std::string& path, std::string_view bytes,
                               const std::string& compressed_hint) {
    Diagnostics problems(SourceFile{path, ""});
    const ZipDirectory directory = read_zip_directory(bytes, problems);
    problems.throw_if_any();

    std::vector<Span> spans;
    std::unordered_set<std::string_view> names;
    size_t refused = check_methods(directory.entries, compressed_hint, problems);
    for (const ZipDirectoryEntry& entry : directory.entries) {
        Span span;
        std::string problem = problem_of(entry);
        if (problem.empty() && entry.method != 0) {
            continue;
        }
        if (problem.empty() && !names.insert(entry.name).second) {
            problem = entry_text(entry) + " occurs twice, distinct names were expected";
        }
        if (problem.empty()) {
            problem = read_entry(entry, bytes, directory.begin, span);
        }
        if (problem.empty()) {
            spans.push_back(span);
            continue;
        }
        problems.error({}, problem);
        if (++refused == kMostProblems) {
            break;
        }
    }
    check_overlaps(spans, problems);
    problems.throw_if_any();

    std::vector<ZipEntry> entries;
    entries.reserve(spans.size());
    for (const Span& span : spans) {
        entries.push_back({span.name, span.data});
    }
    return entries;
}

std::string_view first_zip_entry(std::string_view bytes) {
    if (bytes.size() < kLocalBytes || little_endian<uint32_t>(bytes, 0) != kLocalSignature) {
        return "";
    }
    return bytes.substr(kLocalBytes, little_endian<uint16_t>(bytes, 26));
}

} // namespace resnetc
