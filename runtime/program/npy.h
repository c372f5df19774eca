// Headers of NumPy's .npy files.
//
// Included by logits. Format: numpy/lib/format.py, versions 1.0, 2.0 and 3.0.
#pragma once

#include "error.h"

#include <cstdint>
#include <cstdio>

namespace resnetc {

constexpr int kMaxNpyDims = 32; // NumPy's own limit

struct NpyHeader {
    char type[16] = ""; // the array protocol's type string, e.g. "<f4", "|u1"
    bool fortran_order = false;
    int dims = 0;
    int64_t shape[kMaxNpyDims] = {};
    int64_t bytes = 0; // of the header itself; the data follows
};

// Reads the header from the start of `file`, leaving the stream at the data. Errors: not an .npy
// file, cut short, a version or a header that NumPy would not write.
bool read_npy_header(FILE* file, NpyHeader& header, Error& error);

// Writes the header of a C-order little-endian float32 array of shape shape[0..dims-1] to `out`,
// 128 bytes; returns its length, a multiple of 64. `dims` is 1 to 4; extents but the first fit an
// int.
int make_npy_header(const int64_t* shape, int dims, char out[128]);

// "(20, 224, 224, 3)", "(500,)", "()": as NumPy prints shapes. Cut at `size` bytes.
void print_shape(const NpyHeader& header, char* out, int size);

} // namespace resnetc
