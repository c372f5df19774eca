/* Runs the ops of an emitted model one by one and writes what each leaves behind. For tests and for
 * `resnetc verify`; not part of the library or of the standalone program.
 *
 *   <model>_steps u8|f32 INPUT OUTPUT                 all ops in order
 *   <model>_steps u8|f32 INPUT OUTPUT INDEX ARENA [WEIGHTS [AFTER]]
 *                                                     op INDEX alone, over the arena read from
 * ARENA and, if given, the weights read from WEIGHTS; AFTER receives the whole arena as the op left
 * it
 *
 * INPUT holds the raw bytes of the network's input. OUTPUT receives, op after op, the raw bytes of
 * the tensor that it writes; at last, after all ops, those of the user's output. The ops of the
 * other input type are left out. Exit status: 0, 1 (files), 2 (usage), 3 (an op failed). */
#include "resnetc_model.h"
#include "resnetc_runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const ResnetcStep resnetc_steps[];
extern const int resnetc_step_count;

static int fail(const char* what, const char* name) {
    fprintf(stderr, "error: %s '%s'\n", what, name);
    return 1;
}

/* Reads up to `size` bytes into a new aligned block of at least `size` bytes. */
static void* read_block(const char* path, size_t size) {
    const size_t room = (size / RESNETC_ALIGNMENT + 1) * RESNETC_ALIGNMENT;
    void* block = aligned_alloc(RESNETC_ALIGNMENT, room);
    FILE* file = fopen(path, "rb");
    if (!block || !file) {
        if (file) {
            fclose(file);
        }
        free(block);
        return NULL;
    }
    memset(block, 0, room);
    const size_t got = fread(block, 1, size, file);
    fclose(file);
    if (got != size) {
        free(block);
        return NULL;
    }
    return block;
}

static int is_other_type(const char* name, const char* type) {
    const char* suffix = strcmp(type, "u8") == 0 ? "_f32" : "_u8";
    const size_t length = strlen(name);
    const size_t tail = strlen(suffix);
    return length > tail && strcmp(name + length - tail, suffix) == 0;
}

static int run_steps(const ResnetcRun* run, const char* type, int only, size_t output_bytes,
                     FILE* file) {
    int index = 0;
    for (int i = 0; i < resnetc_step_count; ++i) {
        const ResnetcStep* step = &resnetc_steps[i];
        if (is_other_type(step->name, type)) {
            continue;
        }
        if (only < 0 || only == index) {
            if (step->run(run)) {
                fprintf(stderr, "error: op '%s' failed\n", step->name);
                return 3;
            }
            const void* from = step->output_bytes ? run->arena + step->output_offset : run->output;
            const size_t bytes = step->output_bytes ? step->output_bytes : output_bytes;
            if (fwrite(from, 1, bytes, file) != bytes) {
                return 1;
            }
        }
        ++index;
    }
    return 0;
}

static int write_block(const char* path, const void* block, size_t size) {
    FILE* file = fopen(path, "wb");
    if (!file) {
        return 0;
    }
    const size_t written = fwrite(block, 1, size, file);
    return fclose(file) == 0 && written == size;
}

int main(int argc, char** argv) {
    if (argc != 4 && (argc < 6 || argc > 8)) {
        fprintf(stderr, "usage: %s u8|f32 INPUT OUTPUT [INDEX ARENA [WEIGHTS [AFTER]]]\n", argv[0]);
        return 2;
    }
    const ResnetcModel* model = &resnetc_model;
    const size_t values = (size_t)model->batch * (size_t)model->channels * (size_t)model->height *
                          (size_t)model->width;
    const size_t output_bytes = (size_t)model->batch * (size_t)model->classes * sizeof(float);
    const int only = argc > 4 ? atoi(argv[4]) : -1;
    ResnetcRun run = {model->embedded_weights, NULL, NULL, NULL, NULL};
    run.input = read_block(argv[2], strcmp(argv[1], "u8") == 0 ? values : values * sizeof(float));
    if (!run.input) {
        return fail("cannot read the input", argv[2]);
    }
    run.arena =
        argc > 5 ? read_block(argv[5], model->arena_bytes)
                 : aligned_alloc(RESNETC_ALIGNMENT,
                                 (model->arena_bytes / RESNETC_ALIGNMENT + 1) * RESNETC_ALIGNMENT);
    if (!run.arena) {
        return fail("cannot read the arena", argc > 5 ? argv[5] : "");
    }
    if (argc > 6) {
        run.weights = read_block(argv[6], model->weights_bytes);
        if (!run.weights) {
            return fail("cannot read the weights", argv[6]);
        }
    }
    run.output = malloc(output_bytes);
    FILE* file = fopen(argv[3], "wb");
    if (!run.output || !file) {
        return fail("cannot write", argv[3]);
    }
    const int status = run_steps(&run, argv[1], only, output_bytes, file);
    if (argc > 7 && !write_block(argv[7], run.arena, model->arena_bytes)) {
        return fail("cannot write", argv[7]);
    }
    return fclose(file) ? fail("cannot write", argv[3]) : status;
}
