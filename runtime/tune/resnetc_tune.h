/* What `resnetc tune` puts into the executable that tries schedules: several ways to compute one
 * op side by side (its variants), or a whole network in two ways. Included by tune_main.c and by
 * the data that the tuner emits; no part of a library. */
#ifndef RESNETC_TUNE_H
#define RESNETC_TUNE_H

#include <stdint.h>

/* A tensor in the arena. */
typedef struct ResnetcTunePlace {
    uint64_t offset;
    uint64_t bytes;       /* 0: there is none */
    const uint8_t* value; /* what it holds before the op; of an output: what it must hold then */
} ResnetcTunePlace;

/* One way to compute the op: a step of the driver and the weights packed for it. */
typedef struct ResnetcTuneVariant {
    int step;
    uint64_t weights_offset; /* of everything that the step reads */
    uint64_t weights_bytes;
    double tolerance; /* largest error of a value; 0: the same bits */
} ResnetcTuneVariant;

typedef struct ResnetcTune {
    const uint8_t* weights;
    uint64_t input_bytes; /* the network's input, floats; 0: the op does not read it */
    const uint8_t* input;
    uint64_t output_bytes; /* the user's output */
    uint64_t arena_bytes;  /* with the scratch memory of all threads */
    int threads;
    uint64_t cache_bytes; /* of the last level */
    ResnetcTunePlace activation;
    ResnetcTunePlace residual;
    ResnetcTunePlace expected;
    int variants;
    const ResnetcTuneVariant* variant;
    int steps; /* of a whole network: its two ways to run, the steps in order */
    const int* before;
    const int* after;
} ResnetcTune;

extern const ResnetcTune resnetc_tune;

#endif
