/* Runs the model that MODEL_HEADER declares on the pixels of model_main.c and writes the logits
 * into the file LOGITS_FILE, for comparison. Exit status: 0; 2 a run failed; 3 files. */
#include MODEL_HEADER

#include <stdio.h>

#define JOIN(a, b) a##b
#define PASTE(a, b) JOIN(a, b)
#define LOWER(suffix) PASTE(MODEL_LOWER, suffix)
#define UPPER(suffix) PASTE(MODEL_UPPER, suffix)

static uint8_t pixels[UPPER(_INPUT_N) * UPPER(_INPUT_H) * UPPER(_INPUT_W) * UPPER(_INPUT_C)];
static float logits[UPPER(_INPUT_N) * UPPER(_CLASSES)];
static _Alignas(UPPER(_ALIGNMENT)) uint8_t arena[UPPER(_ARENA_BYTES)];

int main(void) {
    uint32_t state = 1;
    for (size_t i = 0; i < sizeof pixels; ++i) {
        state = state * 1664525u + 1013904223u;
        pixels[i] = (uint8_t)(state >> 24);
    }
    if (LOWER(_run)(LOWER(_weights), pixels, logits, arena)) {
        return 2;
    }
    FILE* file = fopen(LOGITS_FILE, "wb");
    return file && fwrite(logits, sizeof logits, 1, file) == 1 && fclose(file) == 0 ? 0 : 3;
}
