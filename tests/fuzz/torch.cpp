// Fuzz target: the readers of PyTorch checkpoints, zip archives and legacy pickles.
#include "checkpoint_format.h"
#include "fuzz_reader.h"
#include "torch_checkpoint.h"
#include "zip_mutator.h"

using namespace resnetc_fuzz;

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
    return mutate_zip(data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string bytes = own_copy(data, size);
    read_or_refuse([&] {
        const bool zip = resnetc::recognise(bytes) == resnetc::CheckpointFormat::pytorch_zip;
        check_tensors(zip ? resnetc::read_torch_zip("a.pt", bytes)
                          : resnetc::read_torch_legacy("a.th", bytes),
                      size);
    });
    return 0;
}
