#include "tune_network.h"

#include "process.h"
#include "tune_op.h"
#include "tune_program.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace resnetc {
namespace {

constexpr double kHelps = 0.998; // of the time before

double median_total(const std::vector<std::vector<double>>& runs) {
    std::vector<double> totals;
    for (const std::vector<double>& run : runs) {
        totals.push_back(std::accumulate(run.begin(), run.end(), 0.0));
    }
    return median(std::move(totals));
}

// By round, the time of an op's steps after over that before.
double median_ratio(const NetworkTimes& times, const std::vector<size_t>& steps) {
    std::vector<double> ratios;
    for (size_t run = 0; run < std::min(times.before.size(), times.after.size()); ++run) {
        double before = 0;
        double after = 0;
        for (const size_t step : steps) {
            before += times.before[run][step];
            after += times.after[run][step];
        }
        ratios.push_back(after / before);
    }
    return median(std::move(ratios));
}

// As it was before this run of the tuner, but for how many candidates have been tried.
void take_back(const std::string& op, const ScheduleDb& before, ScheduleDb& after) {
    TunedOp entry = *find_tuned(after, op, after.threads);
    const TunedOp* earlier = find_tuned(before, op, after.threads);
    if (earlier != nullptr) {
        entry.schedule = earlier->schedule;
        entry.us = earlier->us;
        entry.rule_us = earlier->rule_us;
    } else {
        entry.schedule.reset();
        entry.us = entry.rule_us;
    }
    put_tuned(after, entry);
}

} // namespace

NetworkVerdict judge_network(const Compilation& network, const ScheduleDb& before,
                             ScheduleDb& after, TuneToolchain& toolchain, const TuneRunner& runner,
                             double ms) {
    NetworkVerdict verdict;
    const TwoWays ways = make_two_ways(network, before, after);
    if (ways.before == ways.after) {
        return verdict;
    }
    std::map<std::string, std::string> failed;
    const std::string executable = toolchain.compile(network_program(ways), failed);
    if (executable.empty()) {
        throw ToolError(failed.begin()->first + ": " + failed.begin()->second, "");
    }
    const NetworkTimes times = time_network(runner, executable, ms);
    if (times.before.empty() || times.after.empty()) {
        throw ToolError("the network gave no times", "");
    }
    std::map<std::string, std::vector<size_t>> steps_of_op;
    for (size_t i = 0; i < ways.before.size(); ++i) {
        if (ways.before[i] != ways.after[i]) {
            steps_of_op[signature(network.graph.ops[i])].push_back(i);
        }
    }
    verdict.before_us = median_total(times.before);
    verdict.after_us = median_total(times.after);
    for (const auto& [op, steps] : steps_of_op) {
        const double ratio = median_ratio(times, steps);
        if (ratio > kHelps) {
            take_back(op, before, after);
            verdict.dropped.push_back(op);
        }
    }
    return verdict;
}

} // namespace resnetc
