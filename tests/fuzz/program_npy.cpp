// Fuzz target: the stand-alone program's reader of .npy headers.
#include "program/npy.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    FILE* file = fmemopen(const_cast<uint8_t*>(data), size, "rb");
    if (file == nullptr) { // some C libraries open no empty file
        return 0;
    }
    resnetc::NpyHeader header;
    resnetc::Error error;
    if (resnetc::read_npy_header(file, header, error)) {
        char text[80];
        resnetc::print_shape(header, text, sizeof text);
        if (header.bytes > static_cast<int64_t>(size) || header.dims > resnetc::kMaxNpyDims) {
            std::abort();
        }
    } else if (error.code == resnetc::exit_ok || error.text[0] == '\0') {
        std::abort();
    }
    fclose(file);
    return 0;
}
