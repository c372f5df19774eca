// From a photograph to the pixels that the model takes: decode, colour, scale, crop.
//
// Included by classify and bench. A file goes in, H*W*C bytes come out, as the model's
// preprocessing fields say.
#pragma once

#include "../resnetc_model.h"
#include "image.h"

namespace resnetc {

// NULL, or why this model takes no photographs.
const char* no_images_reason(const ResnetcModel& model);

// Reads the image file `path` and writes H*W*C bytes to `out` in the layout of run_u8 for one
// image. `warning` (200 bytes) gets "" or a remark about the file. Errors: read_file's,
// decode_image's, and a size that differs from H x W where the model does not scale.
bool load_image(const ResnetcModel& model, const char* path, uint8_t* out, char* warning,
                Error& error);

// The part of load_image after decoding; changes `image`.
bool fit_image(const ResnetcModel& model, Image& image, uint8_t* out, Error& error);

} // namespace resnetc
