// The directory at the end of a zip archive. Included by zip.cpp only.
//
// In: the archive's bytes. Out: what the directory says about each entry, in 64 bits; nothing of it
// is compared with the entries themselves yet.
#pragma once

#include "diagnostics.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace resnetc {

struct ZipSizes {
    uint64_t size = 0;            // bytes of the entry's contents
    uint64_t compressed_size = 0; // bytes in the archive
    uint64_t offset = 0;          // of the local header in the archive
};

struct ZipDirectoryEntry {
    std::string_view name;
    ZipSizes sizes;
    uint32_t crc = 0;
    uint16_t flags = 0;
    uint16_t method = 0; // of compression; 0: stored
    uint16_t disk = 0;   // where the entry begins
};

struct ZipDirectory {
    uint64_t begin = 0; // offset in the archive
    std::vector<ZipDirectoryEntry> entries;
};

// The directory, which must lie at the end of `bytes`, with its end records right behind it. What
// is wrong goes to `problems`.
ZipDirectory read_zip_directory(std::string_view bytes, Diagnostics& problems);

// Replaces the sizes that are 0xffffffff by those of the zip64 field among a header's extra fields
// (4.5.3). Returns false if the extra fields are broken or lack a size that is needed.
bool apply_zip64_extra(std::string_view extra, ZipSizes& sizes);

} // namespace resnetc
