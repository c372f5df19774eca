// --npy IN --logits OUT: a NumPy array through the network, its raw output into another.
//
// Included by main.
#pragma once

#include "session.h"

namespace resnetc {

// Streams the array of the file `in` through the network a batch at a time (the last one padded by
// repeating its first image) and writes float32 (N, classes), of a network without a head (N, C, H,
// W), to `out`, which appears complete or not at all.
//   in:  uint8 (N, H, W, C), already cropped, channels in the model's colour order; or
//        float32 (N, C, H, W), already normalised; little-endian, C order; N may be 0. "-": stdin
//   out: any path; pipes and devices are written directly
//   images: receives N
//   culprit: receives `in`, `out` or NULL (the model): what `error` is about
// Progress goes to stderr if that is a terminal.
bool write_logits(Session& session, const char* in, const char* out, int64_t& images,
                  const char*& culprit, Error& error);

} // namespace resnetc
