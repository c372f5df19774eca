#include "support/library_contract.h"

#include "process.h"

#include <algorithm>
#include <regex>
#include <sstream>

namespace resnetc_test {
namespace {

// C, C++ (_Znw, _Zna, _Zdl, _Zda: the mangled operators new and delete), Halide and Unix.
const std::regex kAllocating(
    "malloc|calloc|realloc|reallocarray|free|aligned_alloc|posix_memalign|memalign|valloc|strdup|"
    "alloca|_Zn[wa].*|_Zd[la].*|halide_malloc|halide_free|halide_default_malloc|halide_default_"
    "free|"
    "mmap|mmap64|munmap|mremap|brk|sbrk|__libc_.*alloc|.*_ZN6Halide.*alloc.*");

} // namespace

std::string tool_output(const std::vector<std::string>& arguments) {
    std::string text;
    resnetc::run_tool(arguments, [&](const std::string& line) { text += line + "\n"; });
    return text;
}

std::vector<std::string> allocating_symbols(const std::string& library) {
    std::vector<std::string> found;
    std::istringstream lines(tool_output({"nm", "--format=posix", library}));
    for (std::string line; std::getline(lines, line);) {
        const std::string name = line.substr(0, line.find(' '));
        if (std::regex_match(name, kAllocating)) {
            found.push_back(name);
        }
    }
    return found;
}

std::vector<std::string> undefined_symbols(const std::string& library, const std::string& object) {
    tool_output({"ld", "-r", "--whole-archive", library, "-o", object});
    std::vector<std::string> names;
    std::istringstream lines(tool_output({"nm", "--format=posix", "--undefined-only", object}));
    for (std::string line; std::getline(lines, line);) {
        names.push_back(line.substr(0, line.find(' ')));
    }
    std::sort(names.begin(), names.end());
    return names;
}

StackUse stack_use(const std::string& library) {
    static const std::regex begin("[0-9a-f]+ <(.*)>:");
    static const std::regex subtract(".*\\ssub +\\$0x([0-9a-f]+),%rsp");
    static const std::regex push(".*\\spush +%.*");
    static const std::regex dynamic(".*\\s(sub +%[a-z0-9]+,%rsp|mov +%(?!rbp)[a-z0-9]+,%rsp)");
    StackUse use;
    std::string function;
    int64_t frame = 0;
    std::istringstream lines(
        tool_output({"objdump", "--disassemble", "--no-show-raw-insn", library}));
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        // Regular expressions are slow; few lines touch the stack pointer.
        if (!line.empty() && line.back() == ':' && std::regex_match(line, match, begin)) {
            function = match[1];
            frame = 8; // the return address
        } else if (line.find("%rsp") != std::string::npos) {
            if (std::regex_match(line, match, subtract)) {
                frame += std::stoll(match[1], nullptr, 16);
            } else if (std::regex_match(line, dynamic)) {
                use.dynamic.push_back(function + ": " + line);
            }
        } else if (line.find("push") != std::string::npos && std::regex_match(line, push)) {
            frame += 8;
        }
        if (frame > use.largest_frame) {
            use.largest_frame = frame;
            use.function = function;
        }
    }
    return use;
}

std::vector<std::string> contract_violations(const std::string& library,
                                             const std::string& scratch) {
    std::vector<std::string> found;
    for (const std::string& symbol : allocating_symbols(library)) {
        found.push_back("has " + symbol);
    }
    for (const std::string& symbol : undefined_symbols(library, scratch)) {
        if (symbol != "memcpy" && symbol != "memset") {
            found.push_back("needs " + symbol);
        }
    }
    const StackUse stack = stack_use(library);
    if (stack.largest_frame > kStackBound) {
        found.push_back(stack.function + " takes " + std::to_string(stack.largest_frame) +
                        " bytes of stack");
    }
    for (const std::string& where : stack.dynamic) {
        found.push_back("stack of unknown size in " + where);
    }
    return found;
}

} // namespace resnetc_test
