#include "scores.h"

#include <cmath>

namespace resnetc {

bool best_scores(const float* values, int classes, bool is_softmax, int top, Score* best,
                 Error& error) {
    int count = 0;
    for (int i = 0; i < classes; i++) {
        if (!std::isfinite(values[i]))
            return fail(error, exit_model, "the model's output is not finite (class %d)", i);
        // Insert into the sorted list; probabilities are filled in below.
        if (count == top && values[i] <= values[best[count - 1].index])
            continue;
        int at = count < top ? count++ : top - 1;
        for (; at > 0 && values[i] > values[best[at - 1].index]; at--)
            best[at] = best[at - 1];
        best[at].index = i;
    }
    double largest = values[best[0].index]; // subtracted, so that exp does not overflow
    double total = 0.0;
    if (!is_softmax)
        for (int i = 0; i < classes; i++)
            total += std::exp(values[i] - largest);
    for (int i = 0; i < count; i++) {
        double value = values[best[i].index];
        best[i].probability = is_softmax ? value : std::exp(value - largest) / total;
    }
    return true;
}

} // namespace resnetc
