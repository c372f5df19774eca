/* What an emitted driver needs besides its pipelines. Included by the emitted C files; header only,
 * so that libraries of several models can be linked into one program.
 *
 * Never allocates, never calls the operating system. */
#ifndef RESNETC_RUNTIME_H
#define RESNETC_RUNTIME_H

#include <HalideRuntime.h>
#include <stdint.h>

/* Cache line; every tensor in an arena and every piece of weights starts on one. */
#define RESNETC_ALIGNMENT 64

/* Status codes of the run functions. */
enum {
    RESNETC_OK = 0,
    RESNETC_NULL_POINTER = 1,
    RESNETC_MISALIGNED_WEIGHTS = 2,
    RESNETC_MISALIGNED_ARENA = 3,
    RESNETC_PIPELINE_FAILED = 4
};

struct ResnetcParallel;

/* One run of a network, as its ops see it. */
typedef struct ResnetcRun {
    const uint8_t* weights; /* the packed weights */
    const void* input;      /* u8 pixels N,H,W,C or floats N,C,H,W */
    void* output;           /* the user's */
    uint8_t* arena;
    const struct ResnetcParallel* parallel; /* NULL: one worker; without use in a serial build */
} ResnetcRun;

/* An op on its own, for tests that look at every intermediate tensor. */
typedef struct ResnetcStep {
    const char* name;
    int (*run)(const ResnetcRun* run);
    uint64_t output_offset; /* in the arena, of the tensor that it writes */
    uint64_t output_bytes;  /* 0: it writes the user's output */
} ResnetcStep;

/* Describes `data` to a pipeline. `code` and `bits` are Halide's: halide_type_float, 32, ... */
static inline halide_buffer_t resnetc_buffer(const void* data, halide_type_code_t code, int bits,
                                             int rank, halide_dimension_t* dimensions) {
    halide_buffer_t buffer = {0};
    buffer.host = (uint8_t*)(uintptr_t)data;
    buffer.type.code = (uint8_t)code;
    buffer.type.bits = (uint8_t)bits;
    buffer.type.lanes = 1;
    buffer.dimensions = rank;
    buffer.dim = dimensions;
    return buffer;
}

static inline int resnetc_check(const ResnetcRun* run) {
    if (!run->weights || !run->input || !run->output || !run->arena) {
        return RESNETC_NULL_POINTER;
    }
    if ((uintptr_t)run->weights % RESNETC_ALIGNMENT) {
        return RESNETC_MISALIGNED_WEIGHTS;
    }
    return (uintptr_t)run->arena % RESNETC_ALIGNMENT ? RESNETC_MISALIGNED_ARENA : RESNETC_OK;
}

static inline const char* resnetc_status_string(int status) {
    switch (status) {
    case RESNETC_OK:
        return "ok";
    case RESNETC_NULL_POINTER:
        return "a pointer is null";
    case RESNETC_MISALIGNED_WEIGHTS:
        return "the weights are not aligned to 64 bytes";
    case RESNETC_MISALIGNED_ARENA:
        return "the arena is not aligned to 64 bytes";
    case RESNETC_PIPELINE_FAILED:
        return "a pipeline failed";
    default:
        return "unknown status";
    }
}

#endif
