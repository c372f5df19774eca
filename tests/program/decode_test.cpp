// Decoding: pixels of well-formed files, the exact messages for malformed ones, and every
// truncation and single-bit flip of one small file per format. compare_pillow.py does pixels of
// more kinds.
#include "support.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

using namespace resnetc_test;
using resnetc::Image;

namespace {

Bytes pixels_of(const Bytes& file) {
    Image image;
    CHECK(decode(file, image) == "");
    CHECK(image.channels == 3);
    return {image.pixels.data, image.pixels.data + image.pixels.size};
}

std::string error_of(const Bytes& file) {
    Image image;
    std::string text = decode(file, image);
    CHECK(text != "");
    return text;
}

std::string error_of(const std::string& file) {
    return error_of(text_bytes(file));
}

// Position just after the marker 0xFF `marker` of a JPEG.
size_t after_marker(const Bytes& file, uint8_t marker) {
    for (size_t i = 0; i + 1 < file.size(); i++)
        if (file[i] == 0xFF && file[i + 1] == marker)
            return i + 2;
    FAIL("no such marker");
    return 0;
}

void set_jpeg_size(Bytes& file, int width, int height) {
    size_t at = after_marker(file, 0xC0) + 3;
    for (int value : {height >> 8, height & 0xFF, width >> 8, width & 0xFF})
        file[at++] = static_cast<uint8_t>(value);
}

int largest_difference(const Bytes& a, const Bytes& b) {
    REQUIRE(a.size() == b.size());
    int worst = 0;
    for (size_t i = 0; i < a.size(); i++)
        worst = std::max(worst, std::abs(int{a[i]} - int{b[i]}));
    return worst;
}

// Every prefix and every flipped bit ends in pixels or a message.
void survive_damage(const Bytes& file) {
    for (size_t length = 0; length < file.size(); length++) {
        Image image;
        Bytes cut(file.begin(), file.begin() + static_cast<long>(length));
        if (decode(cut, image) == "" && image.warning[0] == 0)
            FAIL("cut to " << length << " of " << file.size() << " bytes and not noticed");
    }
    for (size_t bit = 0; bit < file.size() * 8; bit++) {
        Image image;
        Bytes flipped = file;
        flipped[bit / 8] = static_cast<uint8_t>(flipped[bit / 8] ^ (1 << bit % 8));
        if (decode(flipped, image) == "")
            CHECK(image.pixels.size == static_cast<size_t>(image.width * image.height * 3));
    }
}

} // namespace

TEST_CASE("lossless formats give their pixels back", "[program]") {
    const Picture picture = pattern(23, 17);
    CHECK(pixels_of(ppm(picture)) == picture.rgb);
    for (bool interlaced : {false, true})
        for (int bits : {8, 16})
            for (bool alpha : {false, true})
                CHECK(pixels_of(png(picture, interlaced, bits, alpha)) == picture.rgb);
}

TEST_CASE("JPEGs of every kind decode to nearly what was encoded", "[program]") {
    const Picture picture = plain(33, 18, 200, 100, 50);
    CHECK(largest_difference(pixels_of(jpeg(picture, Jpeg::baseline)), picture.rgb) <= 2);
    CHECK(largest_difference(pixels_of(jpeg(picture, Jpeg::progressive)), picture.rgb) <= 2);
    CHECK(largest_difference(pixels_of(jpeg(picture, Jpeg::cmyk)), picture.rgb) <= 2);
    CHECK(largest_difference(pixels_of(jpeg(picture, Jpeg::ycck)), picture.rgb) <= 2);
    const Picture grey = plain(33, 18, 200, 200, 200);
    CHECK(largest_difference(pixels_of(jpeg(grey, Jpeg::grey)), grey.rgb) <= 1);
}

TEST_CASE("PNM pixels are scaled as Pillow scales them", "[program]") {
    CHECK(pixels_of(text_bytes("P2\n# grey\n3 1 4\n0 1 4\n")) ==
          Bytes{0, 0, 0, 64, 64, 64, 255, 255, 255});
    CHECK(pixels_of(text_bytes("P3 1 2 255 1 2 3#end\n4 5 6")) == Bytes{1, 2, 3, 4, 5, 6});
    CHECK(pixels_of(text_bytes("P5 2 1 100\n\x64\xC8")) == Bytes{255, 255, 255, 255, 255, 255});
    // 16-bit: 0x8000 / 65535 * 255 = 127.502
    Bytes wide = text_bytes("P6 1 1 65535\n");
    for (int byte : {0x80, 0, 0xFF, 0xFF, 0, 0x80})
        wide.push_back(static_cast<uint8_t>(byte));
    CHECK(pixels_of(wide) == Bytes{128, 255, 0});
}

