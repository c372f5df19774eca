// The encoders of support.h: libjpeg and libpng write what the program has to read.
#include "support.h"

#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>
#include <png.h>

namespace resnetc_test {
namespace {

// One scan for the DC of all components, then one for each AC coefficient of each: valid, and more
// than any real encoder writes.
std::vector<jpeg_scan_info> scans_of_one_coefficient(int components) {
    std::vector<jpeg_scan_info> scans(1);
    scans[0].comps_in_scan = components;
    for (int c = 0; c < components; c++)
        scans[0].component_index[c] = c;
    for (int c = 0; c < components; c++) {
        for (int k = 1; k < 64; k++) {
            jpeg_scan_info scan{};
            scan.comps_in_scan = 1;
            scan.component_index[0] = c;
            scan.Ss = scan.Se = k;
            scans.push_back(scan);
        }
    }
    return scans;
}

// The samples of one pixel as the JPEG's input colour space has them.
void put_pixel(const uint8_t* rgb, int components, Bytes& line) {
    if (components == 1) {
        line.push_back(rgb[0]);
    } else if (components == 2) {
        line.insert(line.end(), rgb, rgb + 2);
    } else {
        line.insert(line.end(), rgb, rgb + 3); // as inverted CMY where there are four
        if (components == 4)
            line.push_back(255);
    }
}

} // namespace

Bytes jpeg(const Picture& picture, Jpeg kind) {
    jpeg_compress_struct info;
    jpeg_error_mgr errors;
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    unsigned char* out = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &out, &size);
    info.image_width = static_cast<JDIMENSION>(picture.width);
    info.image_height = static_cast<JDIMENSION>(picture.height);
    const bool four = kind == Jpeg::cmyk || kind == Jpeg::ycck;
    info.input_components = kind == Jpeg::grey             ? 1
                            : kind == Jpeg::two_components ? 2
                            : four                         ? 4
                                                           : 3;
    info.in_color_space = kind == Jpeg::grey             ? JCS_GRAYSCALE
                          : kind == Jpeg::two_components ? JCS_UNKNOWN
                          : four                         ? JCS_CMYK
                                                         : JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, 95, TRUE);
    if (kind == Jpeg::ycck)
        jpeg_set_colorspace(&info, JCS_YCCK);
    if (kind == Jpeg::progressive)
        jpeg_simple_progression(&info);
    std::vector<jpeg_scan_info> scans = scans_of_one_coefficient(3);
    if (kind == Jpeg::many_scans) {
        info.scan_info = scans.data();
        info.num_scans = static_cast<int>(scans.size());
    }
    jpeg_start_compress(&info, TRUE);
    for (int y = 0; y < picture.height; y++) {
        Bytes line;
        for (int x = 0; x < picture.width; x++)
            put_pixel(&picture.rgb[static_cast<size_t>(y * picture.width + x) * 3],
                      info.input_components, line);
        JSAMPROW row = line.data();
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    Bytes bytes(out, out + size);
    free(out);
    return bytes;
}

Bytes png(const Picture& picture, bool interlaced, int bits, bool alpha) {
    Bytes bytes;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(
        png, &bytes,
        [](png_structp writer, png_bytep data, size_t count) {
            auto* target = static_cast<Bytes*>(png_get_io_ptr(writer));
            target->insert(target->end(), data, data + count);
        },
        [](png_structp) {});
    png_set_IHDR(png, info, static_cast<png_uint_32>(picture.width),
                 static_cast<png_uint_32>(picture.height), bits,
                 alpha ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB,
                 interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    std::vector<Bytes> lines(static_cast<size_t>(picture.height));
    std::vector<png_bytep> rows;
    for (size_t i = 0; i < picture.rgb.size(); i++) {
        Bytes& line = lines[i / 3 / static_cast<size_t>(picture.width)];
        line.insert(line.end(), bits == 16 ? 2 : 1, picture.rgb[i]);
        if (alpha && i % 3 == 2)
            line.insert(line.end(), bits == 16 ? 2 : 1, uint8_t{128});
    }
    for (Bytes& line : lines)
        rows.push_back(line.data());
    png_write_image(png, rows.data());
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return bytes;
}

} // namespace resnetc_test
