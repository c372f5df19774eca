/* Checks and times the variants of an op, or two ways to run a network, for `resnetc tune`.
 *
 *   runner check MS V...   each variant: is its result right, and its time, MS milliseconds each
 *   runner duel MS V...    the variants in turn, again and again, for MS milliseconds
 *   runner network MS      the whole network before and after, in turn, for MS milliseconds
 *
 * Weights are cold, as in a network: every call gets the next copy of them in a pool that is larger
 * than the caches. One line of text for each finding on standard output:
 *
 *   start V                variant V is next (if nothing follows, it was V that crashed or hung)
 *   wrong V ERROR LIMIT    it computes something else
 *   time V US              microseconds a call, the median
 *   round US US ...        one round of a duel, microseconds a call in the order given
 *   before US US ...       one run of the network, microseconds of each step; `after` likewise
 *   end
 *
 * Exit status: 0; 2 usage; 4 no memory or no threads. */
#define _GNU_SOURCE
#include "resnetc_runtime.h"
#include "resnetc_threads.h"
#include "resnetc_tune.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern const ResnetcStep resnetc_steps[];

#define GUARD 4096     /* bytes on both sides of the arena that nothing may touch */
#define GARBAGE 0x7fdd /* floats that are no numbers */
#define MAX_SAMPLES 64
#define MAX_ENTRANTS 8

static uint8_t* guarded; /* guard, arena, guard */
static uint8_t* pool;
static uint64_t pool_bytes;
static ResnetcRun run;
static ResnetcPool threads;
static ResnetcParallel parallel;

static double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static uint64_t align_up(uint64_t bytes) {
    return (bytes + RESNETC_ALIGNMENT - 1) / RESNETC_ALIGNMENT * RESNETC_ALIGNMENT;
}

static void* allocate(uint64_t bytes) {
    void* block = aligned_alloc(4096, (size_t)(bytes / 4096 + 1) * 4096);
    if (!block) {
        fprintf(stderr, "no memory for %llu bytes\n", (unsigned long long)bytes);
        exit(4);
    }
    return block;
}

static void fill_with_garbage(uint8_t* from, uint64_t bytes) {
    for (uint64_t i = 0; i + 4 <= bytes; i += 4) {
        const uint16_t pair[2] = {GARBAGE, GARBAGE};
        memcpy(from + i, pair, sizeof pair);
    }
}

static int is_garbage(const uint8_t* from, uint64_t bytes) {
    for (uint64_t i = 0; i + 4 <= bytes; i += 4) {
        const uint16_t pair[2] = {GARBAGE, GARBAGE};
        if (memcmp(from + i, pair, sizeof pair)) {
            return 0;
        }
    }
    return 1;
}

static void place(const ResnetcTunePlace* tensor) {
    if (tensor->bytes) {
        memcpy(run.arena + tensor->offset, tensor->value, (size_t)tensor->bytes);
    }
}

/* Bytes of a third-level cache; 0: unknown. The kernel knows what one cache holds; sysconf of glibc
 * 2.36 says what all caches of an AMD processor hold together. */
static uint64_t last_level_cache(void) {
    unsigned long kib = 0;
    FILE* file = fopen("/sys/devices/system/cpu/cpu0/cache/index3/size", "r");
    if (file) {
        if (fscanf(file, "%luK", &kib) != 1) {
            kib = 0;
        }
        fclose(file);
    }
    return (uint64_t)kib * 1024;
}

static void set_up(void) {
    const ResnetcTune* tune = &resnetc_tune;
    guarded = allocate(tune->arena_bytes + 2 * GUARD);
    run.arena = guarded + GUARD;
    run.weights = tune->weights;
    run.input = tune->input;
    run.output = allocate(tune->output_bytes + 64);
    if (tune->threads > 1) {
        const int status = resnetc_pool_start(&threads, tune->threads);
        if (status) {
            fprintf(stderr, "%s\n", resnetc_pool_status_string(status));
            exit(4);
        }
        parallel = resnetc_pool_parallel(&threads);
        run.parallel = &parallel;
    }
    fill_with_garbage(guarded, tune->arena_bytes + 2 * GUARD);
    place(&tune->activation);
    place(&tune->residual);
    const uint64_t cache = last_level_cache();
    pool_bytes = cache > tune->cache_bytes ? cache : tune->cache_bytes;
    pool_bytes += pool_bytes / 4;
}

