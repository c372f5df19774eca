#include "host_cpu.h"

#include <algorithm>
#include <fstream>

namespace resnetc {
namespace {

#if defined(__x86_64__)
// Asked of the processor and the operating system, which has to save the wider registers. The
// built-in functions take nothing but literals.
std::vector<std::string> x86_features() {
    const std::pair<const char*, bool> all[] = {
        {"avx", __builtin_cpu_supports("avx") != 0},
        {"avx2", __builtin_cpu_supports("avx2") != 0},
        {"avx512bf16", __builtin_cpu_supports("avx512bf16") != 0},
        {"avx512bw", __builtin_cpu_supports("avx512bw") != 0},
        {"avx512cd", __builtin_cpu_supports("avx512cd") != 0},
        {"avx512dq", __builtin_cpu_supports("avx512dq") != 0},
        {"avx512f", __builtin_cpu_supports("avx512f") != 0},
#if !defined(__clang__) || __clang_major__ >= 16 // before, Clang does not know the name
        {"avx512fp16", __builtin_cpu_supports("avx512fp16") != 0},
#endif
        {"avx512vbmi", __builtin_cpu_supports("avx512vbmi") != 0},
        {"avx512vl", __builtin_cpu_supports("avx512vl") != 0},
        {"avx512vnni", __builtin_cpu_supports("avx512vnni") != 0},
        {"bmi2", __builtin_cpu_supports("bmi2") != 0},
        {"fma", __builtin_cpu_supports("fma") != 0},
        {"sse4.1", __builtin_cpu_supports("sse4.1") != 0},
    };
    std::vector<std::string> present;
    for (const auto& [name, has] : all) {
        if (has) {
            present.emplace_back(name);
        }
    }
    return present;
}
#endif

// The value of a key in Linux's description of the first processor.
std::string cpuinfo(const std::string& key) {
    std::ifstream file("/proc/cpuinfo");
    std::string line;
    while (std::getline(file, line)) {
        const size_t colon = line.find(':');
        if (line.starts_with(key) && colon != std::string::npos && colon + 2 <= line.size()) {
            return line.substr(colon + 2);
        }
    }
    return "";
}

} // namespace

HostCpu host_cpu() {
    HostCpu cpu;
    cpu.name = cpuinfo("model name");
#if defined(__x86_64__)
    cpu.architecture = "x86-64";
    cpu.vendor = __builtin_cpu_is("amd") != 0     ? "amd"
                 : __builtin_cpu_is("intel") != 0 ? "intel"
                                                  : "";
    cpu.features = x86_features();
#elif defined(__aarch64__)
    cpu.architecture = "arm-64";
#endif
    return cpu;
}

const std::vector<std::string>& known_cpu_features() {
    static const std::vector<std::string> names = {
        "avx",        "avx2",       "avx512bf16", "avx512bw",   "avx512cd", "avx512dq", "avx512f",
        "avx512fp16", "avx512vbmi", "avx512vl",   "avx512vnni", "bmi2",     "fma",      "sse4.1"};
    return names;
}

} // namespace resnetc
