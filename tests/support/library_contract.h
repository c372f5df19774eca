// The promises of lib<model>.a about the heap, its surroundings and the stack, read from the
// archive with binutils. Included by runtime_contract_test.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace resnetc_test {

// What a program printed; throws resnetc::ToolError as run_tool does.
std::string tool_output(const std::vector<std::string>& arguments);

// Every symbol in all members of `library`, defined or not, in their order.
std::vector<std::string> symbols(const std::string& library);

// Every symbol in `library` that allocates or asks the operating system for memory, defined or not.
std::vector<std::string> allocating_symbols(const std::string& library);

// What all members of `library`, linked together into `object`, still need. Sorted.
std::vector<std::string> undefined_symbols(const std::string& library, const std::string& object);

// The published bound on the stack frame of any function of a library (ARCHITECTURE.md), bytes.
inline constexpr int64_t kStackBound = 16384;

struct StackUse {
    int functions = 0;                // that were looked at
    int64_t largest_frame = 0;        // bytes, an upper bound
    std::string function;             // that has it
    std::vector<std::string> dynamic; // functions whose frame depends on run-time values
};

// From the disassembly (x86-64): all that each function takes from the stack, by pushing,
// subtracting, address arithmetic and alignment.
StackUse stack_use(const std::string& library);

// Everything that `library` does against its contract; empty: nothing. `scratch`: a file to write.
std::vector<std::string> contract_violations(const std::string& library,
                                             const std::string& scratch);

} // namespace resnetc_test
