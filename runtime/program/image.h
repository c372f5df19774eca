// Decoding JPEG, PNG and PPM/PGM files to 8-bit RGB, with the pixels that Pillow's
// Image.open(file).convert("RGB") gives.
//
// Included by preprocess and by the three decoders. A file's bytes go in, an Image comes out. The
// kind of file is told by its content, never by its name.
#pragma once

#include "error.h"
#include "memory.h"

namespace resnetc {

// Limits on what a file may declare. The number of pixels is where Pillow refuses an image as a
// decompression bomb; the length of a side is libpng's.
constexpr int64_t kMaxImagePixels = 178956970;
constexpr int64_t kMaxImageSide = 1000000;

// Pixels in rows from the top, `channels` bytes a pixel (3: R,G,B; 1: luma), no gap between rows.
struct Image {
    int width = 0;
    int height = 0;
    int channels = 0;
    Array<uint8_t> pixels;
    // "" or what is wrong with a file all of whose pixels could be decoded.
    char warning[200] = "";

    uint8_t* row(int y) {
        return pixels.data +
               static_cast<size_t>(y) * static_cast<size_t>(width) * static_cast<size_t>(channels);
    }
    const uint8_t* row(int y) const { return const_cast<Image*>(this)->row(y); }
};

// Decodes a file of any of the formats. `image` always gets 3 channels. Errors: another or an
// unknown format, damaged or truncated data, sides or pixels over the limits, no memory.
// Where Pillow and this differ: 16-bit grey is reduced to its high byte (Pillow clips at 255);
// CRC errors in a PNG are errors.
bool decode_image(const uint8_t* bytes, size_t count, Image& image, Error& error);

// The formats, called by decode_image when the first bytes match.
bool decode_jpeg(const uint8_t* bytes, size_t count, Image& image, Error& error);
bool decode_png(const uint8_t* bytes, size_t count, Image& image, Error& error);
bool decode_pnm(const uint8_t* bytes, size_t count, Image& image, Error& error);

// For the decoders: checks the declared size against the limits, then allocates 3 channels.
bool check_image_size(int64_t width, int64_t height, Error& error);
bool allocate_image(int64_t width, int64_t height, Image& image, Error& error);

// Turns an RGB image into one channel of luma, as Pillow's convert("L") (ITU-R 601-2, 16-bit fixed
// point). Grey pixels keep their value.
void convert_to_grey(Image& image);

} // namespace resnetc