/* Largest difference between the output and what was expected. */
static double output_error(void) {
    const ResnetcTunePlace* expected = &resnetc_tune.expected;
    double worst = 0;
    for (uint64_t i = 0; i < expected->bytes; i += 4) {
        float got = 0;
        float wanted = 0;
        memcpy(&got, run.arena + expected->offset + i, 4);
        memcpy(&wanted, expected->value + i, 4);
        const double error = fabs((double)got - (double)wanted);
        worst = error <= worst ? worst : error; /* a NaN stays */
    }
    return worst;
}

/* Whether the variant's result is right and nothing else was written; says so if not. */
static int check(int index) {
    const ResnetcTune* tune = &resnetc_tune;
    const ResnetcTuneVariant* variant = &tune->variant[index];
    fill_with_garbage(guarded, tune->arena_bytes + 2 * GUARD);
    place(&tune->activation);
    place(&tune->residual);
    run.weights = tune->weights;
    const int status = resnetc_steps[variant->step].run(&run);
    const double error = output_error();
    const ResnetcTunePlace* in = &tune->activation;
    const int kept =
        (in->bytes == 0 || !memcmp(run.arena + in->offset, in->value, (size_t)in->bytes)) &&
        is_garbage(guarded, GUARD) && is_garbage(run.arena + tune->arena_bytes, GUARD);
    const double limit = variant->tolerance;
    if (status == 0 && kept && error <= limit) {
        return 1;
    }
    printf("wrong %d %g %g%s\n", index, error, limit, kept ? "" : " writes beside its output");
    fflush(stdout);
    return 0;
}

/* Copies of a variant's weights, one after the other. */
typedef struct Copies {
    const ResnetcTuneVariant* variant;
    uint64_t stride;
    int count;
    int next;
} Copies;

static Copies make_copies(int index, uint8_t* from, uint64_t room) {
    Copies copies = {&resnetc_tune.variant[index], 0, 1, 0};
    copies.stride = align_up(copies.variant->weights_bytes + 64);
    copies.count = room > copies.stride ? (int)(room / copies.stride) : 1;
    for (int i = 0; i < copies.count; ++i) {
        memcpy(from + (uint64_t)i * copies.stride,
               resnetc_tune.weights + copies.variant->weights_offset,
               (size_t)copies.variant->weights_bytes);
    }
    return copies;
}

static void call(Copies* copies, const uint8_t* from) {
    /* The step adds its offsets in the whole to run.weights. */
    run.weights = (const uint8_t*)((uintptr_t)from + (uint64_t)copies->next * copies->stride -
                                   copies->variant->weights_offset);
    copies->next = (copies->next + 1) % copies->count;
    resnetc_steps[copies->variant->step].run(&run);
}

/* Microseconds a call, over `calls` calls. */
static double sample(Copies* copies, const uint8_t* from, int calls) {
    const double begin = now_us();
    for (int i = 0; i < calls; ++i) {
        call(copies, from);
    }
    return (now_us() - begin) / calls;
}

/* So many calls that a sample takes a quarter of a millisecond: the clock is no part of it. */
static int calls_for(Copies* copies, const uint8_t* from) {
    sample(copies, from, 2);
    const double us = sample(copies, from, 2);
    return us >= 250 ? 1 : (int)(250 / (us > 0.01 ? us : 0.01)) + 1;
}

static int ascending(const void* a, const void* b) {
    const double x = *(const double*)a;
    const double y = *(const double*)b;
    return (x > y) - (x < y);
}

static void run_check(double ms, int argc, char** argv) {
    for (int i = 0; i < argc; ++i) {
        const int index = atoi(argv[i]);
        printf("start %d\n", index);
        fflush(stdout);
        if (!check(index)) {
            continue;
        }
        Copies copies = make_copies(index, pool, pool_bytes);
        const int calls = calls_for(&copies, pool);
        double samples[MAX_SAMPLES];
        int count = 0;
        const double begin = now_us();
        while (count < 3 || (count < MAX_SAMPLES && now_us() - begin < ms * 1000)) {
            samples[count++] = sample(&copies, pool, calls);
        }
        qsort(samples, (size_t)count, sizeof samples[0], ascending);
        printf("time %d %.4f\n", index, samples[count / 2]);
        fflush(stdout);
    }
}

