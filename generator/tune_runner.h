// Runs the tuner's executables and reads what they say. Included by the tuner.
//
// A variant that crashes or hangs is lost, nothing else: the executable is started again without
// it.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace resnetc {

// How to run programs of the target.
struct TuneRunner {
    std::string command; // --runner; empty: they run here
    std::function<bool()> stop;
    // A variant that says nothing for so long hangs. Under an emulator a large convolution takes
    // seconds.
    std::chrono::milliseconds silence{20'000};
};

// What became of the variants.
struct CheckResult {
    std::map<int, double> us;           // right, and its time; microseconds a call
    std::map<int, std::string> refused; // wrong, crashed, hung: why
};

// Checks and times each of these variants for about `ms` milliseconds. Throws ToolError if the
// executable cannot be run at all or was interrupted.
CheckResult check_variants(const TuneRunner& runner, const std::string& executable,
                           const std::vector<int>& variants, double ms);

// Times the variants in turn: microseconds a call, by round, in their order.
std::vector<std::vector<double>> duel(const TuneRunner& runner, const std::string& executable,
                                      const std::vector<int>& variants, double ms);

// Microseconds of each step, by run of the network.
struct NetworkTimes {
    std::vector<std::vector<double>> before;
    std::vector<std::vector<double>> after;
};
NetworkTimes time_network(const TuneRunner& runner, const std::string& executable, double ms);

} // namespace resnetc
