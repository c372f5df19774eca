// Fuzz target: the reader of ONNX checkpoints.
#include "onnx.h"
#include "fuzz_reader.h"

using namespace resnetc_fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string bytes = own_copy(data, size);
    read_or_refuse([&] { check_tensors(resnetc::read_onnx("a.onnx", bytes), size); });
    return 0;
}
