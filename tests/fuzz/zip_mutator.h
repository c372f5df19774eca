// A libFuzzer mutator for readers of zip archives. Included by the targets torch and npz.
#pragma once

#include <cstddef>
#include <cstdint>

// libFuzzer's own mutator.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace resnetc_fuzz {

// Changes `size` bytes in place, to at most `max_size`; returns how many there are then. Of an
// archive that can be read mostly the bytes of one entry change, and the archive around them is
// written anew with sizes, offsets and checksums that agree: else hardly a change would reach what
// reads the entry. Everything else, and one archive in four, is mutated as bytes.
size_t mutate_zip(uint8_t* data, size_t size, size_t max_size, unsigned seed);

} // namespace resnetc_fuzz
