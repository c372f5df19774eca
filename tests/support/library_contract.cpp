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

std::vector<std::string> symbols(const std::string& library) {
    std::vector<std::string> names;
    std::istringstream lines(tool_output({"nm", "--format=posix", library}));
    for (std::string line; std::getline(lines, line);) {
        names.push_back(line.substr(0, line.find(' ')));
    }
    return names;
}

std::vector<std::string> allocating_symbols(const std::string& library) {
    std::vector<std::string> found;
    for (const std::string& name : symbols(library)) {
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

namespace {

// Bytes that an instruction takes from the stack, negative: gives back. Constants are printed as
// unsigned 64-bit numbers: "sub $0xffffffffffffff80,%rsp" is "add $0x80,%rsp".
int64_t stack_taken(const std::string& line) {
    static const std::regex arithmetic(".*\\s(sub|add)q? +\\$0x([0-9a-f]+),%rsp");
    static const std::regex align(".*\\sandq? +\\$0x([0-9a-f]+),%rsp");
    // Of the stack pointer itself, or of the end of a loop that touches page by page.
    static const std::regex address(".*\\sleaq? +(-?)0x([0-9a-f]+)\\(%rsp\\),%(rsp|r11)");
    std::smatch match;
    if (std::regex_match(line, match, arithmetic)) {
        const auto bytes = static_cast<int64_t>(std::stoull(match[2], nullptr, 16));
        return match[1] == "sub" ? bytes : -bytes;
    }
    if (std::regex_match(line, match, align)) {
        return -static_cast<int64_t>(std::stoull(match[1], nullptr, 16)) - 1;
    }
    if (std::regex_match(line, match, address)) {
        const int64_t bytes = std::stoll(match[2], nullptr, 16);
        return match[1] == "-" ? bytes : match[3] == "rsp" ? -bytes : 0;
    }
    return 0;
}

} // namespace

StackUse stack_use(const std::string& library) {
    static const std::regex begin("[0-9a-f]+ <(.*)>:");
    static const std::regex push(".*\\spushq? +%.*");
    static const std::regex dynamic(".*\\s(subq? +%[a-z0-9]+,%rsp|movq? +%(?!rbp)[a-z0-9]+,%rsp)");
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
            ++use.functions;
            frame = 8; // the return address
        } else if (line.find("%rsp") != std::string::npos) {
            // What is given back belongs to an end of the function; code may follow it.
            frame += std::max<int64_t>(0, stack_taken(line));
            if (std::regex_match(line, dynamic)) {
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