TEST_CASE("luma is Pillow's", "[program]") {
    Image image;
    REQUIRE(decode(text_bytes("P3 4 1 255 255 0 0 0 255 0 0 0 255 9 9 9"), image) == "");
    convert_to_grey(image);
    CHECK(image.channels == 1);
    CHECK(Bytes(image.row(0), image.row(0) + 4) == Bytes{76, 150, 29, 9});
}

TEST_CASE("other files are named", "[program]") {
    const std::string expected = ", expected a JPEG, PNG or PPM/PGM (P2, P3, P5, P6) image";
    CHECK(error_of("hello") == "is not an image" + expected);
    CHECK(error_of("P") == "is not an image" + expected);
    CHECK(error_of("P6x") == "is not an image" + expected);
    CHECK(error_of("GIF89a..") == "is a GIF image" + expected);
    CHECK(error_of("RIFF....WEBPVP8 ") == "is a WebP image" + expected);
    CHECK(error_of("BM......") == "is a BMP image" + expected);
    CHECK(error_of(std::string("II*\0....", 8)) == "is a TIFF image" + expected);
    CHECK(error_of(std::string("MM\0*....", 8)) == "is a TIFF image" + expected);
    CHECK(error_of("....ftypheic") == "is a HEIF, AVIF or MP4 file" + expected);
    CHECK(error_of("\x93NUMPY\x01") == "is a NumPy array (read with --npy)" + expected);
    CHECK(error_of("P4\n1 1\n1") == "is a PBM bitmap" + expected);
}

TEST_CASE("malformed PNM files", "[program]") {
    CHECK(error_of("P6 ") == "truncated PNM: the file ends before the width");
    CHECK(error_of("P6 2") == "truncated PNM: the file ends before the height");
    CHECK(error_of("P6 2 2 # c") == "truncated PNM: the file ends before the maximum value");
    CHECK(error_of("P6 two 2 255\n") == "damaged PNM: expected a number for the width");
    CHECK(error_of("P6 2 -2 255\n") == "damaged PNM: expected a number for the height");
    CHECK(error_of("P6 2 12345678901 255\n") == "damaged PNM: expected a number for the height");
    CHECK(error_of("P6 2 2 0\n") == "damaged PNM: the maximum value is 0, expected 1 to 65535");
    CHECK(error_of("P6 2 2 65536\n") ==
          "damaged PNM: the maximum value is 65536, expected 1 to 65535");
    CHECK(error_of("P6 0 2 255\n") == "declares 0x2 pixels, expected at least 1x1");
    CHECK(error_of("P6 2 2 255\n12345678901") == "truncated PNM: 11 bytes of pixels, expected 12");
    CHECK(error_of("P5 2 2 256\n1234567") == "truncated PNM: 7 bytes of pixels, expected 8");
    CHECK(error_of("P2 2 2 9\n1 2") == "truncated PNM: 3 bytes of pixels, expected at least 7");
    CHECK(error_of("P2 2 2 9\n1 2 3    ") == "truncated PNM: the file ends before the next pixel");
    CHECK(error_of("P2 2 2 9\n1 2 x 3 4") == "damaged PNM: expected a number for the next pixel");
    CHECK(error_of("P2 2 2 9\n1 2 3 10") ==
          "damaged PNM: a pixel has the value 10, expected at most 9");
}

TEST_CASE("declared sizes are checked before memory is taken", "[program]") {
    const std::string limits = ", expected at most 178956970 in all and 1000000 a side";
    CHECK(error_of("P6 9999999999 1 255\n") == "declares 9999999999x1 pixels" + limits);
    CHECK(error_of("P5 1000001 1 255\n") == "declares 1000001x1 pixels" + limits);
    CHECK(error_of("P5 20000 20000 255\n") == "declares 20000x20000 pixels" + limits);
    CHECK(error_of("P5 13000 13000 255\n") ==
          "truncated PNM: 0 bytes of pixels, expected 169000000");
    Bytes file = jpeg(plain(8, 8, 1, 2, 3), Jpeg::grey);
    set_jpeg_size(file, 65000, 65000);
    CHECK(error_of(file) == "declares 65000x65000 pixels" + limits);
    set_jpeg_size(file, 13000, 13000);
    CHECK(error_of(file) == "truncated JPEG: " + std::to_string(file.size()) +
                                " bytes cannot hold 13000x13000 pixels");
}

