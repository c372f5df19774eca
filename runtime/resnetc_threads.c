/* The thread pool of resnetc_threads.h.
 *
 * `state` holds, from the top: a number that changes with every piece of work (32 bits), how many
 * workers may take part in it (16 bits; 0 closes it), how many of the pool's threads are inside (16
 * bits). A thread enters by adding one while the work is open, and leaves by taking it away; the
 * caller closes the work when no task is left to take, and waits for those inside. So a thread that
 * wakes up late, or has lost its processor, is not waited for unless it holds a task. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include "resnetc_threads.h"

#include <signal.h>
#include <time.h>

#define INSIDE_MASK ((uint64_t)0xffff)
#define OPEN_SHIFT 16
#define OPEN_MASK ((uint64_t)0xffff << OPEN_SHIFT)
#define NUMBER_SHIFT 32

/* Long enough to bridge the end of an op that another worker is late with, short enough not to be
 * noticed on a battery. */
#define SPIN_NANOSECONDS 100000
#define SPINS_BETWEEN_CLOCKS 64

/* ---- Waiting ---- */

static void pause_processor(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    __asm__ volatile("yield");
#endif
}

static int64_t nanoseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static uint32_t number_of(uint64_t state) {
    return (uint32_t)(state >> NUMBER_SHIFT);
}

static int is_new_work(uint64_t state, uint32_t seen) {
    return number_of(state) != seen;
}

static int is_left_by_all(uint64_t state, uint32_t unused) {
    (void)unused;
    return (state & INSIDE_MASK) == 0;
}

/* Spins until `reached`; returns whether it was in time. */
static int spin(ResnetcPool* pool, int (*reached)(uint64_t, uint32_t), uint32_t seen) {
    int64_t until = 0;
    for (;;) {
        for (int i = 0; i < SPINS_BETWEEN_CLOCKS; ++i) {
            if (reached(__atomic_load_n(&pool->state, __ATOMIC_ACQUIRE), seen)) {
                return 1;
            }
            pause_processor();
        }
        const int64_t now = nanoseconds();
        if (until == 0) {
            until = now + SPIN_NANOSECONDS;
        } else if (now > until) {
            return 0;
        }
    }
}

/* Whoever is about to sleep announces it and then looks at the state again; whoever changes the
 * state does so and then looks for sleepers. Both in one order of all (SEQ_CST): one sees the
 * other. */
static void wait_for_work(ResnetcPool* pool, uint32_t seen) {
    if (spin(pool, is_new_work, seen)) {
        return;
    }
    pthread_mutex_lock(&pool->mutex);
    __atomic_add_fetch(&pool->sleepers, 1, __ATOMIC_SEQ_CST);
    while (!is_new_work(__atomic_load_n(&pool->state, __ATOMIC_SEQ_CST), seen)) {
        pthread_cond_wait(&pool->work_came, &pool->mutex);
    }
    __atomic_sub_fetch(&pool->sleepers, 1, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&pool->mutex);
}

static void wait_for_others(ResnetcPool* pool) {
    if (spin(pool, is_left_by_all, 0)) {
        return;
    }
    pthread_mutex_lock(&pool->mutex);
    __atomic_store_n(&pool->caller_sleeps, 1, __ATOMIC_SEQ_CST);
    while (!is_left_by_all(__atomic_load_n(&pool->state, __ATOMIC_SEQ_CST), 0)) {
        pthread_cond_wait(&pool->work_done, &pool->mutex);
    }
    __atomic_store_n(&pool->caller_sleeps, 0, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&pool->mutex);
}

/* ---- Work ---- */

static void open_work(ResnetcPool* pool, int workers) {
    const uint32_t number = number_of(__atomic_load_n(&pool->state, __ATOMIC_RELAXED)) + 1;
    const uint64_t state = (uint64_t)number << NUMBER_SHIFT | (uint64_t)(uint32_t)workers
                                                                  << OPEN_SHIFT;
    __atomic_store_n(&pool->state, state, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&pool->sleepers, __ATOMIC_SEQ_CST) > 0) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_broadcast(&pool->work_came);
        pthread_mutex_unlock(&pool->mutex);
    }
}

/* Whether worker `index` takes part in the work of this number. */
static int enter(ResnetcPool* pool, uint32_t number, int index) {
    uint64_t state = __atomic_load_n(&pool->state, __ATOMIC_RELAXED);
    while (number_of(state) == number &&
           (state & OPEN_MASK) >> OPEN_SHIFT > (uint64_t)(uint32_t)index) {
        if (__atomic_compare_exchange_n(&pool->state, &state, state + 1, 1, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED)) {
            return 1;
        }
    }
    return 0;
}

static void leave(ResnetcPool* pool) {
    const uint64_t state = __atomic_sub_fetch(&pool->state, 1, __ATOMIC_SEQ_CST);
    if (is_left_by_all(state, 0) && __atomic_load_n(&pool->caller_sleeps, __ATOMIC_SEQ_CST)) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_signal(&pool->work_done);
        pthread_mutex_unlock(&pool->mutex);
    }
}

static uint64_t stretch(uint32_t begin, uint32_t end) {
    return (uint64_t)end << 32 | begin;
}

