// JPEG through libjpeg(-turbo): baseline, progressive and arithmetic; grey, YCbCr, RGB, CMYK, YCCK.
// The accurate integer DCT and the smooth chroma upsampling (the library's defaults) are what
// Pillow uses, so pixels are equal.

#include "image.h"

#include <csetjmp>
#include <cstdio>
#include <cstring>

#include <jpeglib.h>

namespace resnetc {
namespace {

// Real encoders write about ten. A file made of nothing but tiny scans costs the decoder a pass
// over the whole picture for each.
constexpr int kMaxScans = 100;

struct Decoder {
    jpeg_decompress_struct info;
    jpeg_error_mgr errors;
    jpeg_source_mgr source;
    jpeg_progress_mgr progress;
    jmp_buf jump;
    char error_text[JMSG_LENGTH_MAX];
    char warning_text[JMSG_LENGTH_MAX];
    bool truncated; // the data ended while more was needed
};

Decoder& decoder_of(j_common_ptr info) {
    return *static_cast<Decoder*>(info->client_data);
}

void on_error(j_common_ptr info) {
    Decoder& decoder = decoder_of(info);
    info->err->format_message(info, decoder.error_text);
    longjmp(decoder.jump, 1);
}

void on_message(j_common_ptr info, int level) {
    Decoder& decoder = decoder_of(info);
    if (level < 0 && decoder.warning_text[0] == 0)
        info->err->format_message(info, decoder.warning_text);
}

void on_progress(j_common_ptr info) {
    Decoder& decoder = decoder_of(info);
    if (decoder.info.input_scan_number <= kMaxScans)
        return;
    snprintf(decoder.error_text, sizeof decoder.error_text, "more than %d scans", kMaxScans);
    longjmp(decoder.jump, 1);
}

void do_nothing(j_decompress_ptr) {}

// The whole file is in the buffer, so asking for more means that it is cut short. As Pillow does,
// suspend rather than invent an end marker: then a picture is complete only if all its data was
// there.
boolean on_end_of_data(j_decompress_ptr info) {
    decoder_of(reinterpret_cast<j_common_ptr>(info)).truncated = true;
    return FALSE;
}

void skip_data(j_decompress_ptr info, long count) {
    if (count <= 0)
        return;
    size_t skipped = static_cast<size_t>(count);
    if (skipped > info->src->bytes_in_buffer)
        skipped = info->src->bytes_in_buffer;
    info->src->next_input_byte += skipped;
    info->src->bytes_in_buffer -= skipped;
}

void set_up(Decoder& decoder, const uint8_t* bytes, size_t count) {
    decoder.info.err = jpeg_std_error(&decoder.errors);
    decoder.errors.error_exit = on_error;
    decoder.errors.emit_message = on_message;
    decoder.info.client_data = &decoder;
    jpeg_create_decompress(&decoder.info);
    decoder.source.init_source = do_nothing;
    decoder.source.fill_input_buffer = on_end_of_data;
    decoder.source.skip_input_data = skip_data;
    decoder.source.resync_to_restart = jpeg_resync_to_restart;
    decoder.source.term_source = do_nothing;
    decoder.source.next_input_byte = bytes;
    decoder.source.bytes_in_buffer = count;
    decoder.info.src = &decoder.source;
    decoder.progress.progress_monitor = on_progress;
    decoder.info.progress = &decoder.progress;
}

// Whether `count` bytes can hold the declared picture: with Huffman coding every 8x8 block takes a
// bit or more. (Arithmetic coding has no such bound.) Keeps a few bytes from claiming gigabytes.
bool can_hold(const jpeg_decompress_struct& info, size_t count) {
    if (info.arith_code)
        return true;
    uint64_t blocks = 0;
    for (int i = 0; i < info.num_components; i++)
        blocks += uint64_t{info.comp_info[i].width_in_blocks} * info.comp_info[i].height_in_blocks;
    return blocks / 8 <= count;
}

void grey_to_rgb(const uint8_t* in, uint8_t* out, int width) {
    for (int x = 0; x < width; x++, out += 3)
        out[0] = out[1] = out[2] = in[x];
}

// (a * b + 127) / 255 for a, b in 0..255, as Pillow's MULDIV255.
int multiply_255(int a, int b) {
    int product = a * b + 128;
    return ((product >> 8) + product) >> 8;
}

// Inverted CMYK, as Adobe writes it and as Pillow assumes every CMYK JPEG to be.
void cmyk_to_rgb(const uint8_t* in, uint8_t* out, int width) {
    for (int x = 0; x < width; x++, in += 4, out += 3) {
        int light = in[3]; // 255 - black
        for (int c = 0; c < 3; c++)
            out[c] = static_cast<uint8_t>(light - multiply_255(255 - in[c], light));
    }
}

// Reads and checks everything before the pixels.
bool read_header(Decoder& decoder, size_t count, Image& image, Error& error) {
    jpeg_decompress_struct& info = decoder.info;
    if (jpeg_read_header(&info, TRUE) != JPEG_HEADER_OK)
        return fail(error, "truncated JPEG: the file ends inside the header");
    switch (info.num_components) {
    case 1:
        info.out_color_space = JCS_GRAYSCALE;
        break;
    case 3:
        info.out_color_space = JCS_RGB;
        break;
    case 4:
        info.out_color_space = JCS_CMYK;
        break;
    default:
        return fail(error, "JPEG with %d components, expected 1, 3 or 4", info.num_components);
    }
    if (!check_image_size(info.image_width, info.image_height, error))
        return false;
    if (!can_hold(info, count))
        return fail(error, "truncated JPEG: %zu bytes cannot hold %ux%u pixels", count,
                    info.image_width, info.image_height);
    return allocate_image(info.image_width, info.image_height, image, error);
}

// Runs between set-up and tear-down. The library reports errors by longjmp back into it, so it and
// what it calls own nothing that needs a destructor.
bool decode(Decoder& decoder, const uint8_t* bytes, size_t count, Image& image, Error& error) {
    if (setjmp(decoder.jump))
        return fail(error, "damaged JPEG: %s", decoder.error_text);
    set_up(decoder, bytes, count);
    if (!read_header(decoder, count, image, error))
        return false;
    jpeg_decompress_struct& info = decoder.info;
    if (!jpeg_start_decompress(&info)) // a progressive file is read to its end here
        return fail(error, "truncated JPEG: the file ends before the last scan");
    JSAMPARRAY line = info.mem->alloc_sarray(reinterpret_cast<j_common_ptr>(&info), JPOOL_IMAGE,
                                             info.output_width * 4, 1);
    while (info.output_scanline < info.output_height) {
        int y = static_cast<int>(info.output_scanline);
        if (jpeg_read_scanlines(&info, line, 1) != 1)
            return fail(error, "truncated JPEG: the file ends at line %d of %d", y, image.height);
        if (info.output_components == 3)
            memcpy(image.row(y), line[0], size_t{info.output_width} * 3);
        else if (info.output_components == 1)
            grey_to_rgb(line[0], image.row(y), image.width);
        else
            cmyk_to_rgb(line[0], image.row(y), image.width);
    }
    jpeg_finish_decompress(&info);
    return true;
}

} // namespace

bool decode_jpeg(const uint8_t* bytes, size_t count, Image& image, Error& error) {
    Decoder decoder;
    memset(&decoder, 0, sizeof decoder);
    bool ok = decode(decoder, bytes, count, image, error);
    jpeg_destroy_decompress(&decoder.info);
    if (ok && decoder.warning_text[0])
        snprintf(image.warning, sizeof image.warning, "%s", decoder.warning_text);
    else if (ok && decoder.truncated)
        snprintf(image.warning, sizeof image.warning, "the JPEG has no end marker");
    return ok;
}

} // namespace resnetc
