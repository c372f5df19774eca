/* A fixed pool of threads for compiled networks.
 *
 * Include it to run a network with <model>_run_parallel, and link resnetc_threads.c or
 * libresnetc_threads.a (on systems where threads are a library of their own, with -pthread). The
 * storage is the caller's:
 *
 *     static ResnetcPool pool;
 *     static _Alignas(64) unsigned char arena[RESNET18_PARALLEL_ARENA_BYTES(4)];
 *     int status = resnetc_pool_start(&pool, 4);
 *     const ResnetcParallel parallel = resnetc_pool_parallel(&pool);
 *     status = resnet18_run_parallel(resnet18_weights, pixels, logits, arena, &parallel);
 *     resnetc_pool_stop(&pool);
 *
 * Only resnetc_pool_start allocates (the operating system does, for stacks of threads) and only it
 * makes threads. Workers that have nothing to do spin for a tenth of a millisecond, then sleep. */
#ifndef RESNETC_THREADS_H
#define RESNETC_THREADS_H

#include "resnetc_parallel.h"

#include <pthread.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The most threads of one pool. */
#define RESNETC_MAX_THREADS 64

/* What one worker has left to do, on a cache line of its own. */
typedef struct ResnetcPoolWorker {
    uint64_t left; /* first task (low half) and the one behind the last (high half); atomic */
    struct ResnetcPool* pool;
    int index;
    pthread_t thread; /* of all but worker 0, which is whoever brings the work */
} __attribute__((aligned(64))) ResnetcPoolWorker;

/* Zeroed, or left behind by resnetc_pool_stop, it is a pool without threads. To be used through the
 * functions only, and neither moved nor copied while it has threads. */
typedef struct ResnetcPool {
    ResnetcPoolWorker workers[RESNETC_MAX_THREADS];
    /* What the workers wait for; atomic (resnetc_threads.c says what it holds). */
    uint64_t state __attribute__((aligned(64)));
    /* The work, written while no worker is inside. */
    ResnetcTask task __attribute__((aligned(64)));
    void* context;
    int active;  /* workers that may take part */
    int threads; /* of the pool, the caller's included; 0: not started */
    int busy;    /* atomic: somebody's work is under way */
    int stopping;
    int sleepers;      /* atomic: workers that sleep or are about to */
    int caller_sleeps; /* atomic */
    pthread_mutex_t mutex;
    pthread_cond_t work_came;
    pthread_cond_t work_done;
} ResnetcPool;

/* Status codes of resnetc_pool_start; 0 is success. */
enum {
    RESNETC_POOL_BAD_COUNT = 1, /* not 1 .. RESNETC_MAX_THREADS threads */
    RESNETC_POOL_STARTED = 2,   /* the pool has threads already */
    RESNETC_POOL_NO_THREADS = 3 /* the operating system refused them; none are left */
};

/* Starts a pool of `threads` threads, the calling one among them: threads - 1 are made. They block
 * all signals. Returns 0 or a status. */
int resnetc_pool_start(ResnetcPool* pool, int threads);

/* Ends the threads, waits for that, and leaves a pool without threads, which may be started anew.
 * No work may be under way. */
void resnetc_pool_stop(ResnetcPool* pool);

/* The pool as a network sees it, `threads` workers. It may be used from any thread. Tasks are
 * spread in contiguous stretches, one a worker, and a worker that is done takes from the others'
 * ends. A pool that is at work already (for a task that uses it again, or for another thread) lets
 * the caller do its tasks alone. A pool without threads does so as well. */
ResnetcParallel resnetc_pool_parallel(ResnetcPool* pool);

/* A static text for a status of resnetc_pool_start; never null. */
const char* resnetc_pool_status_string(int status);

#ifdef __cplusplus
}
#endif

#endif
