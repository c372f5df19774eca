/* A model for testing the standalone program: its output shows which pixels it was given.
 *
 * Compiled several times with different FAKE_... definitions (tests/program/CMakeLists.txt).
 * logits[k] = weights[0] * (mean of channel k % C of the image) / 16 + k / 1024, so that the first
 * C classes tell the colour, and a wrong channel order, crop or batch place changes the result.
 * On several workers every logit is larger by their number less one.
 * A picture with a first value of 13 makes the run fail with status 7; 14 gives a NaN.
 */
#include "resnetc_model.h"

#include <math.h>
#include <string.h>

#ifndef FAKE_BATCH
#define FAKE_BATCH 1
#endif
#ifndef FAKE_CHANNELS
#define FAKE_CHANNELS 3
#endif
#ifndef FAKE_RESIZE_MODE
#define FAKE_RESIZE_MODE RESNETC_RESIZE_SHORT_SIDE
#endif
#ifndef FAKE_COLOUR
#define FAKE_COLOUR (FAKE_CHANNELS == 1 ? RESNETC_COLOUR_GREY : RESNETC_COLOUR_RGB)
#endif
#ifndef FAKE_ARENA
#define FAKE_ARENA 4096
#endif

enum { height = 6, width = 8, classes = 7, values = FAKE_CHANNELS * height * width };

static const float weights[4] = {1.0f, 0.0f, 0.0f, 0.0f};

/* Value i of the image in N,C,H,W order, from either input. */
static float value_at(const uint8_t* nhwc, const float* nchw, int image, int c, int i) {
    if (nchw)
        return nchw[(image * FAKE_CHANNELS + c) * height * width + i];
    return (float)nhwc[(image * height * width + i) * FAKE_CHANNELS + c];
}

static int run(const void* w, const uint8_t* nhwc, const float* nchw, float* logits, void* arena) {
    const float scale = *(const float*)w;
    memset(arena, 0xA5, FAKE_ARENA < 4096 ? FAKE_ARENA : 4096);
    for (int image = 0; image < FAKE_BATCH; image++) {
        float first = value_at(nhwc, nchw, image, 0, 0);
        if (first == 13.0f)
            return 7;
        for (int k = 0; k < classes; k++) {
            float sum = 0.0f;
            for (int i = 0; i < height * width; i++)
                sum += value_at(nhwc, nchw, image, k % FAKE_CHANNELS, i);
            float mean = sum / (height * width);
            logits[image * classes + k] = scale * mean / 16.0f + (float)k / 1024.0f;
        }
        if (first == 14.0f)
            logits[image * classes] = NAN;
    }
    return 0;
}

#ifndef FAKE_FLOAT_ONLY
static int run_u8(const void* w, const uint8_t* nhwc, float* logits, void* arena) {
    return run(w, nhwc, NULL, logits, arena);
}
#endif

static int run_f32(const void* w, const float* nchw, float* logits, void* arena) {
    return run(w, NULL, nchw, logits, arena);
}

#ifdef FAKE_PROFILE
/* Two ops: the first does the work, the second fails where the picture begins with 15. */
static const ResnetcOp ops[] = {{"conv1", "conv_pipeline_u8", 1000, 4000},
                                {"pool", "pool_pipeline", 0, 500}};

static int run_op(int op, const void* w, const void* input, float* logits, void* arena,
                  const ResnetcParallel* parallel) {
    (void)parallel;
    const uint8_t* nhwc = input;
    if (op == 0)
        return run(w, nhwc, NULL, logits, arena);
    return nhwc[0] == 15 ? 7 : 0;
}

static int64_t multiply_adds(float* scratch) {
    for (int i = 0; i < RESNETC_PEAK_FLOATS; i++)
        scratch[i] = scratch[i] * 0.5f + 1.0f;
    return 2 * RESNETC_PEAK_FLOATS;
}
#endif

static const char* status_string(int status) {
    return status == 7 ? "the picture is unlucky" : "unknown status";
}

#ifdef FAKE_THREADS
/* Pools are tested elsewhere; this one is a number. It cannot have 13 threads. */
static int started;

static const char* start_threads(int threads, ResnetcParallel* parallel) {
    started = threads;
    parallel->workers = threads;
    return threads == 13 ? "the threads are unlucky" : NULL;
}

enum { worker_bytes = 1 << 20 };

static int run_parallel(const void* w, const uint8_t* nhwc, const float* nchw, float* logits,
                        void* arena, const ResnetcParallel* parallel) {
    const int status = run(w, nhwc, nchw, logits, arena);
    const size_t more = (size_t)(parallel->workers - 1) * worker_bytes;
    memset((char*)arena + FAKE_ARENA, 0xA5, more);
    for (int k = 0; k < FAKE_BATCH * classes && started == parallel->workers; k++)
        logits[k] += (float)(parallel->workers - 1);
    return status;
}

static int run_u8_parallel(const void* w, const uint8_t* nhwc, float* logits, void* arena,
                           const ResnetcParallel* parallel) {
    return run_parallel(w, nhwc, NULL, logits, arena, parallel);
}

static int run_f32_parallel(const void* w, const float* nchw, float* logits, void* arena,
                            const ResnetcParallel* parallel) {
    return run_parallel(w, NULL, nchw, logits, arena, parallel);
}
#endif

#ifndef FAKE_NO_LABELS
static const char* const label_texts[classes] = {
    "red", "green", "blue", "a \"quoted\\label\"", "caf\xc3\xa9", "tab\there", "seven",
};
#else
#define label_texts NULL
#endif

#define HASH(digit) digit digit digit digit digit digit digit digit
#define HASH64(digit)                                                                              \
    HASH(digit) HASH(digit) HASH(digit) HASH(digit) HASH(digit) HASH(digit) HASH(digit) HASH(digit)

const ResnetcModel resnetc_model = {
    .name = "fake",
    .tool_version = "0.0.1-test",
    .spec_sha256 = HASH64("1"),
    .weights_sha256 = HASH64("2"),
    .plan_sha256 = HASH64("3"),
    .target = "x86-64-linux",
    .batch = FAKE_BATCH,
    .channels = FAKE_CHANNELS,
    .height = height,
    .width = width,
    .classes = classes,
#ifdef FAKE_MAP
    .map = {classes, 1, 1},
#endif
    .weights_bytes = sizeof weights,
    .arena_bytes = FAKE_ARENA,
    .arena_alignment = 64,
#ifndef FAKE_NO_WEIGHTS
    .embedded_weights = weights,
#endif
#ifndef FAKE_FLOAT_ONLY
    .run_u8 = run_u8,
#endif
    .run_f32 = run_f32,
#ifdef FAKE_THREADS
    .run_u8_parallel = run_u8_parallel,
    .run_f32_parallel = run_f32_parallel,
    .worker_bytes = worker_bytes,
    .start_threads = start_threads,
#endif
    .status_string = status_string,
#ifdef FAKE_PROFILE
    .ops = ops,
    .op_count = 2,
    .run_op = run_op,
    .multiply_adds = multiply_adds,
#endif
    .resize_mode = FAKE_RESIZE_MODE,
    .resize = 8,
    .colour_order = FAKE_COLOUR,
    .labels = label_texts,
#ifdef FAKE_SOFTMAX
    .head_is_softmax = 1,
#endif
};
