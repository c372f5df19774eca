// Fuzz target: the stand-alone program's decoders of JPEG, PNG and PPM/PGM pictures.
#include "program/image.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>

#include <zlib.h>

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace {

constexpr size_t kPngSignature = 8; // bytes before the first chunk
constexpr size_t kPngChunk = 12;    // length, type and checksum of a chunk

uint32_t big_endian(const uint8_t* bytes) {
    return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

// Makes every chunk's checksum right, for otherwise no mutation got past the first one. `small`:
// and the declared sides less than 65536.
void repair_png(uint8_t* data, size_t size, bool small) {
    size_t at = kPngSignature;
    while (at + kPngChunk <= size) {
        const size_t length = big_endian(data + at);
        if (length > size - at - kPngChunk) {
            return;
        }
        if (small && length >= 8 && std::memcmp(data + at + 4, "IHDR", 4) == 0) {
            for (const size_t side : {at + 8, at + 12}) {
                data[side] = data[side + 1] = 0;
                data[side + 2] &= 3;
            }
        }
        const auto crc =
            static_cast<uint32_t>(crc32(0, data + at + 4, static_cast<uInt>(length + 4)));
        for (size_t i = 0; i < 4; i++) {
            data[at + 8 + length + i] = static_cast<uint8_t>(crc >> (24 - 8 * i));
        }
        at += kPngChunk + length;
    }
}

// Makes the sides that a JPEG's frame headers declare less than 1024.
void shrink_jpeg(uint8_t* data, size_t size) {
    for (size_t at = 0; at + 9 <= size; at++) {
        const bool frame = data[at] == 0xFF && (data[at + 1] & 0xF0) == 0xC0 &&
                           data[at + 1] != 0xC4 && data[at + 1] != 0xC8 && data[at + 1] != 0xCC;
        if (frame) {
            data[at + 5] &= 3;
            data[at + 7] &= 3;
        }
    }
}

} // namespace

// Large declared sides are as interesting as others but cost a thousand times as much to decode:
// one mutation in 64 may keep them.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
    size = LLVMFuzzerMutate(data, size, max_size);
    const bool small = std::minstd_rand(seed)() % 64 != 0;
    if (size >= kPngSignature && std::memcmp(data, "\x89PNG\r\n\x1a\n", kPngSignature) == 0) {
        repair_png(data, size, small);
    } else if (small && size >= 2 && data[0] == 0xFF && data[1] == 0xD8) {
        shrink_jpeg(data, size);
    }
    return size;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    resnetc::Image image;
    resnetc::Error error;
    if (!resnetc::decode_image(data, size, image, error)) {
        if (error.code == resnetc::exit_ok || error.text[0] == '\0') {
            std::abort();
        }
        return 0;
    }
    const size_t pixels = static_cast<size_t>(image.width) * static_cast<size_t>(image.height);
    if (image.channels != 3 || pixels == 0 || image.pixels.size != 3 * pixels) {
        std::abort();
    }
    resnetc::convert_to_grey(image);
    return 0;
}