/* Takes the first (own) or last (another's) task of a worker's stretch; -1: none is left. */
static int take(ResnetcPoolWorker* worker, int first) {
    uint64_t left = __atomic_load_n(&worker->left, __ATOMIC_RELAXED);
    for (;;) {
        const uint32_t begin = (uint32_t)left;
        const uint32_t end = (uint32_t)(left >> 32);
        if (begin >= end) {
            return -1;
        }
        const uint64_t rest = first ? stretch(begin + 1, end) : stretch(begin, end - 1);
        if (__atomic_compare_exchange_n(&worker->left, &left, rest, 1, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED)) {
            return (int)(first ? begin : end - 1);
        }
    }
}

/* The own stretch from its front, then the others' from their ends: what a worker computes lies
 * together, and the tail is one task long. */
static void do_tasks(ResnetcPool* pool, int index) {
    const int active = pool->active;
    for (int from = 0; from < active;) {
        const int task = take(&pool->workers[(index + from) % active], from == 0);
        if (task < 0) {
            ++from;
        } else {
            pool->task(pool->context, task, index);
        }
    }
}

static void do_all_alone(int tasks, ResnetcTask task, void* context) {
    for (int i = 0; i < tasks; ++i) {
        task(context, i, 0);
    }
}

static void parallel_for(void* state, int tasks, ResnetcTask task, void* context) {
    ResnetcPool* pool = (ResnetcPool*)state;
    const int active = tasks < pool->threads ? tasks : pool->threads;
    if (active < 2 || __atomic_exchange_n(&pool->busy, 1, __ATOMIC_ACQUIRE)) {
        do_all_alone(tasks, task, context);
        return;
    }
    for (int i = 0; i < active; ++i) {
        const uint64_t begin = (uint64_t)(uint32_t)tasks * (uint32_t)i / (uint32_t)active;
        const uint64_t end = (uint64_t)(uint32_t)tasks * ((uint32_t)i + 1) / (uint32_t)active;
        __atomic_store_n(&pool->workers[i].left, stretch((uint32_t)begin, (uint32_t)end),
                         __ATOMIC_RELAXED);
    }
    pool->task = task;
    pool->context = context;
    pool->active = active;
    open_work(pool, active);
    do_tasks(pool, 0);
    __atomic_and_fetch(&pool->state, ~OPEN_MASK, __ATOMIC_ACQ_REL);
    wait_for_others(pool);
    __atomic_store_n(&pool->busy, 0, __ATOMIC_RELEASE);
}

/* ---- Threads ---- */

static void* run_worker(void* argument) {
    const ResnetcPoolWorker* self = (const ResnetcPoolWorker*)argument;
    ResnetcPool* pool = self->pool;
    for (uint32_t number = 0;;) {
        wait_for_work(pool, number);
        number = number_of(__atomic_load_n(&pool->state, __ATOMIC_ACQUIRE));
        if (__atomic_load_n(&pool->stopping, __ATOMIC_RELAXED)) {
            return NULL;
        }
        if (enter(pool, number, self->index)) {
            do_tasks(pool, self->index);
            leave(pool);
        }
    }
}

/* Signals stay with the program's own threads. */
static int make_threads(ResnetcPool* pool, int threads) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    int failed = pthread_sigmask(SIG_SETMASK, &all, &before);
    for (int i = 1; i < threads && !failed; ++i) {
        ResnetcPoolWorker* worker = &pool->workers[i];
        worker->pool = pool;
        worker->index = i;
        failed = pthread_create(&worker->thread, NULL, run_worker, worker);
        pool->threads += failed ? 0 : 1;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

int resnetc_pool_start(ResnetcPool* pool, int threads) {
    if (threads < 1 || threads > RESNETC_MAX_THREADS) {
        return RESNETC_POOL_BAD_COUNT;
    }
    if (pool->threads != 0) {
        return RESNETC_POOL_STARTED;
    }
    pool->state = 0;
    pool->busy = 0;
    pool->stopping = 0;
    pool->sleepers = 0;
    pool->caller_sleeps = 0;
    if (pthread_mutex_init(&pool->mutex, NULL) || pthread_cond_init(&pool->work_came, NULL) ||
        pthread_cond_init(&pool->work_done, NULL)) {
        return RESNETC_POOL_NO_THREADS;
    }
    pool->threads = 1;
    if (make_threads(pool, threads)) {
        resnetc_pool_stop(pool);
        return RESNETC_POOL_NO_THREADS;
    }
    return 0;
}

void resnetc_pool_stop(ResnetcPool* pool) {
    if (pool->threads == 0) {
        return;
    }
    __atomic_store_n(&pool->stopping, 1, __ATOMIC_RELAXED);
    open_work(pool, 0);
    for (int i = 1; i < pool->threads; ++i) {
        pthread_join(pool->workers[i].thread, NULL);
    }
    pthread_mutex_destroy(&pool->mutex);
    pthread_cond_destroy(&pool->work_came);
    pthread_cond_destroy(&pool->work_done);
    pool->threads = 0;
}

ResnetcParallel resnetc_pool_parallel(ResnetcPool* pool) {
    const ResnetcParallel parallel = {parallel_for, pool, pool->threads > 1 ? pool->threads : 1};
    return parallel;
}

const char* resnetc_pool_status_string(int status) {
    switch (status) {
    case 0:
        return "ok";
    case RESNETC_POOL_BAD_COUNT:
        return "the number of threads is not between 1 and 64";
    case RESNETC_POOL_STARTED:
        return "the pool has been started already";
    case RESNETC_POOL_NO_THREADS:
        return "the operating system refused to make the threads";
    default:
        return "unknown status";
    }
}
