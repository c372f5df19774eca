// What the tests of the standalone program share: a folder of their own, images of every kind, and
// running the fake programs. Included by tests/program/*_test.cpp.
#pragma once

#include "catch.h"
#include "program/image.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace resnetc_test {

using Bytes = std::vector<uint8_t>;

// An empty folder for one test case, removed with it.
struct TempDir {
    std::filesystem::path path;

    TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    ~TempDir();

    void write(const std::string& name, const Bytes& bytes) const;
    std::string read(const std::string& name) const;
    // Names in the folder, sorted, but for what run() leaves there.
    std::vector<std::string> list() const;
};

struct Run {
    int status;
    std::string out, err;
};

// Runs `program` (fake, fake_batch, ...) in `dir` with `arguments` as a shell would, redirections
// included.
Run run(const TempDir& dir, const std::string& program, const std::string& arguments);

// A picture of 3-channel pixels, all of one colour or with a value for each sample.
struct Picture {
    int width, height;
    Bytes rgb;
};
Picture plain(int width, int height, int red, int green, int blue);
Picture pattern(int width, int height);

Bytes text_bytes(const std::string& text);
Bytes ppm(const Picture& picture); // P6

enum class Jpeg { baseline, progressive, grey, cmyk, ycck, two_components, many_scans };
Bytes jpeg(const Picture& picture, Jpeg kind);

// `bits` 8 or 16 (each sample twice); `alpha` adds an opaque channel.
Bytes png(const Picture& picture, bool interlaced, int bits = 8, bool alpha = false);

// An .npy file: header text for `type` and `shape` ("(2, 6, 8, 3)"), then the data.
Bytes npy(const std::string& type, const std::string& shape, const Bytes& data,
          const std::string& fortran = "False");
Bytes float_bytes(const std::vector<float>& values);

// Decodes; the text of the error, or "" and the picture in `image`.
std::string decode(const Bytes& bytes, resnetc::Image& image);

} // namespace resnetc_test