TEST_CASE("malformed JPEGs", "[program]") {
    const Bytes file = jpeg(pattern(40, 32), Jpeg::baseline);
    const Bytes progressive = jpeg(pattern(40, 32), Jpeg::progressive);
    auto cut = [](Bytes bytes, size_t size) {
        bytes.resize(size);
        return bytes;
    };
    CHECK(error_of(cut(file, 40)) == "truncated JPEG: the file ends inside the header");
    CHECK(error_of(cut(file, after_marker(file, 0xDA) + 60))
              .find("truncated JPEG: the file ends "
                    "at line ") == 0);
    CHECK(error_of(cut(progressive, progressive.size() - 40)) ==
          "truncated JPEG: the file ends before the last scan");
    Bytes table = file;
    memset(&table[after_marker(table, 0xC4) + 3], 255, 16);
    CHECK(error_of(table) == "damaged JPEG: Bogus Huffman table definition");
    Bytes precision = file;
    precision[after_marker(precision, 0xC0) + 2] = 12;
    CHECK(error_of(precision) == "damaged JPEG: Unsupported JPEG data precision 12");
    CHECK(error_of(jpeg(plain(8, 8, 1, 2, 3), Jpeg::two_components)) ==
          "JPEG with 2 components, expected 1, 3 or 4");
    CHECK(error_of(jpeg(pattern(40, 32), Jpeg::many_scans)) == "damaged JPEG: more than 100 scans");
}

TEST_CASE("a damaged JPEG with all its pixels is used, with a warning", "[program]") {
    const Bytes file = jpeg(pattern(40, 32), Jpeg::baseline);
    Bytes endless(file.begin(), file.end() - 2);
    CHECK(error_of(endless).find("truncated JPEG: the file ends at line ") == 0); // as Pillow
    endless.resize(file.size() + 20);
    Image image;
    REQUIRE(decode(endless, image) == "");
    CHECK(std::string(image.warning) == "the JPEG has no end marker");
    CHECK(Bytes(image.pixels.data, image.pixels.data + image.pixels.size) == pixels_of(file));
    Bytes early = file;
    early.insert(early.end() - 30, {0xFF, 0xD9});
    REQUIRE(decode(early, image) == "");
    CHECK(std::string(image.warning) == "Corrupt JPEG data: premature end of data segment");
}

TEST_CASE("malformed PNGs", "[program]") {
    const Bytes file = png(pattern(40, 32), false);
    Bytes changed = file;
    changed.resize(file.size() / 2);
    CHECK(error_of(changed) == "truncated PNG: the file ends before the last line");
    changed = file;
    changed[16] ^= 1; // width
    CHECK(error_of(changed) == "damaged PNG: IHDR: CRC error");
    changed = file;
    changed[60] ^= 1;
    CHECK(error_of(changed).find("damaged PNG: IDAT: ") == 0);
    changed.assign(file.begin(), file.begin() + 33);
    CHECK(error_of(changed) == "truncated PNG: the file ends before the last line");
}

TEST_CASE("a PNG that lacks only its end is used, with a warning", "[program]") {
    Bytes file = png(pattern(40, 32), false);
    const Bytes whole = pixels_of(file);
    file.resize(file.size() - 3);
    Image image;
    REQUIRE(decode(file, image) == "");
    CHECK(std::string(image.warning) ==
          "the PNG is damaged after its last line: unexpected end of file");
    CHECK(Bytes(image.pixels.data, image.pixels.data + image.pixels.size) == whole);
}

TEST_CASE("a PNG cannot declare more than it can inflate to", "[program]") {
    // A correct header of 13000 x 13000 8-bit grey pixels, with its checksum, and nothing else.
    Bytes file = {0x89, 'P', 'N', 'G',  '\r', '\n', 0x1A, '\n', 0,    0, 0, 13, 'I', 'H', 'D',
                  'R',  0,   0,   0x32, 0xC8, 0,    0,    0x32, 0xC8, 8, 0, 0,  0,   0};
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 12; i < file.size(); i++) {
        crc ^= file[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    for (int shift = 24; shift >= 0; shift -= 8)
        file.push_back(static_cast<uint8_t>(~crc >> shift));
    const Bytes empty_data = {0, 0, 0, 0, 'I', 'D', 'A', 'T', 0x35, 0xAF, 0x06, 0x1E};
    file.insert(file.end(), empty_data.begin(), empty_data.end());
    CHECK(error_of(file) == "truncated PNG: 45 bytes cannot hold 13000x13000 pixels");
}

TEST_CASE("no truncation and no flipped bit breaks a decoder", "[program]") {
    const Picture picture = pattern(9, 7);
    survive_damage(jpeg(picture, Jpeg::baseline));
    survive_damage(jpeg(picture, Jpeg::progressive));
    survive_damage(png(picture, false));
    survive_damage(png(picture, true));
    survive_damage(ppm(picture));
    survive_damage(text_bytes("P3 3 2 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9"));
}
