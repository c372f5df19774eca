// Owning memory blocks for the standalone program, so that it needs no part of the C++ library.
//
// Included by everything in runtime/program that allocates. Only the program does: the model and
// the rest of runtime/ never touch the heap.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace resnetc {

// An array of plain values from malloc, freed with its owner. Elements start uninitialised.
template <typename T> struct Array {
    T* data = nullptr;
    size_t size = 0; // elements

    Array() = default;
    Array(const Array&) = delete;
    Array& operator=(const Array&) = delete;
    ~Array() { free(data); }

    T& operator[](size_t i) { return data[i]; }
    const T& operator[](size_t i) const { return data[i]; }

    // Makes room for `count` elements, keeping the first min(size, count) that are there.
    // Returns false, changing nothing, if there is no memory.
    bool resize(size_t count) {
        if (count > SIZE_MAX / sizeof(T))
            return false;
        void* grown = realloc(static_cast<void*>(data), count == 0 ? 1 : count * sizeof(T));
        if (!grown)
            return false;
        data = static_cast<T*>(grown);
        size = count;
        return true;
    }
};

// Memory at a wider alignment than malloc's, for arenas.
struct AlignedBlock {
    void* data = nullptr;

    AlignedBlock() = default;
    AlignedBlock(const AlignedBlock&) = delete;
    AlignedBlock& operator=(const AlignedBlock&) = delete;
    ~AlignedBlock() { free(data); }

    // `alignment` is a power of two. Returns false if there is no memory.
    bool allocate(size_t bytes, size_t alignment) {
        if (alignment < sizeof(void*))
            alignment = sizeof(void*);
        return posix_memalign(&data, alignment, bytes == 0 ? 1 : bytes) == 0;
    }
};

} // namespace resnetc
