#include "target.h"

#include "fused_graph.h"

namespace resnetc {
namespace {

// Best first: "host" takes the first that the machine runs.
const std::vector<Target>& known_targets() {
    static const std::vector<Target> targets = {
        {.name = "zen4",
         .halide = "x86-64-linux-avx-avx2-avx512-avx512_skylake-avx512_cannonlake-avx512_zen4-"
                   "f16c-fma-sse41-tune_znver4",
         .vector_floats = 16,
         .vector_registers = 32},
        {.name = "x86-64-v4",
         .halide = "x86-64-linux-avx-avx2-avx512-avx512_skylake-f16c-fma-sse41",
         .vector_floats = 16,
         .vector_registers = 32},
        {.name = "x86-64-v3",
         .halide = "x86-64-linux-avx-avx2-f16c-fma-sse41",
         .vector_floats = 8,
         .vector_registers = 16},
        {.name = "x86-64",
         .halide = "x86-64-linux",
         .vector_floats = 4,
         .vector_registers = 16,
         .fma = false},
    };
    return targets;
}

#if defined(__x86_64__)
// Of the levels of the x86-64 psABI the features that the pipelines use.
bool runs_v3() {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi2");
}

bool runs_v4() {
    return runs_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}

std::string host_target() {
    if (runs_v4() && __builtin_cpu_is("amd") && __builtin_cpu_supports("avx512bf16")) {
        return "zen4"; // and later ones
    }
    if (runs_v4()) {
        return "x86-64-v4";
    }
    return runs_v3() ? "x86-64-v3" : "x86-64";
}
#else
std::string host_target() {
    fail("", "no target matches this machine, expected an x86-64 processor",
         "name one with --target");
}
#endif

} // namespace

int registers_per_block(const Target& target) {
    return kChannelBlock / target.vector_floats;
}

std::vector<std::string> target_names() {
    std::vector<std::string> names;
    for (const Target& target : known_targets()) {
        names.push_back(target.name);
    }
    return names;
}

Target find_target(const std::string& name) {
    const std::string wanted = name == "host" ? host_target() : name;
    for (const Target& target : known_targets()) {
        if (target.name == wanted) {
            return target;
        }
    }
    std::string known = "host";
    for (const std::string& each : target_names()) {
        known += ", " + each;
    }
    fail("", "unknown target '" + name + "', expected one of " + known,
         did_you_mean(name, target_names()));
}

} // namespace resnetc
