/* Runs the model that MODEL_HEADER declares on 1 to 4 threads, 200 times each over an arena full of
 * garbage, on a pool and on a parallel_for of its own, and compares every output with the serial
 * run's bit for bit. Once the pool has started, no heap and no memory of the operating system may
 * be asked for: malloc and its kin end the program, and so does the kernel at a forbidden call
 * (-DWATCH). See tests/threads_test.cpp.
 *
 * Arguments: none. Prints what was compared, at last the logits as raw bytes into the file
 * LOGITS_FILE. Exit status: 0; 1 a result differs; 2 a run failed; 3 files; 4 memory was asked for.
 */
#define _GNU_SOURCE
#include MODEL_HEADER
#include "resnetc_threads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JOIN(a, b) a##b
#define PASTE(a, b) JOIN(a, b)
#define LOWER(suffix) PASTE(MODEL_LOWER, suffix)
#define UPPER(suffix) PASTE(MODEL_UPPER, suffix)

enum {
    most_threads = 4,
    runs = 200,
    pixel_bytes = UPPER(_INPUT_N) * UPPER(_INPUT_H) * UPPER(_INPUT_W) * UPPER(_INPUT_C),
    logit_count = UPPER(_INPUT_N) * UPPER(_CLASSES)
};

static uint8_t pixels[pixel_bytes];
static float expected[logit_count];
static float logits[logit_count];
static _Alignas(UPPER(_ALIGNMENT)) uint8_t arena[UPPER(_PARALLEL_ARENA_BYTES)(most_threads)];
static _Alignas(UPPER(_ALIGNMENT)) uint8_t second_arena[UPPER(_PARALLEL_ARENA_BYTES)(2)];
static ResnetcPool pool;
static ResnetcPool second_pool;

/* ---- No memory after the start ---- */

static int watching;

#ifdef WATCH
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static void asked(const char* what) {
    if (watching) {
        const char text[] = "memory was asked for after the start: ";
        if (write(2, text, sizeof text - 1) < 0 || write(2, what, strlen(what)) < 0) {
            _exit(3);
        }
        _exit(4);
    }
}

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

void* malloc(size_t size) {
    asked("malloc");
    return __libc_malloc(size);
}

void* calloc(size_t count, size_t size) {
    asked("calloc");
    return __libc_calloc(count, size);
}

