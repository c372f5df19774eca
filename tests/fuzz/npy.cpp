// Fuzz target: the compiler's reader of NumPy's .npy arrays.
#include "npy.h"
#include "fuzz_reader.h"

using namespace resnetc_fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string bytes = own_copy(data, size);
    read_or_refuse([&] {
        resnetc::Diagnostics problems({"a.npy", ""});
        const auto array = resnetc::parse_npy(bytes, "the file", problems);
        require(array.has_value() == problems.empty());
        if (array) {
            require(resnetc::in_c_order(*array).size() == array->data.size());
        }
        problems.throw_if_any();
    });
    return 0;
}
