// Fuzz target: the reader of NumPy's .npz checkpoints.
#include "npz.h"
#include "fuzz_reader.h"
#include "zip_mutator.h"

using namespace resnetc_fuzz;

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
    return mutate_zip(data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string bytes = own_copy(data, size);
    read_or_refuse([&] { check_tensors(resnetc::read_npz("a.npz", bytes), size); });
    return 0;
}
