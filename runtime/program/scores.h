// From a row of network output to the best classes and their probabilities.
//
// Included by classify.
#pragma once

#include "error.h"
#include "memory.h"

namespace resnetc {

struct Score {
    int index;          // class, from 0
    double probability; // 0..1
};

// Writes the `top` (1..classes) most probable classes to best[0..top-1], best first; equal ones in
// the order of their index. `values`: float[classes], logits, or probabilities where
// `is_softmax`. Error: a value is NaN or infinite.
bool best_scores(const float* values, int classes, bool is_softmax, int top, Score* best,
                 Error& error);

} // namespace resnetc
