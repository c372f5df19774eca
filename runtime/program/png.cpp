// PNG through libpng: every bit depth and colour type, interlaced or not. Alpha is dropped, 16-bit
// samples are reduced to their high byte, gamma and colour profiles are ignored, as Pillow does.

#include "image.h"

#include <csetjmp>
#include <cstdio>
#include <cstring>

#include <png.h>

namespace resnetc {
namespace {

struct Decoder {
    png_structp png;
    png_infop info;
    jmp_buf jump;
    char error_text[160];
    const uint8_t* next;
    size_t left;
    bool truncated;   // the data ended while more was needed
    bool pixels_read; // what goes wrong from here on costs no pixel
};

[[noreturn]] void on_error(png_structp png, png_const_charp text) {
    Decoder& decoder = *static_cast<Decoder*>(png_get_error_ptr(png));
    snprintf(decoder.error_text, sizeof decoder.error_text, "%s", text);
    longjmp(decoder.jump, 1);
}

// libpng warns about colour profiles and the like, which do not matter here.
void on_warning(png_structp, png_const_charp) {}

void read_data(png_structp png, png_bytep out, size_t count) {
    Decoder& decoder = *static_cast<Decoder*>(png_get_io_ptr(png));
    if (count > decoder.left) {
        decoder.truncated = true;
        png_error(png, "unexpected end of file");
    }
    memcpy(out, decoder.next, count);
    decoder.next += count;
    decoder.left -= count;
}

// Whether `count` bytes can inflate to the declared picture: deflate gains a factor of at most
// 1032 (zlib's documentation). Keeps a few bytes from claiming gigabytes.
bool can_hold(uint64_t pixels, uint64_t bits_per_pixel, size_t count) {
    return pixels * bits_per_pixel / 8 <= 1032 * uint64_t{count};
}

bool read_header(Decoder& decoder, size_t count, Image& image, Error& error) {
    // Of the ancillary chunks only tRNS is looked at (and dropped): no profile is decompressed.
    png_set_keep_unknown_chunks(decoder.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_read_info(decoder.png, decoder.info);
    uint32_t width = png_get_image_width(decoder.png, decoder.info);
    uint32_t height = png_get_image_height(decoder.png, decoder.info);
    unsigned bits = unsigned{png_get_bit_depth(decoder.png, decoder.info)} *
                    png_get_channels(decoder.png, decoder.info);
    if (!check_image_size(width, height, error))
        return false;
    if (!can_hold(uint64_t{width} * height, bits, count))
        return fail(error, "truncated PNG: %zu bytes cannot hold %ux%u pixels", count, width,
                    height);
    return allocate_image(width, height, image, error);
}

void ask_for_rgb(Decoder& decoder) {
    png_set_palette_to_rgb(decoder.png);
    png_set_expand_gray_1_2_4_to_8(decoder.png);
    png_set_gray_to_rgb(decoder.png);
    png_set_strip_16(decoder.png);
    png_set_strip_alpha(decoder.png);
}

// Runs between set-up and tear-down. libpng reports errors by longjmp back into it, so it and what
// it calls own nothing that needs a destructor.
bool decode(Decoder& decoder, size_t count, Image& image, Error& error) {
    if (setjmp(decoder.jump)) {
        if (decoder.pixels_read)
            return true;
        if (decoder.truncated)
            return fail(error, "truncated PNG: the file ends before the last line");
        return fail(error, "damaged PNG: %s", decoder.error_text);
    }
    decoder.info = png_create_info_struct(decoder.png);
    if (!decoder.info)
        return fail(error, exit_model, "not enough memory for the PNG decoder");
    png_set_read_fn(decoder.png, &decoder, read_data);
    if (!read_header(decoder, count, image, error))
        return false;
    ask_for_rgb(decoder);
    int passes = png_set_interlace_handling(decoder.png);
    png_read_update_info(decoder.png, decoder.info);
    if (png_get_rowbytes(decoder.png, decoder.info) != static_cast<size_t>(image.width) * 3)
        return fail(error, exit_model, "libpng did not convert the image to RGB");
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < image.height; y++)
            png_read_row(decoder.png, image.row(y), nullptr);
    decoder.pixels_read = true;
    png_read_end(decoder.png, nullptr);
    return true;
}

} // namespace

bool decode_png(const uint8_t* bytes, size_t count, Image& image, Error& error) {
    Decoder decoder;
    memset(&decoder, 0, sizeof decoder);
    decoder.next = bytes;
    decoder.left = count;
    decoder.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder, on_error, on_warning);
    if (!decoder.png)
        return fail(error, exit_model, "not enough memory for the PNG decoder");
    bool ok = decode(decoder, count, image, error);
    png_destroy_read_struct(&decoder.png, &decoder.info, nullptr);
    if (ok && decoder.error_text[0])
        snprintf(image.warning, sizeof image.warning, "the PNG is damaged after its last line: %s",
                 decoder.error_text);
    return ok;
}

} // namespace resnetc
