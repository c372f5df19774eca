// PPM and PGM, plain (P2, P3) and binary (P5, P6), maxval up to 65535, scaled to 0..255 by
// round(value / maxval * 255) as Pillow does for P6.

#include "image.h"

#include <cmath>
#include <cstring>

namespace resnetc {
namespace {

struct Reader {
    const uint8_t* next;
    const uint8_t* end;
};

struct Header {
    char kind; // the digit of the magic number
    int64_t width, height, maxval;
    int samples; // a pixel: 1 grey, 3 colour
};

bool is_space(uint8_t byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

void skip_space_and_comments(Reader& reader) {
    while (reader.next < reader.end) {
        if (*reader.next == '#') {
            while (reader.next < reader.end && *reader.next != '\n' && *reader.next != '\r')
                reader.next++;
        } else if (!is_space(*reader.next)) {
            return;
        } else {
            reader.next++;
        }
    }
}

// Reads a decimal number of at most ten digits. `what` names it in messages.
bool read_number(Reader& reader, const char* what, int64_t& value, Error& error) {
    skip_space_and_comments(reader);
    if (reader.next == reader.end)
        return fail(error, "truncated PNM: the file ends before the %s", what);
    const uint8_t* start = reader.next;
    value = 0;
    while (reader.next < reader.end && *reader.next >= '0' && *reader.next <= '9' &&
           reader.next - start < 10)
        value = value * 10 + (*reader.next++ - '0');
    bool ended = reader.next == reader.end || is_space(*reader.next) || *reader.next == '#';
    if (reader.next == start || !ended)
        return fail(error, "damaged PNM: expected a number for the %s", what);
    return true;
}

bool read_header(Reader& reader, Header& header, Error& error) {
    header.kind = static_cast<char>(reader.next[1]);
    header.samples = header.kind == '3' || header.kind == '6' ? 3 : 1;
    reader.next += 2;
    if (!read_number(reader, "width", header.width, error) ||
        !read_number(reader, "height", header.height, error) ||
        !read_number(reader, "maximum value", header.maxval, error))
        return false;
    if (header.maxval < 1 || header.maxval > 65535)
        return fail(error, "damaged PNM: the maximum value is %lld, expected 1 to 65535",
                    static_cast<long long>(header.maxval));
    return check_image_size(header.width, header.height, error);
}

// table[v] = v scaled to 0..255, for v in 0..maxval.
bool make_scale(int64_t maxval, Array<uint8_t>& table, Error& error) {
    if (!table.resize(static_cast<size_t>(maxval) + 1))
        return fail(error, exit_model, "not enough memory");
    for (int64_t v = 0; v <= maxval; v++)
        table[static_cast<size_t>(v)] = static_cast<uint8_t>(
            std::rint(static_cast<double>(v) / static_cast<double>(maxval) * 255.0));
    return true;
}

void put_sample(uint8_t*& out, int samples, uint8_t value) {
    *out++ = value;
    if (samples == 1) {
        *out++ = value;
        *out++ = value;
    }
}

bool read_plain(Reader& reader, const Header& header, const Array<uint8_t>& scale, uint8_t* out,
                Error& error) {
    for (int64_t i = header.width * header.height * header.samples; i > 0; i--) {
        int64_t value = 0;
        if (!read_number(reader, "next pixel", value, error))
            return false;
        if (value > header.maxval)
            return fail(error, "damaged PNM: a pixel has the value %lld, expected at most %lld",
                        static_cast<long long>(value), static_cast<long long>(header.maxval));
        put_sample(out, header.samples, scale[static_cast<size_t>(value)]);
    }
    return true;
}

void read_binary(Reader& reader, const Header& header, const Array<uint8_t>& scale, uint8_t* out) {
    bool wide = header.maxval > 255;
    for (int64_t i = header.width * header.height * header.samples; i > 0; i--) {
        unsigned value = *reader.next++;
        if (wide)
            value = value << 8 | *reader.next++;
        // Pillow lets values over the maximum saturate.
        put_sample(out, header.samples, value < scale.size ? scale[value] : uint8_t{255});
    }
}

} // namespace

bool decode_pnm(const uint8_t* bytes, size_t count, Image& image, Error& error) {
    Reader reader{bytes, bytes + count};
    Header header{};
    if (!read_header(reader, header, error))
        return false;
    bool plain = header.kind == '2' || header.kind == '3';
    if (reader.next < reader.end)
        reader.next++; // exactly one white space before binary data
    // A plain sample takes a digit and, but for the last, a space.
    int64_t sample_bytes = plain || header.maxval > 255 ? 2 : 1;
    int64_t needed = header.width * header.height * header.samples * sample_bytes - (plain ? 1 : 0);
    if (reader.end - reader.next < needed)
        return fail(error, "truncated PNM: %lld bytes of pixels, expected %s%lld",
                    static_cast<long long>(reader.end - reader.next), plain ? "at least " : "",
                    static_cast<long long>(needed));
    Array<uint8_t> scale;
    if (!make_scale(header.maxval, scale, error) ||
        !allocate_image(header.width, header.height, image, error))
        return false;
    if (plain)
        return read_plain(reader, header, scale, image.pixels.data, error);
    read_binary(reader, header, scale, image.pixels.data);
    return true;
}

} // namespace resnetc
