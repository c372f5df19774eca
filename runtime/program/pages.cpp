#include "pages.h"

#include <cstdint>
#include <sys/mman.h>

namespace resnetc {
namespace {

// What Linux calls a huge page, on x86-64 and, with 4 KiB pages, on aarch64.
constexpr size_t kHugePage = size_t{2} << 20;

} // namespace

void ask_for_huge_pages(const void* memory, size_t bytes) {
    uintptr_t begin = reinterpret_cast<uintptr_t>(memory);
    uintptr_t first = (begin + kHugePage - 1) / kHugePage * kHugePage;
    uintptr_t last = (begin + bytes) / kHugePage * kHugePage;
    if (first < last)
        (void)madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
}

} // namespace resnetc
