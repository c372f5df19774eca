#include "image.h"

#include <cstring>

namespace resnetc {
namespace {

bool starts_with(const uint8_t* bytes, size_t count, const char* magic, size_t length,
                 size_t at = 0) {
    return count >= at + length && memcmp(bytes + at, magic, length) == 0;
}

// "P1", "P4", "P7" and the like.
bool is_pnm(const uint8_t* bytes, size_t count, const char* digits) {
    return count >= 3 && bytes[0] == 'P' && bytes[1] != 0 && strchr(digits, bytes[1]) &&
           bytes[2] != 0 && strchr(" \t\n\v\f\r#", bytes[2]);
}

// Names formats that users are likely to try; NULL for anything else.
const char* foreign_format(const uint8_t* bytes, size_t count) {
    if (starts_with(bytes, count, "GIF8", 4))
        return "a GIF image";
    if (starts_with(bytes, count, "RIFF", 4) && starts_with(bytes, count, "WEBP", 4, 8))
        return "a WebP image";
    if (starts_with(bytes, count, "BM", 2))
        return "a BMP image";
    if (starts_with(bytes, count, "II*\0", 4) || starts_with(bytes, count, "MM\0*", 4))
        return "a TIFF image";
    if (starts_with(bytes, count, "ftyp", 4, 4))
        return "a HEIF, AVIF or MP4 file";
    if (starts_with(bytes, count, "\x93NUMPY", 6))
        return "a NumPy array (read with --npy)";
    if (starts_with(bytes, count, "jP  ", 4, 4))
        return "a JPEG 2000 image";
    if (starts_with(bytes, count, "JXL ", 4, 4) || starts_with(bytes, count, "\xff\x0a", 2))
        return "a JPEG XL image";
    if (is_pnm(bytes, count, "14"))
        return "a PBM bitmap";
    if (is_pnm(bytes, count, "7"))
        return "a PAM image";
    if (starts_with(bytes, count, "\x89PNG", 4))
        return "a PNG image whose first bytes are damaged (transferred as text?)";
    if (starts_with(bytes, count, "<", 1))
        return "text (HTML, XML or SVG)";
    return nullptr;
}

} // namespace

bool decode_image(const uint8_t* bytes, size_t count, Image& image, Error& error) {
    if (starts_with(bytes, count, "\xff\xd8\xff", 3))
        return decode_jpeg(bytes, count, image, error);
    if (starts_with(bytes, count, "\x89PNG\r\n\x1a\n", 8))
        return decode_png(bytes, count, image, error);
    if (is_pnm(bytes, count, "2356"))
        return decode_pnm(bytes, count, image, error);
    const char* expected = "expected a JPEG, PNG or PPM/PGM (P2, P3, P5, P6) image";
    if (const char* format = foreign_format(bytes, count))
        return fail(error, "is %s, %s", format, expected);
    return fail(error, "is not an image, %s", expected);
}

bool check_image_size(int64_t width, int64_t height, Error& error) {
    if (width < 1 || height < 1)
        return fail(error, "declares %lldx%lld pixels, expected at least 1x1",
                    static_cast<long long>(width), static_cast<long long>(height));
    if (width > kMaxImageSide || height > kMaxImageSide || width * height > kMaxImagePixels)
        return fail(error,
                    "declares %lldx%lld pixels, expected at most %lld in all and %lld a side",
                    static_cast<long long>(width), static_cast<long long>(height),
                    static_cast<long long>(kMaxImagePixels), static_cast<long long>(kMaxImageSide));
    return true;
}

bool allocate_image(int64_t width, int64_t height, Image& image, Error& error) {
    if (!check_image_size(width, height, error))
        return false;
    if (!image.pixels.resize(static_cast<size_t>(width * height * 3)))
        return fail(error, exit_model, "not enough memory for %lldx%lld pixels",
                    static_cast<long long>(width), static_cast<long long>(height));
    image.width = static_cast<int>(width);
    image.height = static_cast<int>(height);
    image.channels = 3;
    return true;
}

void convert_to_grey(Image& image) {
    size_t count = static_cast<size_t>(image.width) * static_cast<size_t>(image.height);
    const uint8_t* in = image.pixels.data;
    uint8_t* out = image.pixels.data;
    for (size_t i = 0; i < count; i++, in += 3) // in place: the output never overtakes the input
        *out++ =
            static_cast<uint8_t>((in[0] * 19595 + in[1] * 38470 + in[2] * 7471 + 0x8000) >> 16);
    image.channels = 1;
}

} // namespace resnetc
