/* Halide's parallel loops over a ResnetcParallel. Included by the emitted driver of a network that
 * is built for threads; the pipelines, which alone call it, get the ResnetcParallel as their user
 * context.
 *
 * Weak, so that several networks, and Halide's own runtime, can be linked into one program: all
 * definitions do what the pipelines need. Never allocates, never calls the operating system. */
#ifndef RESNETC_PAR_FOR_H
#define RESNETC_PAR_FOR_H

#include "resnetc_parallel.h"
#include "resnetc_runtime.h"

#include <HalideRuntime.h>

typedef struct ResnetcParFor {
    halide_task_t body;
    void* user_context;
    uint8_t* closure;
    int first;  /* number of the first iteration */
    int status; /* 0, or what an iteration that failed returned */
} ResnetcParFor;

static inline void resnetc_par_for_task(void* context, int task, int worker) {
    ResnetcParFor* loop = (ResnetcParFor*)context;
    (void)worker;
    const int status = loop->body(loop->user_context, loop->first + task, loop->closure);
    if (status) {
        __atomic_store_n(&loop->status, status, __ATOMIC_RELAXED);
    }
}

/* Runs all iterations, also after one that fails; returns 0 or the status of one that did. Without
 * a ResnetcParallel (NULL) in order on the calling thread. */
__attribute__((weak)) int halide_do_par_for(void* user_context, halide_task_t body, int first,
                                            int size, uint8_t* closure) {
    const ResnetcParallel* parallel = (const ResnetcParallel*)user_context;
    ResnetcParFor loop = {body, user_context, closure, first, 0};
    if (parallel && parallel->workers > 1 && size > 1) {
        parallel->parallel_for(parallel->state, size, resnetc_par_for_task, &loop);
    } else {
        for (int i = 0; i < size; ++i) {
            resnetc_par_for_task(&loop, i, 0);
        }
    }
    return loop.status;
}

/* ---- Ops that are computed in blocks, each on scratch memory of its worker ---- */

/* Worker 0 uses the op's scratch memory in the arena, the others have theirs behind the arena. */
typedef struct ResnetcArenaLayout {
    uint64_t bytes;        /* of the arena for one worker */
    uint64_t worker_bytes; /* for each further one */
} ResnetcArenaLayout;

typedef int (*ResnetcBlock)(const ResnetcRun* run, int block, uint8_t* scratch);

typedef struct ResnetcBlocks {
    const ResnetcRun* run;
    ResnetcBlock compute;
    uint64_t scratch_offset; /* of worker 0 */
    const ResnetcArenaLayout* layout;
    int status;
} ResnetcBlocks;

static inline void resnetc_block_task(void* context, int block, int worker) {
    ResnetcBlocks* blocks = (ResnetcBlocks*)context;
    const uint64_t offset =
        worker == 0 ? blocks->scratch_offset
                    : blocks->layout->bytes + (uint64_t)(worker - 1) * blocks->layout->worker_bytes;
    const int status = blocks->compute(blocks->run, block, blocks->run->arena + offset);
    if (status) {
        __atomic_store_n(&blocks->status, status, __ATOMIC_RELAXED);
    }
}

/* Computes all blocks, also after one that fails; returns 0 or the status of one that did. */
static inline int resnetc_run_blocks(const ResnetcRun* run, ResnetcBlock compute, int count,
                                     uint64_t scratch_offset, const ResnetcArenaLayout* layout) {
    ResnetcBlocks blocks = {run, compute, scratch_offset, layout, 0};
    if (run->parallel && run->parallel->workers > 1) {
        run->parallel->parallel_for(run->parallel->state, count, resnetc_block_task, &blocks);
    } else {
        for (int i = 0; i < count; ++i) {
            resnetc_block_task(&blocks, i, 0);
        }
    }
    return blocks.status;
}

#endif
