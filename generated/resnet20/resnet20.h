// resnet20 for x86-64-v4: a network compiled by resnetc.
// Made by resnetc 0.1.0:
//   resnetc generate resnet20.yaml --weights resnet20_demo.safetensors --target x86-64-v4
//
// 269722 parameters, 40551040 multiply-accumulates a run.
// Every function may be called from several threads at once, given distinct arenas and outputs.
// Nothing is allocated; nothing is written but the arena and the output.
#ifndef RESNET20_H
#define RESNET20_H

#include <stdint.h>

struct ResnetcParallel; // resnetc_parallel.h; a pool of threads is in resnetc_threads.h

#ifdef __cplusplus
extern "C" {
#endif

// Input N,C,H,W.
#define RESNET20_INPUT_N 1
#define RESNET20_INPUT_C 3
#define RESNET20_INPUT_H 32
#define RESNET20_INPUT_W 32
// Output: N rows of this many floats.
#define RESNET20_CLASSES 10

// What the arena and the weights need; both must be aligned.
#define RESNET20_ARENA_BYTES 283136
#define RESNET20_WEIGHTS_BYTES 3134272
#define RESNET20_ALIGNMENT 64

// What the arena needs for a run on several workers; 1 <= workers. Every worker beyond the first has
// scratch memory of its own.
#define RESNET20_PARALLEL_ARENA_BYTES(workers) (RESNET20_ARENA_BYTES + ((workers) - 1) * RESNET20_WORKER_BYTES)
#define RESNET20_WORKER_BYTES 78336

// SHA-256 of the spec and of the packed weights.
#define RESNET20_SPEC_SHA256 "aef02e1f68ae070457fc2e974eb6b17e16043a66d6b9f46d8abbca31af772b4c"
#define RESNET20_WEIGHTS_SHA256 "e3a94cc4f1a0cefecc3e6246d006c3c586ee3bc0f73723d8e6870403253c122a"

// The packed weights, linked into the library; not pulled in by programs that bring their own.
extern const unsigned char resnet20_weights[RESNET20_WEIGHTS_BYTES];

// Runs the network on pixels 0..255 in N,H,W,C order, already cropped; normalises them itself.
//   weights  RESNET20_WEIGHTS_BYTES bytes, aligned: resnet20_weights or a copy of it
//   nhwc     N*H*W*C bytes
//   logits   N*10 floats
//   arena    RESNET20_ARENA_BYTES bytes, aligned; need not be cleared
// Returns 0, or a status for resnet20_status_string.
int resnet20_run(const void* weights, const uint8_t* nhwc, float* logits, void* arena);

// The same on floats in N,C,H,W order that are normalised already.
int resnet20_run_f32(const void* weights, const float* nchw, float* logits, void* arena);

// The same on several workers, with the same bits as result whatever their number.
//   arena      RESNET20_PARALLEL_ARENA_BYTES(parallel->workers) bytes, aligned
//   parallel   how to run tasks (resnetc_parallel.h); NULL: on the calling thread
int resnet20_run_parallel(const void* weights, const uint8_t* nhwc, float* logits, void* arena,
        const struct ResnetcParallel* parallel);
int resnet20_run_f32_parallel(const void* weights, const float* nchw, float* logits, void* arena,
        const struct ResnetcParallel* parallel);

// Convenience with the linked weights and one static arena: not for several threads at once.
int resnet20_classify(const uint8_t* nhwc, float* logits);
int resnet20_classify_f32(const float* nchw, float* logits);

// A static text for a status; never null.
const char* resnet20_status_string(int status);

#ifdef __cplusplus
}
#endif

#endif
