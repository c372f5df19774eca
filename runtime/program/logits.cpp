#include "logits.h"

#include "file.h"
#include "npy.h"

#include <cerrno>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

namespace resnetc {
namespace {

struct Input {
    FILE* file = nullptr;
    NpyHeader header;
    bool floats = false;
    size_t image_bytes = 0;

    ~Input() {
        if (file)
            fclose(file);
    }
};

// What this model accepts, for messages.
void print_expected(const ResnetcModel& model, char* out, size_t size) {
    char pixels[64], floats[64];
    snprintf(pixels, sizeof pixels, "uint8 (N, %d, %d, %d)", model.height, model.width,
             model.channels);
    snprintf(floats, sizeof floats, "float32 (N, %d, %d, %d)", model.channels, model.height,
             model.width);
    if (model.run_u8 && model.run_f32)
        snprintf(out, size, "%s or %s", pixels, floats);
    else
        snprintf(out, size, "%s", model.run_u8 ? pixels : floats);
}

bool check_type(const ResnetcModel& model, Input& input, Error& error) {
    const char* type = input.header.type;
    bool bytes = type[0] != 0 && strcmp(type + 1, "u1") == 0 && model.run_u8; // "|u1", "<u1", ...
    input.floats = strcmp(type, "<f4") == 0 && model.run_f32;
    char expected[160];
    print_expected(model, expected, sizeof expected);
    if (strcmp(type, ">f4") == 0)
        return fail(error, "holds big-endian numbers ('>f4'), expected little-endian %s", expected);
    if (!bytes && !input.floats)
        return fail(error, "holds the type '%s', expected %s", type, expected);
    if (input.header.fortran_order)
        return fail(error, "is in Fortran order, expected C order (numpy.ascontiguousarray)");
    return true;
}

bool check_shape(const ResnetcModel& model, const Input& input, Error& error) {
    const NpyHeader& header = input.header;
    const int64_t c = model.channels, h = model.height, w = model.width;
    const int64_t expected[4] = {0, input.floats ? c : h, input.floats ? h : w,
                                 input.floats ? w : c};
    bool ok = header.dims == 4;
    for (int i = 1; ok && i < 4; i++)
        ok = header.shape[i] == expected[i];
    if (ok)
        return true;
    char shape[120];
    print_shape(header, shape, sizeof shape);
    return fail(error, "holds %s of shape %s, expected (N, %lld, %lld, %lld)",
                input.floats ? "float32" : "uint8", shape, static_cast<long long>(expected[1]),
                static_cast<long long>(expected[2]), static_cast<long long>(expected[3]));
}

// Regular files tell before any work whether they are complete.
bool check_length(const Input& input, Error& error) {
    struct stat info;
    if (fstat(fileno(input.file), &info) != 0 || !S_ISREG(info.st_mode))
        return true;
    long long there = info.st_size - input.header.bytes;
    long long images = input.header.shape[0], one = static_cast<long long>(input.image_bytes);
    if (images > there / one)
        return fail(error, "truncated .npy: %lld bytes of data, expected %lld x %lld", there,
                    images, one);
    if (images * one != there)
        return fail(error,
                    "%lld byte%s too many after the array's data, expected the end of "
                    "the file",
                    there - images * one, there - images * one == 1 ? "" : "s");
    return true;
}

bool open_array(const ResnetcModel& model, const char* path, Input& input, Error& error) {
    input.file = open_input(path, "an .npy array", error);
    if (!input.file || !read_npy_header(input.file, input.header, error) ||
        !check_type(model, input, error) || !check_shape(model, input, error))
        return false;
    input.image_bytes = image_values(model) * (input.floats ? sizeof(float) : 1);
    return check_length(input, error);
}

// Reads `count` images to the front of `batch` and fills its other places with the first.
bool read_batch(Input& input, size_t count, Array<uint8_t>& batch, Error& error) {
    size_t wanted = count * input.image_bytes;
    if (fread(batch.data, 1, wanted, input.file) != wanted)
        return ferror(input.file) ? fail(error, "cannot read: %s", strerror(errno))
                                  : fail(error, "truncated .npy: the file ends inside the data");
    for (size_t at = wanted; at < batch.size; at += input.image_bytes)
        memcpy(batch.data + at, batch.data, input.image_bytes);
    return true;
}

void show_progress(const ResnetcModel& model, int64_t done, int64_t images) {
    fprintf(stderr, "\r%s: %lld of %lld images%s", model.name, static_cast<long long>(done),
            static_cast<long long>(images), done == images ? "\r\x1b[K" : "");
}

bool run_batches(Session& session, Input& input, OutputFile& output, const char* const paths[2],
                 const char*& culprit, Error& error) {
    const ResnetcModel& model = *session.model;
    size_t group = static_cast<size_t>(model.batch);
    Array<uint8_t> batch; // malloc's alignment is enough for floats
    if (!batch.resize(group * input.image_bytes))
        return fail(error, exit_model, "not enough memory for the input");
    bool terminal = isatty(STDERR_FILENO);
    int64_t images = input.header.shape[0];
    for (int64_t done = 0; done < images;) {
        size_t count = images - done < model.batch ? static_cast<size_t>(images - done) : group;
        culprit = paths[0];
        if (!read_batch(input, count, batch, error))
            return false;
        culprit = nullptr;
        if (!(input.floats ? run_floats(session, reinterpret_cast<const float*>(batch.data), error)
                           : run_pixels(session, batch.data, error)))
            return false;
        culprit = paths[1];
        size_t values = count * static_cast<size_t>(model.classes);
        if (!output.write(session.logits.data, values * sizeof(float), error))
            return false;
        done += static_cast<int64_t>(count);
        if (terminal)
            show_progress(model, done, images);
    }
    return true;
}

} // namespace

bool write_logits(Session& session, const char* in, const char* out, int64_t& images,
                  const char*& culprit, Error& error) {
    Input input;
    culprit = in;
    if (!open_array(*session.model, in, input, error))
        return false;
    images = input.header.shape[0];
    OutputFile output;
    char header[128];
    const ResnetcModel& model = *session.model;
    const int64_t map[4] = {images, model.map[0], model.map[1], model.map[2]};
    const int64_t rows[2] = {images, model.classes};
    int length =
        has_map(model) ? make_npy_header(map, 4, header) : make_npy_header(rows, 2, header);
    culprit = out;
    if (!output.open(out, error) || !output.write(header, static_cast<size_t>(length), error))
        return false;
    const char* const paths[2] = {in, out};
    if (!run_batches(session, input, output, paths, culprit, error))
        return false;
    culprit = out;
    return output.commit(error);
}

} // namespace resnetc
