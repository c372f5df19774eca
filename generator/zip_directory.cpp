#include "zip_directory.h"

#include "little_endian.h"

#include <limits>
#include <optional>
#include <string>

namespace resnetc {
namespace {

constexpr uint32_t kEndSignature = 0x06054b50;
constexpr size_t kEndBytes = 22;
constexpr uint32_t kZip64LocatorSignature = 0x07064b50;
constexpr size_t kZip64LocatorBytes = 20;
constexpr uint32_t kZip64EndSignature = 0x06064b50;
constexpr size_t kZip64EndBytes = 56;
constexpr uint32_t kEntrySignature = 0x02014b50;
constexpr size_t kEntryBytes = 46;
constexpr uint16_t kZip64Field = 1; // among extra fields

constexpr uint32_t kIn64Bits = std::numeric_limits<uint32_t>::max(); // "see the zip64 field"
constexpr uint16_t kCountIn64Bits = std::numeric_limits<uint16_t>::max();

constexpr const char* kNoEnd =
    "the file does not end with the end record of a zip directory, which was expected";

// What the end records say.
struct EndRecord {
    uint64_t position = 0; // of the first of them
    uint64_t count = 0;    // entries
    uint64_t size = 0;     // bytes of the directory
    uint64_t offset = 0;   // of the directory
};

// The zip64 end record and its locator (4.3.14, 4.3.15), which stand before the end record `end`.
// Fields of the latter must be the same, or say that they are here.
std::string read_zip64_end(std::string_view bytes, EndRecord& end) {
    const uint64_t locator = end.position - kZip64LocatorBytes;
    const auto record = little_endian<uint64_t>(bytes, locator + 8);
    if (little_endian<uint32_t>(bytes, locator + 4) != 0 ||
        little_endian<uint32_t>(bytes, locator + 16) > 1) {
        return "the zip archive has several parts, one file was expected";
    }
    if (locator < kZip64EndBytes || record != locator - kZip64EndBytes ||
        little_endian<uint32_t>(bytes, record) != kZip64EndSignature ||
        little_endian<uint64_t>(bytes, record + 4) != kZip64EndBytes - 12) {
        return "the zip64 end record does not stand right before its locator, as was expected";
    }
    const EndRecord wide = {record, little_endian<uint64_t>(bytes, record + 32),
                            little_endian<uint64_t>(bytes, record + 40),
                            little_endian<uint64_t>(bytes, record + 48)};
    if (little_endian<uint32_t>(bytes, record + 16) != 0 ||
        little_endian<uint32_t>(bytes, record + 20) != 0 ||
        little_endian<uint64_t>(bytes, record + 24) != wide.count) {
        return "the zip archive has several parts, one file was expected";
    }
    if ((end.count != kCountIn64Bits && end.count != wide.count) ||
        (end.size != kIn64Bits && end.size != wide.size) ||
        (end.offset != kIn64Bits && end.offset != wide.offset)) {
        return "the zip64 end record and the end record differ, the same was expected";
    }
    end = wide;
    return "";
}

std::string read_end(std::string_view bytes, EndRecord& end) {
    const uint64_t position = bytes.size() < kEndBytes ? 0 : bytes.size() - kEndBytes;
    if (bytes.size() < kEndBytes || little_endian<uint32_t>(bytes, position) != kEndSignature ||
        little_endian<uint16_t>(bytes, position + 20) != 0) {
        return kNoEnd;
    }
    if (little_endian<uint32_t>(bytes, position + 4) != 0 ||
        little_endian<uint16_t>(bytes, position + 8) !=
            little_endian<uint16_t>(bytes, position + 10)) {
        return "the zip archive has several parts, one file was expected";
    }
    end = {position, little_endian<uint16_t>(bytes, position + 10),
           little_endian<uint32_t>(bytes, position + 12),
           little_endian<uint32_t>(bytes, position + 16)};
    if (position >= kZip64LocatorBytes &&
        little_endian<uint32_t>(bytes, position - kZip64LocatorBytes) == kZip64LocatorSignature) {
        return read_zip64_end(bytes, end);
    }
    return "";
}

// The entry at the beginning of `rest`, which is cut off from it; "" or the problem.
std::string read_entry(std::string_view& rest, ZipDirectoryEntry& entry) {
    if (rest.size() < kEntryBytes || little_endian<uint32_t>(rest, 0) != kEntrySignature) {
        return "begins no entry, one was expected there";
    }
    const size_t name_bytes = little_endian<uint16_t>(rest, 28);
    const size_t extra_bytes = little_endian<uint16_t>(rest, 30);
    const size_t all_bytes =
        kEntryBytes + name_bytes + extra_bytes + little_endian<uint16_t>(rest, 32);
    if (rest.size() < all_bytes) {
        return "begins an entry that reaches over the directory's end, which was expected after it";
    }
    entry.flags = little_endian<uint16_t>(rest, 8);
    entry.method = little_endian<uint16_t>(rest, 10);
    entry.crc = little_endian<uint32_t>(rest, 16);
    entry.disk = little_endian<uint16_t>(rest, 34);
    entry.sizes = {little_endian<uint32_t>(rest, 24), little_endian<uint32_t>(rest, 20),
                   little_endian<uint32_t>(rest, 42)};
    entry.name = rest.substr(kEntryBytes, name_bytes);
    if (!apply_zip64_extra(rest.substr(kEntryBytes + name_bytes, extra_bytes), entry.sizes)) {
        return "has a broken zip64 field, sizes and offset in 64 bits were expected";
    }
    rest.remove_prefix(all_bytes);
    return "";
}

} // namespace

bool apply_zip64_extra(std::string_view extra, ZipSizes& sizes) {
    std::optional<std::string_view> field;
    while (!extra.empty()) {
        if (extra.size() < 4 || extra.size() - 4 < little_endian<uint16_t>(extra, 2)) {
            return false;
        }
        const size_t length = little_endian<uint16_t>(extra, 2);
        if (little_endian<uint16_t>(extra, 0) == kZip64Field) {
            if (field) {
                return false;
            }
            field = extra.substr(4, length);
        }
        extra.remove_prefix(4 + length);
    }
    for (uint64_t* value : {&sizes.size, &sizes.compressed_size, &sizes.offset}) {
        if (*value != kIn64Bits) {
            continue;
        }
        if (!field || field->size() < sizeof(uint64_t)) {
            return false;
        }
        *value = little_endian<uint64_t>(*field, 0);
        field->remove_prefix(sizeof(uint64_t));
    }
    return true;
}

ZipDirectory read_zip_directory(std::string_view bytes, Diagnostics& problems) {
    ZipDirectory directory;
    EndRecord end;
    const std::string problem = read_end(bytes, end);
    if (!problem.empty()) {
        problems.error({}, problem, problem == kNoEnd ? "the file may have been cut short" : "");
        return directory;
    }
    if (end.offset > end.position || end.size != end.position - end.offset) {
        problems.error({}, "the zip directory is said to have " + std::to_string(end.size) +
                               " bytes from byte " + std::to_string(end.offset) +
                               ", its end was expected at byte " + std::to_string(end.position));
        return directory;
    }
    directory.begin = end.offset;
    std::string_view rest = bytes.substr(end.offset, end.size);
    while (!rest.empty()) {
        const size_t at = end.position - rest.size();
        ZipDirectoryEntry entry;
        const std::string wrong = read_entry(rest, entry);
        if (!wrong.empty()) {
            problems.error({}, "byte " + std::to_string(at) + " of the zip directory " + wrong);
            return directory;
        }
        directory.entries.push_back(entry);
    }
    if (directory.entries.size() != end.count) {
        problems.error({}, "the zip directory has " + std::to_string(directory.entries.size()) +
                               " entries, " + std::to_string(end.count) + " were expected");
    }
    return directory;
}

} // namespace resnetc