/* The variants of a duel, each with a pool of its own: the others' calls make it cold. */
typedef struct Duel {
    int count;
    int round;
    Copies copies[MAX_ENTRANTS];
    uint8_t* pools[MAX_ENTRANTS];
    const uint8_t* from[MAX_ENTRANTS]; /* the pool that the variant has now */
    int calls[MAX_ENTRANTS];
} Duel;

static void run_round(Duel* duel) {
    double us[MAX_ENTRANTS];
    for (int i = 0; i < duel->count; ++i) { /* every one is first once */
        const int v = (i + duel->round) % duel->count;
        us[v] = sample(&duel->copies[v], duel->from[v], duel->calls[v]);
    }
    printf("round");
    for (int i = 0; i < duel->count; ++i) {
        printf(" %.4f", us[i]);
    }
    printf("\n");
    fflush(stdout);
    ++duel->round;
}

/* Memory is not all alike: a pool may have pages that are several times as slow as the others'. So
 * each variant has each of the pools for a part of the time. */
static void run_duel(double ms, int argc, char** argv) {
    static Duel duel;
    duel.count = argc < MAX_ENTRANTS ? argc : MAX_ENTRANTS;
    for (int i = 0; i < duel.count; ++i) {
        duel.pools[i] = i == 0 ? pool : allocate(pool_bytes);
    }
    const int rounds = (4 + duel.count) / duel.count; /* of a part at least; 5 of all */
    for (int part = 0; part < duel.count; ++part) {
        for (int i = 0; i < duel.count; ++i) {
            uint8_t* own = duel.pools[(i + part) % duel.count];
            duel.from[i] = own;
            duel.copies[i] = make_copies(atoi(argv[i]), own, pool_bytes);
            if (part == 0) {
                duel.calls[i] = calls_for(&duel.copies[i], own);
            }
        }
        const double begin = now_us();
        for (int i = 0; i < rounds || now_us() - begin < ms * 1000 / duel.count; ++i) {
            run_round(&duel);
        }
    }
}

static void run_network(double ms) {
    const ResnetcTune* tune = &resnetc_tune;
    double* us = allocate((uint64_t)tune->steps * sizeof(double) + 64);
    const double begin = now_us();
    for (int round = 0; round < 6 || now_us() - begin < ms * 1000; ++round) {
        for (int way = 0; way < 2; ++way) {
            const int after = (way + round) % 2;
            const int* steps = after ? tune->after : tune->before;
            double last = now_us();
            for (int i = 0; i < tune->steps; ++i) {
                resnetc_steps[steps[i]].run(&run);
                const double time = now_us();
                us[i] = time - last;
                last = time;
            }
            if (round == 0) {
                continue; /* pages are touched for the first time */
            }
            printf(after ? "after" : "before");
            for (int i = 0; i < tune->steps; ++i) {
                printf(" %.3f", us[i]);
            }
            printf("\n");
        }
        fflush(stdout);
    }
}

int main(int argc, char** argv) {
    const double ms = argc > 2 ? atof(argv[2]) : 0;
    const char* mode = argc > 2 ? argv[1] : "";
    const int network = strcmp(mode, "network") == 0;
    const int duel = strcmp(mode, "duel") == 0;
    if (!network && !duel && strcmp(mode, "check") != 0) {
        fprintf(stderr, "usage: %s check|duel MS V... or %s network MS\n", argv[0], argv[0]);
        return 2;
    }
    for (int i = 3; i < argc; ++i) {
        if (atoi(argv[i]) < 0 || atoi(argv[i]) >= resnetc_tune.variants) {
            fprintf(stderr, "no variant %s\n", argv[i]);
            return 2;
        }
    }
    set_up();
    if (network) {
        run_network(ms);
    } else {
        pool = allocate(pool_bytes + 64);
        (duel ? run_duel : run_check)(ms, argc - 3, argv + 3);
    }
    printf("end\n");
    return 0;
}
