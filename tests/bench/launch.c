/* Times whole processes from a small one: launch RUNS PROGRAM [ARGUMENT...]
 *
 * Prints, as one line of JSON, the milliseconds of each run from before its fork to after its end,
 * and the largest peak of resident memory in KiB. The kernel counts what a process had before its
 * exec as its own, so that a program started straight from Python would be given Python's memory.
 * Output of the program is discarded. Exit code 1 if it cannot run, or ends with another code than
 * 0.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void become(char** command) {
    int null = open("/dev/null", O_WRONLY);
    if (null >= 0 && dup2(null, STDOUT_FILENO) >= 0) {
        execv(command[0], command);
    }
    perror(command[0]);
    _exit(127);
}

int main(int argc, char** argv) {
    int runs = argc > 2 ? atoi(argv[1]) : 0;
    if (runs < 1) {
        fputs("usage: launch RUNS PROGRAM [ARGUMENT...]\n", stderr);
        return 2;
    }
    long peak_kib = 0;
    fputs("{\"ms\": [", stdout);
    for (int run = 0; run < runs; run++) {
        fflush(stdout);
        double begin = now_ms();
        pid_t child = fork();
        if (child == 0) {
            become(argv + 2);
        }
        int status = 0;
        struct rusage usage;
        if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0) {
            return 1;
        }
        printf("%s%.3f", run ? ", " : "", now_ms() - begin);
        peak_kib = usage.ru_maxrss > peak_kib ? usage.ru_maxrss : peak_kib;
    }
    printf("], \"peak_kib\": %ld}\n", peak_kib);
    return 0;
}
