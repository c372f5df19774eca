// Antialiased bilinear scaling with the exact pixels of Pillow's Image.resize(size, BILINEAR).
//
// Included by preprocess. Any part of the scaled image can be computed on its own, so a centre crop
// costs no more than the pixels it keeps.
#pragma once

#include "image.h"

namespace resnetc {

// A rectangle of the scaled image, in its pixels.
struct Region {
    int64_t left, top;
    int width, height; // >= 1
};

// Scales `in` to `width` x `height` pixels (>= 1) and writes the part `region` of the result, which
// lies inside it, to `out`: rows of region.width * in.channels bytes, `out_stride` bytes apart.
//
// Source of the method: Pillow, src/libImaging/Resample.c. Horizontal pass, rounded to 8 bits, then
// vertical; a triangle filter as wide as the scale (at least 1), its weights normalised in double
// and rounded to 22 bits. Errors: no memory.
bool resize_region(const Image& in, int64_t width, int64_t height, const Region& region,
                   uint8_t* out, size_t out_stride, Error& error);

} // namespace resnetc
