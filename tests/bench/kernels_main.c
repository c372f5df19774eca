/* Times every op of an emitted model, and the processor's peak beside it. kernels.py compiles it
 * together with the model's driver (-DRESNETC_STEPS) and library, for the same target.
 *
 *   kernels ROUNDS HOT_RUNS
 *
 * -DTHREADS=N runs the ops on N threads; the peak is that of one.
 * ROUNDS times: bursts of multiply-adds, the fastest counts; then all ops in order, each timed: so
 * an op finds the weights as cold as in a real run. At last each op HOT_RUNS times on its own.
 * Prints one JSON object: peak_gflops: of each round; ops: name, us (of each round), hot_us (of
 * each run). */
#include "resnetc_model.h"
#include "resnetc_runtime.h"
#if THREADS > 1
#include "resnetc_threads.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern const ResnetcStep resnetc_steps[];
extern const int resnetc_step_count;

/* VECTOR_FLOATS: the target's vector width. As many sums as hide the latency of two multiply-adds a
 * cycle and fit into 16 registers. */
typedef float Vector __attribute__((vector_size(VECTOR_FLOATS * sizeof(float))));
enum { SUMS = 12, BURST = 20000, BURSTS = 20 };

static double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_RAW, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double burst_gflops(void) {
    Vector sums[SUMS];
    Vector factor, term;
    for (int i = 0; i < VECTOR_FLOATS; i++) {
        factor[i] = 0.5F;
        term[i] = 1.0F;
    }
    for (int i = 0; i < SUMS; i++) {
        sums[i] = factor;
    }
    /* Opaque values: nothing can be computed ahead. */
    __asm__ volatile("" : "+m"(factor), "+m"(term));
    const double begin = now_us();
    for (int n = 0; n < BURST; n++) {
#pragma GCC unroll 12
        for (int i = 0; i < SUMS; i++) {
            sums[i] = sums[i] * factor + term;
        }
    }
    const double us = now_us() - begin;
    __asm__ volatile("" : : "m"(sums));
    return 2.0 * VECTOR_FLOATS * SUMS * BURST / us / 1e3;
}

static double peak_gflops(void) {
    double best = 0;
    for (int i = 0; i < BURSTS; i++) {
        const double gflops = burst_gflops();
        best = gflops > best ? gflops : best;
    }
    return best;
}

static void* aligned(size_t bytes) {
    void* block =
        aligned_alloc(RESNETC_ALIGNMENT, (bytes / RESNETC_ALIGNMENT + 1) * RESNETC_ALIGNMENT);
    if (!block) {
        fputs("kernels: error: out of memory\n", stderr);
        exit(1);
    }
    memset(block, 0, bytes);
    return block;
}

/* Floats in [-1, 1) from a linear congruential generator (Numerical Recipes' constants). */
static float* noise(size_t count) {
    float* values = aligned(count * sizeof(float));
    uint32_t state = 1;
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525U + 1013904223U;
        values[i] = (float)(state >> 8) / (float)(1 << 23) - 1.0F;
    }
    return values;
}

/* The float input's ops: those that only pixels need are left out. */
static int is_measured(const ResnetcStep* step) {
    const size_t length = strlen(step->name);
    return length < 3 || strcmp(step->name + length - 3, "_u8") != 0;
}

static double time_step(const ResnetcStep* step, const ResnetcRun* run) {
    const double begin = now_us();
    if (step->run(run)) {
        fprintf(stderr, "kernels: error: op '%s' failed\n", step->name);
        exit(1);
    }
    return now_us() - begin;
}

static void print_times(const char* key, const double* us, int count) {
    printf("\"%s\": [", key);
    for (int i = 0; i < count; i++) {
        printf("%s%.3f", i ? ", " : "", us[i]);
    }
    fputs("]", stdout);
}

static void measure(const ResnetcRun* run, int rounds, int hot_runs) {
    const size_t steps = (size_t)resnetc_step_count;
    double* peak = aligned((size_t)rounds * sizeof(double));
    double* us = aligned(steps * (size_t)rounds * sizeof(double));
    double* hot = aligned((size_t)hot_runs * sizeof(double));
    for (int round = 0; round < rounds; round++) {
        peak[round] = peak_gflops();
        for (size_t i = 0; i < steps; i++) {
            if (is_measured(&resnetc_steps[i])) {
                us[i * (size_t)rounds + (size_t)round] = time_step(&resnetc_steps[i], run);
            }
        }
    }
    fputs("{", stdout);
    print_times("peak_gflops", peak, rounds);
    fputs(", \"ops\": [", stdout);
    const char* separator = "\n";
    for (size_t i = 0; i < steps; i++) {
        if (!is_measured(&resnetc_steps[i])) {
            continue;
        }
        for (int k = 0; k < hot_runs; k++) {
            hot[k] = time_step(&resnetc_steps[i], run);
        }
        printf("%s{\"name\": \"%s\", ", separator, resnetc_steps[i].name);
        print_times("us", us + i * (size_t)rounds, rounds);
        fputs(", ", stdout);
        print_times("hot_us", hot, hot_runs);
        fputs("}", stdout);
        separator = ",\n";
    }
    puts("]}");
}

int main(int argc, char** argv) {
    const int rounds = argc == 3 ? atoi(argv[1]) : 0;
    const int hot_runs = argc == 3 ? atoi(argv[2]) : 0;
    if (rounds < 1 || hot_runs < 1) {
        fputs("usage: kernels ROUNDS HOT_RUNS\n", stderr);
        return 2;
    }
    const ResnetcModel* model = &resnetc_model;
    const size_t batch = (size_t)model->batch;
    const size_t values = (size_t)model->channels * (size_t)model->height * (size_t)model->width;
    const size_t workers = THREADS - 1;
    ResnetcRun run = {.weights = model->embedded_weights,
                      .input = noise(batch * values),
                      .output = aligned(batch * (size_t)model->classes * sizeof(float)),
                      .arena = aligned(model->arena_bytes + workers * model->worker_bytes)};
#if THREADS > 1
    static ResnetcPool pool;
    const int status = resnetc_pool_start(&pool, THREADS);
    if (status) {
        fprintf(stderr, "kernels: error: %s\n", resnetc_pool_status_string(status));
        return 1;
    }
    const ResnetcParallel parallel = resnetc_pool_parallel(&pool);
    run.parallel = &parallel;
#endif
    measure(&run, rounds, hot_runs);
    return 0;
}
