/* A program without operating system support but for two system calls, and without a C library but
 * for memcpy and memset: runs the model that MODEL_HEADER declares on fixed pixels and writes the
 * logits to standard output. With -DHOSTED the same on top of libc, for comparison. See
 * tests/runtime_contract_test.cpp.
 *
 * Exit status: 0; 1 a run failed; 2 the entries disagree; 3 a wrong argument was accepted; 4
 * output. */
#include MODEL_HEADER

#define JOIN(a, b) a##b
#define PASTE(a, b) JOIN(a, b)
#define LOWER(suffix) PASTE(MODEL_LOWER, suffix)
#define UPPER(suffix) PASTE(MODEL_UPPER, suffix)

#define PIXEL_BYTES (UPPER(_INPUT_N) * UPPER(_INPUT_H) * UPPER(_INPUT_W) * UPPER(_INPUT_C))
#define LOGITS (UPPER(_INPUT_N) * UPPER(_CLASSES))

/* One byte off: pixels need no alignment. */
static uint8_t pixels[PIXEL_BYTES + 1];
static float logits[LOGITS];
static float again[LOGITS];
static _Alignas(UPPER(_ALIGNMENT)) uint8_t arena[UPPER(_ARENA_BYTES) + UPPER(_ALIGNMENT)];

static int run(void) {
    uint32_t state = 1;
    for (int i = 0; i < PIXEL_BYTES; ++i) {
        state = state * 1664525u + 1013904223u;
        pixels[i + 1] = (uint8_t)(state >> 24);
    }
    for (uint32_t i = 0; i < sizeof arena; ++i) {
        arena[i] = 0xff; /* NaNs: the arena need not be cleared */
    }
    if (LOWER(_run)(LOWER(_weights), pixels + 1, logits, arena)) {
        return 1;
    }
    for (uint32_t i = 0; i < UPPER(_ALIGNMENT); ++i) {
        if (arena[UPPER(_ARENA_BYTES) + i] != 0xff) {
            return 1;
        }
    }
    if (LOWER(_classify)(pixels + 1, again)) {
        return 1;
    }
    for (int i = 0; i < LOGITS; ++i) {
        if (logits[i] != again[i]) {
            return 2;
        }
    }
    const int accepted = !LOWER(_run)(0, pixels, again, arena) ||
                         !LOWER(_run)(LOWER(_weights), pixels, again, arena + 4) ||
                         !LOWER(_run)(LOWER(_weights) + 4, pixels, again, arena);
    return accepted ? 3 : 0;
}

#ifdef HOSTED
#include <stdio.h>

int main(void) {
    const int status = run();
    return status ? status : fwrite(logits, sizeof logits, 1, stdout) == 1 ? 0 : 4;
}
#else
#include <stddef.h>

/* All that the library may ask of its surroundings. */
void* memcpy(void* to, const void* from, size_t size) {
    for (size_t i = 0; i < size; ++i) {
        ((uint8_t*)to)[i] = ((const uint8_t*)from)[i];
    }
    return to;
}

void* memset(void* to, int value, size_t size) {
    for (size_t i = 0; i < size; ++i) {
        ((uint8_t*)to)[i] = (uint8_t)value;
    }
    return to;
}

static long system_call(long number, long a, long b, long c) {
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return result;
}

__attribute__((force_align_arg_pointer, noreturn)) void _start(void) {
    int status = run();
    if (!status && system_call(1, 1, (long)logits, sizeof logits) != (long)sizeof logits) {
        status = 4; /* write */
    }
    for (;;) {
        system_call(60, status, 0, 0); /* exit */
    }
}
#endif
