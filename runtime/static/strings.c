/* Plain versions of some string functions. glibc has four to six of each, of up to 6 KB, for all
 * generations of processors, and chooses at the start; in the program they look at short names, a
 * few times a run. Compiled into statically linked programs only, by link.cmake, which keeps the
 * compiler from making calls of the same functions of these loops. Weak, as in left_out.c. */
#include <stddef.h>

#define WEAK __attribute__((weak))

WEAK int strcmp(const char* a, const char* b);
WEAK int strncmp(const char* a, const char* b, size_t count);
WEAK char* stpcpy(char* restrict to, const char* restrict from);
WEAK char* strcpy(char* restrict to, const char* restrict from);
WEAK char* strncpy(char* restrict to, const char* restrict from, size_t count);
WEAK char* strstr(const char* text, const char* part);

int strncmp(const char* a, const char* b, size_t count) {
    for (; count > 0; ++a, ++b, --count) {
        if (*a != *b || *a == '\0') {
            return (unsigned char)*a - (unsigned char)*b;
        }
    }
    return 0;
}

int strcmp(const char* a, const char* b) {
    return strncmp(a, b, (size_t)-1);
}

char* stpcpy(char* restrict to, const char* restrict from) {
    while ((*to = *from++) != '\0') {
        ++to;
    }
    return to;
}

char* strcpy(char* restrict to, const char* restrict from) {
    stpcpy(to, from);
    return to;
}

char* strncpy(char* restrict to, const char* restrict from, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        to[i] = *from;
        from += *from != '\0';
    }
    return to;
}

char* strstr(const char* text, const char* part) {
    size_t length = 0;
    while (part[length] != '\0') {
        ++length;
    }
    while (strncmp(text, part, length) != 0) {
        if (*text++ == '\0') {
            return NULL;
        }
    }
    return (char*)text;
}
