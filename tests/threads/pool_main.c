/* The thread pool by itself, under ThreadSanitizer too: every task once, visible results, distinct
 * workers, nesting, more threads than tasks, stopping and starting, several callers on one pool,
 * errors of a parallel loop. See tests/threads_test.cpp.
 *
 * Prints the checks that hold; exit status 0, or 1 after the first that does not. */
#include "resnetc_par_for.h"
#include "resnetc_threads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { most_tasks = 1000, nested_tasks = 5 };

static void require(int holds, const char* what) {
    if (!holds) {
        fprintf(stderr, "does not hold: %s\n", what);
        exit(1);
    }
}

/* ---- Every task once ---- */

typedef struct Count {
    int done[most_tasks]; /* plain: the pool has to order these writes before the check */
    int inside[RESNETC_MAX_THREADS]; /* atomic; tasks under way by worker */
    int workers;
    int overlaps; /* atomic */
} Count;

static void count_task(void* context, int task, int worker) {
    Count* count = (Count*)context;
    if (worker < 0 || worker >= count->workers ||
        __atomic_fetch_add(&count->inside[worker], 1, __ATOMIC_RELAXED) != 0) {
        __atomic_store_n(&count->overlaps, 1, __ATOMIC_RELAXED);
    }
    ++count->done[task];
    __atomic_fetch_sub(&count->inside[worker], 1, __ATOMIC_RELAXED);
}

static void check_counts(const ResnetcParallel* parallel, int tasks) {
    static Count count;
    memset(&count, 0, sizeof count);
    count.workers = parallel->workers;
    parallel->parallel_for(parallel->state, tasks, count_task, &count);
    for (int i = 0; i < most_tasks; ++i) {
        require(count.done[i] == (i < tasks), "every task is done once, no other is");
    }
    require(!count.overlaps, "workers are in range and do one task at a time");
}

static void nap(long nanoseconds) {
    const struct timespec time = {0, nanoseconds};
    nanosleep(&time, NULL);
}

static void check_pool(int threads, int rounds) {
    static ResnetcPool pool;
    require(resnetc_pool_start(&pool, threads) == 0, "the pool starts");
    require(resnetc_pool_start(&pool, threads) == RESNETC_POOL_STARTED, "but not twice");
    const ResnetcParallel parallel = resnetc_pool_parallel(&pool);
    require(parallel.workers == threads, "as many workers as threads");
    uint32_t state = 1;
    for (int round = 0; round < rounds; ++round) {
        state = state * 1664525u + 1013904223u;
        check_counts(&parallel, 1 + (int)(state >> 24) % (round % 3 ? 6 : 100));
        if (round % 100 == 99) {
            nap(300000); /* the workers fall asleep */
        }
    }
    check_counts(&parallel, most_tasks);
    resnetc_pool_stop(&pool);
    resnetc_pool_stop(&pool);
    printf("%d threads: every task once\n", threads);
}

/* ---- Nested and concurrent use ---- */

typedef struct Nested {
    const ResnetcParallel* parallel;
    int done[64][nested_tasks];
} Nested;

typedef struct Inner {
    int* done;
    int last; /* plain: inner tasks come one after the other */
} Inner;

static void inner_task(void* context, int task, int worker) {
    Inner* inner = (Inner*)context;
    require(worker == 0 && task == inner->last + 1, "nested tasks are done in order by one worker");
    inner->last = task;
    ++inner->done[task];
}

static void outer_task(void* context, int task, int worker) {
    Nested* nested = (Nested*)context;
    Inner inner = {nested->done[task], -1};
    (void)worker;
    nested->parallel->parallel_for(nested->parallel->state, nested_tasks, inner_task, &inner);
}

static void check_nested(void) {
    static ResnetcPool pool;
    static Nested nested;
    require(resnetc_pool_start(&pool, 3) == 0, "the pool starts");
    const ResnetcParallel parallel = resnetc_pool_parallel(&pool);
    nested.parallel = &parallel;
    parallel.parallel_for(parallel.state, 64, outer_task, &nested);
    for (int i = 0; i < 64 * nested_tasks; ++i) {
        require(nested.done[i / nested_tasks][i % nested_tasks] == 1, "nested tasks are done once");
    }
    resnetc_pool_stop(&pool);
    puts("nested work runs serially");
}

static void flat_task(void* context, int task, int worker) {
    (void)worker; /* either caller may find the pool idle or busy */
    ++((int*)context)[task];
}

static void* use_pool(void* argument) {
    const ResnetcParallel* parallel = (const ResnetcParallel*)argument;
    for (int i = 0; i < 300; ++i) {
        int done[80] = {0};
        parallel->parallel_for(parallel->state, 80, flat_task, done);
        for (int k = 0; k < 80; ++k) {
            require(done[k] == 1, "two callers of one pool get their tasks done");
        }
    }
    return NULL;
}

static void check_two_callers(void) {
    static ResnetcPool pool;
    pthread_t other;
    require(resnetc_pool_start(&pool, 2) == 0, "the pool starts");
    ResnetcParallel parallel = resnetc_pool_parallel(&pool);
    require(pthread_create(&other, NULL, use_pool, &parallel) == 0, "a thread");
    use_pool(&parallel);
    pthread_join(other, NULL);
    resnetc_pool_stop(&pool);
    puts("two callers share a pool");
}

/* ---- Halide's loops ---- */

static int fail_at_7(void* user_context, int iteration, uint8_t* closure) {
    (void)user_context;
    __atomic_fetch_add((int*)(void*)closure, 1, __ATOMIC_RELAXED);
    return iteration == 7 ? -42 : 0;
}

static void check_loops(void) {
    static ResnetcPool pool;
    require(resnetc_pool_start(&pool, 4) == 0, "the pool starts");
    ResnetcParallel parallel = resnetc_pool_parallel(&pool);
    void* contexts[] = {&parallel, NULL};
    for (int i = 0; i < 2; ++i) {
        int count = 0;
        uint8_t* closure = (uint8_t*)&count;
        require(halide_do_par_for(contexts[i], fail_at_7, 5, 10, closure) == -42,
                "a loop returns the status of the iteration that failed");
        require(count == 10, "the other iterations are done");
        require(halide_do_par_for(contexts[i], fail_at_7, 8, 10, closure) == 0 && count == 20,
                "a loop without a failure returns 0");
        require(halide_do_par_for(contexts[i], fail_at_7, 7, 0, closure) == 0 && count == 20,
                "an empty loop does nothing");
    }
    resnetc_pool_stop(&pool);
    puts("a failing iteration is reported");
}

static void check_errors(void) {
    static ResnetcPool pool;
    require(resnetc_pool_start(&pool, 0) == RESNETC_POOL_BAD_COUNT, "0 threads are refused");
    require(resnetc_pool_start(&pool, RESNETC_MAX_THREADS + 1) == RESNETC_POOL_BAD_COUNT,
            "too many threads are refused");
    const ResnetcParallel parallel = resnetc_pool_parallel(&pool);
    require(parallel.workers == 1, "a pool without threads has one worker");
    check_counts(&parallel, 10);
    for (int status = -1; status < 6; ++status) {
        require(resnetc_pool_status_string(status)[0] != 0, "every status has a text");
    }
    puts("errors");
}

int main(int argc, char** argv) {
    const int rounds = argc > 1 ? atoi(argv[1]) : 1000;
    for (int threads = 1; threads <= 5; ++threads) {
        check_pool(threads, rounds);
    }
    check_pool(RESNETC_MAX_THREADS, 20);
    check_nested();
    check_two_callers();
    check_loops();
    check_errors();
    return 0;
}
