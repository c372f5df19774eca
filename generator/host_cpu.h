// The processor that resnetc runs on. Included by the choice of the target `host` and by the tuner,
// which notes it beside its times.
#pragma once

#include <string>
#include <vector>

namespace resnetc {

struct HostCpu {
    std::string architecture;          // "x86-64", "arm-64", as Halide says; empty: another
    std::string vendor;                // "amd", "intel", or empty
    std::string name;                  // "AMD EPYC 9B14 96-Core Processor", or empty
    std::vector<std::string> features; // of known_cpu_features(), those it has
};

HostCpu host_cpu();

// The words that a target's `host.features` may use on any architecture, sorted.
const std::vector<std::string>& known_cpu_features();

} // namespace resnetc
