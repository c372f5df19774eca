/* Classifies one synthetic picture three times, with the library's own weights and arena, with an
 * arena of its own, and on two threads, and prints the class and the logits. Exit code 1 if the
 * results differ in a bit. */
#include "resnet20.h"
#include "resnetc_threads.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    picture_bytes = RESNET20_INPUT_N * RESNET20_INPUT_H * RESNET20_INPUT_W * RESNET20_INPUT_C,
    logit_count = RESNET20_INPUT_N * RESNET20_CLASSES
};

/* A red disc on a blue ground that grows lighter downwards. */
static void paint(uint8_t* nhwc) {
    for (int i = 0; i < picture_bytes; ++i) {
        const int channel = i % RESNET20_INPUT_C;
        const int x = i / RESNET20_INPUT_C % RESNET20_INPUT_W;
        const int y = i / (RESNET20_INPUT_C * RESNET20_INPUT_W) % RESNET20_INPUT_H;
        const int dx = 2 * x - RESNET20_INPUT_W;
        const int dy = 2 * y - RESNET20_INPUT_H;
        const int disc = 4 * (dx * dx + dy * dy) < RESNET20_INPUT_W * RESNET20_INPUT_W;
        nhwc[i] = (uint8_t)(channel == 0 ? 200 * disc : channel == 2 ? 255 - 150 * disc : 4 * y);
    }
}

static void check(int status, const char* what) {
    if (status != 0) {
        fprintf(stderr, "consumer: error: %s: %s\n", what, resnet20_status_string(status));
        exit(1);
    }
}

int main(void) {
    static uint8_t picture[picture_bytes];
    static float logits[logit_count];
    static float again[logit_count];

    paint(picture);
    check(resnet20_classify(picture, logits), "resnet20_classify");

    /* aligned_alloc wants a multiple of the alignment. */
    const size_t alignment = RESNET20_ALIGNMENT;
    const size_t bytes = RESNET20_PARALLEL_ARENA_BYTES(2);
    const size_t arena_bytes = (bytes + alignment - 1) / alignment * alignment;
    void* arena = aligned_alloc(alignment, arena_bytes);
    if (arena == NULL) {
        fprintf(stderr, "consumer: error: no memory for an arena of %zu bytes\n", arena_bytes);
        return 1;
    }
    memset(arena, 0xff, arena_bytes); /* NaN in every float: what is read must have been written */
    check(resnet20_run(resnet20_weights, picture, again, arena), "resnet20_run");

    static ResnetcPool pool;
    static float parallel_logits[logit_count];
    if (resnetc_pool_start(&pool, 2) != 0) {
        fprintf(stderr, "consumer: error: no second thread\n");
        return 1;
    }
    const ResnetcParallel parallel = resnetc_pool_parallel(&pool);
    check(resnet20_run_parallel(resnet20_weights, picture, parallel_logits, arena, &parallel),
          "resnet20_run_parallel");
    resnetc_pool_stop(&pool);
    free(arena);

    int best = 0;
    for (int i = 0; i < RESNET20_CLASSES; ++i) {
        printf("logit %d: %.6f\n", i, (double)logits[i]);
        if (logits[i] > logits[best])
            best = i;
    }
    printf("argmax: %d\n", best);

    if (memcmp(logits, again, sizeof logits) != 0) {
        fprintf(stderr, "consumer: error: resnet20_classify and resnet20_run differ\n");
        return 1;
    }
    if (memcmp(logits, parallel_logits, sizeof logits) != 0) {
        fprintf(stderr, "consumer: error: two threads compute something else\n");
        return 1;
    }
    return 0;
}
