#include "pages.h"

#include <cstdint>
#include <sys/mman.h>

namespace resnetc {

void ask_for_huge_pages(const void* memory, size_t bytes) {
    uintptr_t begin = reinterpret_cast<uintptr_t>(memory);
    uintptr_t first = (begin + kHugePage - 1) / kHugePage * kHugePage;
    uintptr_t last = (begin + bytes) / kHugePage * kHugePage;
    if (first < last)
        (void)madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
}

} // namespace resnetc
