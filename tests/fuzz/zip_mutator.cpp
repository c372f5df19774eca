#include "zip_mutator.h"

#include "diagnostics.h"
#include "zip.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <zlib.h>

namespace resnetc_fuzz {
namespace {

struct Entry {
    std::string name;
    std::string data;
};

std::vector<Entry> unpack(const uint8_t* data, size_t size) {
    std::vector<Entry> entries;
    try {
        const std::string_view bytes(reinterpret_cast<const char*>(data), size);
        for (const resnetc::ZipEntry& entry : resnetc::read_zip("a.zip", bytes, "")) {
            entries.push_back({std::string(entry.name), std::string(entry.data)});
        }
    } catch (const resnetc::DiagnosticError&) {
        entries.clear();
    }
    return entries;
}

void put(std::string& bytes, uint64_t value, int count) {
    for (int i = 0; i < count; ++i) {
        bytes += static_cast<char>(value >> (8 * i));
    }
}

// The fields that local headers and the directory share (APPNOTE.TXT 4.3.7 and 4.3.12, from
// "version needed" to "extra field length"): stored, UTF-8 names, no time.
void put_fields(std::string& bytes, const Entry& entry) {
    const uLong crc = crc32(0, reinterpret_cast<const Bytef*>(entry.data.data()),
                            static_cast<uInt>(entry.data.size()));
    put(bytes, 20, 2);
    put(bytes, 0x800, 2);
    put(bytes, 0, 2);
    put(bytes, 0x210000, 4);
    put(bytes, crc, 4);
    put(bytes, entry.data.size(), 4);
    put(bytes, entry.data.size(), 4);
    put(bytes, entry.name.size(), 2);
    put(bytes, 0, 2);
}

std::string pack(const std::vector<Entry>& entries) {
    std::string bytes;
    std::string directory;
    for (const Entry& entry : entries) {
        put(directory, 0x02014B50, 4);
        put(directory, 20, 2);
        put_fields(directory, entry);
        put(directory, 0, 6); // comment, disk, internal attributes
        put(directory, 0, 4); // external attributes
        put(directory, bytes.size(), 4);
        directory += entry.name;
        put(bytes, 0x04034B50, 4);
        put_fields(bytes, entry);
        bytes += entry.name + entry.data;
    }
    const size_t offset = bytes.size();
    bytes += directory;
    put(bytes, 0x06054B50, 4);
    put(bytes, 0, 4);
    put(bytes, entries.size(), 2);
    put(bytes, entries.size(), 2);
    put(bytes, directory.size(), 4);
    put(bytes, offset, 4);
    put(bytes, 0, 2);
    return bytes;
}

// Mutates a text; it grows by at most `room` bytes.
void mutate(std::string& text, size_t room) {
    const size_t size = text.size();
    text.resize(size + room);
    text.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(text.data()), size, size + room));
}

} // namespace

size_t mutate_zip(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
    std::minstd_rand random(seed);
    std::vector<Entry> entries;
    if (random() % 4 != 0) {
        entries = unpack(data, size);
    }
    const std::string before = pack(entries);
    if (entries.empty() || before.size() >= max_size) {
        return LLVMFuzzerMutate(data, size, max_size);
    }
    const size_t chosen = random() % entries.size();
    const size_t room = (max_size - before.size()) / 2; // a name is written twice
    switch (random() % 16) {
    case 0:
        mutate(entries[chosen].name, std::min<size_t>(room, 64));
        break;
    case 1:
        entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(chosen));
        break;
    default:
        mutate(entries[chosen].data, room);
    }
    const std::string after = pack(entries);
    if (after.size() > max_size) {
        return LLVMFuzzerMutate(data, size, max_size);
    }
    std::memcpy(data, after.data(), after.size());
    return after.size();
}

} // namespace resnetc_fuzz
