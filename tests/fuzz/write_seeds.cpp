// Writes the seeds of the fuzz targets for which the repository has no files: pictures of every
// kind and .npy arrays.
//
//     write_seeds PICTURES_FOLDER NPY_FOLDER
#include "../program/support.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

using namespace resnetc_test;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& path, const Bytes& bytes) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
}

void write_pictures(const fs::path& folder) {
    const Picture picture = pattern(19, 13);
    int number = 0;
    for (const Jpeg kind : {Jpeg::baseline, Jpeg::progressive, Jpeg::grey, Jpeg::cmyk, Jpeg::ycck,
                            Jpeg::two_components, Jpeg::many_scans}) {
        write(folder / ("jpeg" + std::to_string(number++)), jpeg(picture, kind));
    }
    for (const bool interlaced : {false, true}) {
        for (const int bits : {8, 16}) {
            for (const bool alpha : {false, true}) {
                write(folder / ("png" + std::to_string(number++)),
                      png(picture, interlaced, bits, alpha));
            }
        }
    }
    write(folder / "ppm", ppm(picture));
    write(folder / "ppm_plain", text_bytes("P3\n# a comment\n2 1\n255\n0 128 255  7 8 9\n"));
    write(folder / "pgm", text_bytes("P5 2 2 255\nabcd"));
    write(folder / "pgm_wide", text_bytes("P5 2 1 65535\nabcd"));
    write(folder / "pgm_plain", text_bytes("P2 2 2 15\n0 1 2 15\n"));
}

void write_arrays(const fs::path& folder) {
    write(folder / "f4", npy("<f4", "(2, 3)", Bytes(24)));
    write(folder / "u1", npy("|u1", "(1, 2, 2, 3)", Bytes(12)));
    write(folder / "f8_fortran", npy("<f8", "(3, 2)", Bytes(48), "True"));
    write(folder / "i8_scalar", npy("<i8", "()", Bytes(8)));
    write(folder / "f2_empty", npy("<f2", "(0,)", Bytes()));
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: write_seeds PICTURES_FOLDER NPY_FOLDER\n", stderr);
        return 2;
    }
    fs::create_directories(argv[1]);
    fs::create_directories(argv[2]);
    write_pictures(argv[1]);
    write_arrays(argv[2]);
    return 0;
}
