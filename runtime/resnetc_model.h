/* The interface between an emitted model and the programs and tools linked with it.
 *
 * Include it to run any emitted model without knowing its name: the standalone program
 * (runtime/program) does, and so can a test harness. The emitter writes one C or C++ file per
 * binary that defines `resnetc_model`; everything else reads it. Plain C, no dependencies.
 *
 * Notation: N = batch, C = channels, H = height, W = width, K = classes. A network without a head
 * has a map as its output: then K is the number of its values for one image.
 */
#ifndef RESNETC_MODEL_H
#define RESNETC_MODEL_H

#include "resnetc_parallel.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a decoded photograph becomes H x W pixels. Scaling is always bilinear with antialiasing, as
 * Pillow's Image.resize(..., BILINEAR); cropping is torchvision's CenterCrop, which pads with black
 * where the image is smaller than H x W. */
typedef enum ResnetcResize {
    RESNETC_RESIZE_NONE = 0,       /* no change: the image has to be H x W already */
    RESNETC_RESIZE_CROP = 1,       /* no scaling, then centre crop */
    RESNETC_RESIZE_SHORT_SIDE = 2, /* scale so that the shorter side is `resize`, centre crop */
    RESNETC_RESIZE_EXACT = 3       /* scale straight to H x W, whatever the aspect ratio */
} ResnetcResize;

/* What the channels of run_u8's pixels are. The program converts; the model does not reorder. */
typedef enum ResnetcColour {
    RESNETC_COLOUR_RGB = 0, /* C = 3 */
    RESNETC_COLOUR_BGR = 1, /* C = 3 */
    RESNETC_COLOUR_GREY = 2 /* C = 1, luma as Pillow's convert("L"): (299 R + 587 G + 114 B)/1000 */
} ResnetcColour;

/* One op of the network as --profile shows it. */
typedef struct ResnetcOp {
    const char* name;     /* "layer2.0.conv1" */
    const char* pipeline; /* the Halide function that computes it */
    int64_t macs;         /* multiply-accumulates of the layer; 0: it has none */
    int64_t bytes; /* of its weights and of the tensors that it reads and writes, each once */
} ResnetcOp;

/* What multiply_adds needs at most, in floats. */
#define RESNETC_PEAK_FLOATS 1024

/* One compiled model. All pointers are to static storage and never change. */
typedef struct ResnetcModel {
    /* Identity. None of these is NULL. Hashes are 64 lower-case hexadecimal digits (SHA-256). */
    const char* name;           /* the spec's `name:`, also the name of the program */
    const char* tool_version;   /* version of resnetc that emitted the model, e.g. "0.1.0" */
    const char* spec_sha256;    /* of the spec file */
    const char* weights_sha256; /* of the packed weights */
    const char* plan_sha256;    /* of the plan: algorithms, tiles, arena offsets */
    const char* target;         /* the Halide target string */

    /* Shapes, all >= 1. Input N,C,H,W; output N,K. */
    int batch, channels, height, width, classes;
    /* Without a head: the output's channels, height and width, whose product is K. Else zeros. */
    int map[3];

    /* What the run functions need. */
    size_t weights_bytes;         /* size of the packed weights */
    size_t arena_bytes;           /* scratch memory of one run; may be 0 */
    size_t arena_alignment;       /* power of two, of the arena's and the weights' address */
    const void* embedded_weights; /* `weights_bytes` in read-only data; NULL: in a separate file */

    /* Runs the network on a full batch. Writes float[N*K] to `logits` and scratch to `arena`,
     * nothing else; reentrant given distinct arenas and logits.
     *   weights: `weights_bytes` bytes aligned to `arena_alignment`
     *   arena:   `arena_bytes` bytes aligned to `arena_alignment`; contents need not be cleared
     *   input and logits: aligned as their element type demands, no more
     * Returns 0, or a status that status_string explains.
     *   run_u8:  pixels 0..255, N,H,W,C, channels in the order `colour_order` says, not normalised;
     *            NULL where the spec has no preprocessing
     *   run_f32: N,C,H,W, already normalised; NULL where only u8 input was compiled */
    int (*run_u8)(const void* weights, const uint8_t* nhwc, float* logits, void* arena);
    int (*run_f32)(const void* weights, const float* nchw, float* logits, void* arena);
    const char* (*status_string)(int status); /* static text, never NULL */

    /* For --profile; all of it 0 or NULL unless the model was compiled with it.
     *   ops:            in the order of execution
     *   run_op:         runs one of them; to be called in order, with the arguments of run_u8 where
     *                   there is one, else of run_f32. The logits are not written.
     *                   `parallel`: see below; NULL for one thread
     *   multiply_adds:  as many multiply-adds as the target's vector registers can do, for the peak
     *                   that the ops are held against; `scratch`: RESNETC_PEAK_FLOATS, aligned to
     *                   `arena_alignment`. Returns the number of floating-point operations, two
     *                   each. */
    const ResnetcOp* ops;
    int op_count;
    int (*run_op)(int op, const void* weights, const void* input, float* logits, void* arena,
                  const ResnetcParallel* parallel);
    int64_t (*multiply_adds)(float* scratch);
    /* Threads; all of it 0 or NULL in a serial build.
     *   run_..._parallel:  as above on parallel->workers workers, with the same bits as result;
     *                      the arena has worker_bytes more for each worker beyond the first
     *   start_threads:     makes a pool of so many threads, the caller's included, once and for
     *                      all, and describes it in `parallel`. Returns NULL, or why it could not.
     */
    int (*run_u8_parallel)(const void* weights, const uint8_t* nhwc, float* logits, void* arena,
                           const ResnetcParallel* parallel);
    int (*run_f32_parallel)(const void* weights, const float* nchw, float* logits, void* arena,
                            const ResnetcParallel* parallel);
    size_t worker_bytes;
    const char* (*start_threads)(int threads, ResnetcParallel* parallel);

    /* Preprocessing of photographs; used only with run_u8. */
    int resize_mode;  /* a ResnetcResize */
    int resize;       /* RESNETC_RESIZE_SHORT_SIDE: length of the shorter side in pixels, >= 1 */
    int colour_order; /* a ResnetcColour */

    /* Reading the output. */
    const char* const* labels; /* K texts in UTF-8, or NULL */
    int head_is_softmax;       /* 1: the output already is probabilities, 0: logits */
} ResnetcModel;

/* The one model of this binary. */
extern const ResnetcModel resnetc_model;

#ifdef __cplusplus
}
#endif

#endif
