#include "npy.h"

#include "memory.h"

#include <cstring>

namespace resnetc {
namespace {

constexpr size_t kMaxHeaderBytes = 65536;

// "(", 19 digits of an int64_t, three times ", " and 10 digits of an int, ")" and the end.
constexpr int kMaxTuple = 1 + 19 + 3 * 12 + 2;

// Walks the header's text, a Python dict literal such as
// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
struct Cursor {
    const char* next;
    const char* end;

    void skip_space() {
        while (next < end && (*next == ' ' || *next == '\t' || *next == '\n' || *next == '\r'))
            next++;
    }
    bool take(char c) {
        skip_space();
        if (next == end || *next != c)
            return false;
        next++;
        return true;
    }
    bool take_word(const char* word) {
        skip_space();
        size_t length = strlen(word);
        if (static_cast<size_t>(end - next) < length || memcmp(next, word, length) != 0)
            return false;
        next += length;
        return true;
    }
    bool take_string(char* out, size_t size) {
        skip_space();
        if (next == end || (*next != '\'' && *next != '"'))
            return false;
        char quote = *next++;
        size_t used = 0;
        while (next < end && *next != quote && used + 1 < size)
            out[used++] = *next++;
        out[used] = 0;
        return take(quote);
    }
    bool take_number(int64_t& value) {
        skip_space();
        const char* start = next;
        value = 0;
        while (next < end && *next >= '0' && *next <= '9' && next - start < 18)
            value = value * 10 + (*next++ - '0');
        bool found = next > start;
        if (next < end && *next == 'L') // written by Python 2
            next++;
        return found;
    }
};

bool take_shape(Cursor& cursor, NpyHeader& header) {
    if (!cursor.take('('))
        return false;
    while (!cursor.take(')')) {
        if (header.dims == kMaxNpyDims || !cursor.take_number(header.shape[header.dims]))
            return false;
        header.dims++;
        if (!cursor.take(',')) // after the last number the comma may be missing
            return cursor.take(')');
    }
    return true;
}

constexpr const char* kKeys[] = {"descr", "fortran_order", "shape"};
constexpr const char* kExpectedKeys = "'descr', 'fortran_order' and 'shape'";

bool fail_dict(Error& error) {
    return fail(error, "unreadable .npy header, expected a dict of %s", kExpectedKeys);
}

// Reads the value of kKeys[key].
bool take_value(Cursor& cursor, int key, NpyHeader& header, Error& error) {
    const char* expected = "";
    bool found = false;
    if (key == 0) {
        expected = "a plain type such as '|u1' or '<f4'";
        found = cursor.take_string(header.type, sizeof header.type);
    } else if (key == 1) {
        expected = "True or False";
        header.fortran_order = cursor.take_word("True");
        found = header.fortran_order || cursor.take_word("False");
    } else {
        expected = "a tuple of at most 32 whole numbers";
        found = take_shape(cursor, header);
    }
    return found ||
           fail(error, "unreadable '%s' in the .npy header, expected %s", kKeys[key], expected);
}

bool take_item(Cursor& cursor, bool seen[3], NpyHeader& header, Error& error) {
    char name[32];
    if (!cursor.take_string(name, sizeof name) || !cursor.take(':'))
        return fail_dict(error);
    int key = 0;
    while (key < 3 && strcmp(name, kKeys[key]) != 0)
        key++;
    if (key == 3)
        return fail(error, "unknown '%s' in the .npy header, expected %s", name, kExpectedKeys);
    if (seen[key])
        return fail(error, "'%s' occurs twice in the .npy header, expected it once", name);
    seen[key] = true;
    return take_value(cursor, key, header, error);
}

bool take_dict(Cursor& cursor, NpyHeader& header, Error& error) {
    bool seen[3] = {};
    if (!cursor.take('{'))
        return fail_dict(error);
    while (!cursor.take('}')) {
        if (!take_item(cursor, seen, header, error))
            return false;
        if (!cursor.take(',')) { // after the last item the comma may be missing
            if (!cursor.take('}'))
                return fail_dict(error);
            break;
        }
    }
    cursor.skip_space();
    if (cursor.next != cursor.end)
        return fail_dict(error);
    for (int key = 0; key < 3; key++)
        if (!seen[key])
            return fail(error, "no '%s' in the .npy header, expected %s", kKeys[key],
                        kExpectedKeys);
    return true;
}

} // namespace

bool read_npy_header(FILE* file, NpyHeader& header, Error& error) {
    unsigned char start[12];
    size_t got = fread(start, 1, 8, file);
    if (ferror(file))
        return fail(error, "cannot read the file");
    const char* expected = "expected an array saved with numpy.save";
    if (got == 0)
        return fail(error, "is empty, %s", expected);
    if (got >= 4 && memcmp(start, "PK\3\4", 4) == 0)
        return fail(error,
                    "is a zip archive (.npz?), expected a single array saved with numpy.save");
    if (got < 6 || memcmp(start, "\x93NUMPY", 6) != 0)
        return fail(error, "is not an .npy file, %s", expected);
    if (got < 8)
        return fail(error, "truncated .npy: the file ends inside the header");
    if (start[6] < 1 || start[6] > 3)
        return fail(error, ".npy version %d.%d, expected 1.0, 2.0 or 3.0", start[6], start[7]);
    size_t width = start[6] == 1 ? 2 : 4;
    if (fread(start + 8, 1, width, file) != width)
        return fail(error, "truncated .npy: the file ends inside the header");
    size_t length = 0;
    for (size_t i = 0; i < width; i++)
        length |= size_t{start[8 + i]} << (8 * i);
    if (length > kMaxHeaderBytes)
        return fail(error, "damaged .npy: a header of %zu bytes, expected at most %zu", length,
                    kMaxHeaderBytes);
    Array<char> text;
    if (!text.resize(length))
        return fail(error, exit_model, "not enough memory");
    if (fread(text.data, 1, length, file) != length)
        return fail(error, "truncated .npy: the file ends inside the header");
    Cursor cursor{text.data, text.data + length};
    if (!take_dict(cursor, header, error))
        return false;
    header.bytes = static_cast<int64_t>(8 + width + length);
    return true;
}

int make_npy_header(const int64_t* shape, int dims, char out[128]) {
    memset(out, ' ', 128);
    memcpy(out, "\x93NUMPY\x01\x00", 8);
    NpyHeader header;
    header.dims = dims;
    memcpy(header.shape, shape, static_cast<size_t>(dims) * sizeof *shape);
    char tuple[kMaxTuple];
    print_shape(header, tuple, sizeof tuple);
    char text[118];
    int length = snprintf(text, sizeof text,
                          "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }", tuple);
    memcpy(out + 10, text, static_cast<size_t>(length));
    int total = (10 + length + 1 + 63) / 64 * 64;
    out[total - 1] = '\n';
    out[8] = static_cast<char>((total - 10) & 0xFF);
    out[9] = 0;
    return total;
}

void print_shape(const NpyHeader& header, char* out, int size) {
    int used = snprintf(out, static_cast<size_t>(size), "(");
    for (int i = 0; i < header.dims && used < size; i++)
        used += snprintf(out + used, static_cast<size_t>(size - used), "%s%lld", i == 0 ? "" : ", ",
                         static_cast<long long>(header.shape[i]));
    if (used < size)
        snprintf(out + used, static_cast<size_t>(size - used), "%s", header.dims == 1 ? ",)" : ")");
}

} // namespace resnetc