void* realloc(void* block, size_t size) {
    asked("realloc");
    return __libc_realloc(block, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
    asked("aligned_alloc");
    return __libc_memalign(alignment, size);
}

/* From here on these calls fail with ENOTNAM, for all threads; 0 if the kernel takes the filter. */
static int forbid_memory_calls(void) {
    enum { forbidden_calls = 6 };
    static const uint32_t calls[forbidden_calls] = {SYS_mmap, SYS_munmap, SYS_mremap,
                                                    SYS_brk,  SYS_clone,  SYS_mprotect};
    struct sock_filter filter[forbidden_calls + 3];
    filter[0] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int i = 0; i < forbidden_calls; ++i) {
        filter[i + 1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i],
                                                     (uint8_t)(forbidden_calls - i), 0);
    }
    filter[forbidden_calls + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    filter[forbidden_calls + 2] =
        (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    const struct sock_fprog program = {forbidden_calls + 3, filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
           syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
}

static void watch(void) {
    watching = 1;
    puts(forbid_memory_calls() ? "the kernel refused the filter" : "the kernel watches");
    fflush(stdout);
}
#else
static void watch(void) {
    watching = 1;
}
#endif

/* ---- Runs ---- */

static void make_pixels(void) {
    uint32_t state = 1;
    for (int i = 0; i < pixel_bytes; ++i) {
        state = state * 1664525u + 1013904223u;
        pixels[i] = (uint8_t)(state >> 24);
    }
}

/* Numbers that would show in the result, NaNs among them. */
static void make_dirty(uint8_t* block, size_t bytes, uint32_t seed) {
    for (size_t i = 0; i + 4 <= bytes; i += 4) {
        const float value = seed % 3 ? (float)(seed % 1000) : -1e30f;
        seed = seed * 1664525u + 1013904223u;
        memcpy(block + i, &value, 4);
        if (seed % 7 == 0) {
            memset(block + i, 0xff, 4);
        }
    }
}

static int check_runs(const char* what, const ResnetcParallel* parallel) {
    for (int i = 0; i < runs; ++i) {
        make_dirty(arena, sizeof arena, (uint32_t)i + 1);
        memset(logits, 0xff, sizeof logits);
        if (LOWER(_run_parallel)(LOWER(_weights), pixels, logits, arena, parallel)) {
            return 2;
        }
        if (memcmp(logits, expected, sizeof logits)) {
            printf("%s, %d workers, run %d: differs\n", what, parallel->workers, i);
            return 1;
        }
    }
    printf("%s, %d workers: %d runs, the same bits\n", what, parallel->workers, runs);
    return 0;
}

/* A caller's own: backwards, on made-up workers. */
static int calls_of_own;

static void own_parallel_for(void* state, int tasks, ResnetcTask task, void* context) {
    ++calls_of_own;
    for (int i = tasks - 1; i >= 0; --i) {
        task(context, i, i % *(const int*)state);
    }
}

static int check_own(void) {
    int workers = 3;
    const ResnetcParallel own = {own_parallel_for, &workers, workers};
    const int status = check_runs("own parallel_for", &own);
    return status ? status : calls_of_own < runs ? 2 : 0;
}

/* Two pools at once, each with its own arena, one of them driven by a thread of the other. */
typedef struct Pair {
    float logits[2][logit_count];
    int status[2];
    ResnetcParallel second;
} Pair;

static void run_one_of_two(void* context, int task, int worker) {
    Pair* pair = context;
    (void)worker;
    for (int i = 0; i < runs / 4 && !pair->status[task]; ++i) {
        pair->status[task] =
            LOWER(_run_parallel)(LOWER(_weights), pixels, pair->logits[task],
                                 task ? second_arena : arena, task ? &pair->second : NULL);
    }
}

static int check_two_pools(void) {
    static Pair pair;
    const ResnetcParallel first = resnetc_pool_parallel(&pool);
    pair.second = resnetc_pool_parallel(&second_pool);
    first.parallel_for(first.state, 2, run_one_of_two, &pair);
    for (int i = 0; i < 2; ++i) {
        if (pair.status[i]) {
            return 2;
        }
        if (memcmp(pair.logits[i], expected, sizeof expected)) {
            return 1;
        }
    }
    puts("two pools at once: the same bits");
    return 0;
}

static int check_all(void) {
    static ResnetcPool pools[most_threads + 1];
    int status = 0;
    for (int threads = 1; threads <= most_threads; ++threads) {
        if (resnetc_pool_start(&pools[threads], threads)) {
            return 2;
        }
    }
    if (resnetc_pool_start(&pool, 2) || resnetc_pool_start(&second_pool, 2)) {
        return 2;
    }
    watch();
    for (int threads = 1; threads <= most_threads && !status; ++threads) {
        const ResnetcParallel parallel = resnetc_pool_parallel(&pools[threads]);
        status = check_runs("pool", &parallel);
    }
    status = status ? status : check_own();
    return status ? status : check_two_pools();
}

int main(void) {
    static char buffer[4096];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer); /* or the first puts would allocate */
    FILE* file = fopen(LOGITS_FILE, "wb");
    if (!file) {
        return 3;
    }
    static char file_buffer[4096];
    setvbuf(file, file_buffer, _IOFBF, sizeof file_buffer);
    make_pixels();
    if (LOWER(_run)(LOWER(_weights), pixels, expected, arena)) {
        return 2;
    }
    const int status = check_all();
    if (status) {
        fflush(stdout);
        _exit(status);
    }
    if (fwrite(expected, sizeof expected, 1, file) != 1 || fflush(file) || fflush(stdout)) {
        _exit(3);
    }
    _exit(0); /* the C library's own end would give memory back */
}
