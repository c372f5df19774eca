/* How a compiled network asks for threads: one function that runs tasks, given by the caller.
 *
 * Include it to run a network on threads of your own (OpenMP, TBB, a thread pool of your program);
 * resnetc_threads.h has a ready pool. Plain C, no dependencies. A ResnetcParallel goes into
 * <model>_run_parallel; the network calls it once for most of its ops. */
#ifndef RESNETC_PARALLEL_H
#define RESNETC_PARALLEL_H

#ifdef __cplusplus
extern "C" {
#endif

/* One piece of work: number `task`, done by worker number `worker`. */
typedef void (*ResnetcTask)(void* context, int task, int worker);

typedef struct ResnetcParallel {
    /* Calls task(context, i, w) once for every i in 0 .. tasks-1, in any order and at the same time
     * where there are threads for it, and returns when all of them have returned; what they wrote
     * is then visible to the caller. 0 <= w < workers, and no two calls with the same w overlap.
     *   state   of this struct
     *   tasks   >= 1 */
    void (*parallel_for)(void* state, int tasks, ResnetcTask task, void* context);
    void* state;
    int workers; /* >= 1; the arena of a run has to have room for so many */
} ResnetcParallel;

#ifdef __cplusplus
}
#endif

#endif
