#include "tune_op.h"

#include "host_cpu.h"
#include "process.h"
#include "tools_config.h"
#include "tune_program.h"

#include <algorithm>
#include <cmath>

namespace resnetc {
namespace {

constexpr size_t kBatch = 10;                      // candidates at a time
constexpr int64_t kBatchBytes = int64_t{64} << 20; // of packed weights
constexpr size_t kFinalists = 3;                   // candidates that enter the duel
constexpr double kLeastGain = 0.01;                // smaller ones are not worth an entry

size_t batch_size(const TuneOp& op) {
    const Op& o = op.network->graph.ops[op.index];
    const int64_t bytes = 4 * o.input_shape.c * o.output_shape.c * o.window.kernel *
                          o.window.kernel * (o.window.kernel > 1 ? 4 : 1); // Winograd's are more
    const auto fitting = static_cast<size_t>(kBatchBytes / std::max<int64_t>(bytes, 1));
    const size_t left = op.candidates.size() - static_cast<size_t>(op.entry.tried);
    return std::min({std::clamp<size_t>(fitting, 3, kBatch), left});
}

// Compiles the ways to compute the op that Halide accepts. `schedules` loses the others.
std::string compile_variants(const TuneOp& op, std::vector<Schedule>& schedules,
                             TuneToolchain& toolchain) {
    for (;;) {
        const TuneModel model =
            make_tune_model(*op.network, op.index, schedules, op.given.weights, op.threads);
        std::map<std::string, std::string> failed;
        std::string executable = toolchain.compile(op_program(model, op.given), failed);
        if (!executable.empty()) {
            return executable;
        }
        std::vector<Schedule> compiled;
        for (size_t i = 0; i < schedules.size(); ++i) {
            const std::string name = signature(model.graph.ops[i]);
            if (failed.count(name) == 0 && failed.count(name + "_f32") == 0) {
                compiled.push_back(schedules[i]);
            }
        }
        if (failed.count(signature(model.graph.ops[0])) > 0) {
            throw ToolError("the rule's schedule of " + op.name +
                                " does not compile: " + failed.begin()->second,
                            "");
        }
        schedules = std::move(compiled);
    }
}

// The quickest variants from `first` on.
std::vector<int> finalists(const CheckResult& result, int first) {
    std::vector<int> order;
    for (const auto& [variant, us] : result.us) {
        if (variant >= first) {
            order.push_back(variant);
        }
    }
    std::sort(order.begin(), order.end(),
              [&](int a, int b) { return result.us.at(a) < result.us.at(b); });
    order.resize(std::min(order.size(), kFinalists));
    return order;
}

double column_median(const std::vector<std::vector<double>>& rounds, size_t column) {
    std::vector<double> values;
    for (const std::vector<double>& round : rounds) {
        values.push_back(round[column]);
    }
    return median(std::move(values));
}

// Whether `challenger` beats `champion` by more than the noise of the rounds' ratios.
bool beats(const std::vector<std::vector<double>>& rounds, size_t challenger, size_t champion) {
    std::vector<double> ratios;
    for (const std::vector<double>& round : rounds) {
        ratios.push_back(round[challenger] / round[champion]);
    }
    const double middle = median(ratios);
    std::vector<double> deviations;
    for (const double ratio : ratios) {
        deviations.push_back(std::abs(ratio - middle));
    }
    // 1.4826 times the median deviation estimates the standard deviation of a normal distribution;
    // 1.2533 of that over sqrt(n) is the standard error of a median.
    const double error =
        1.2533 * 1.4826 * median(deviations) / std::sqrt(static_cast<double>(rounds.size()));
    return middle < 1 - std::max(kLeastGain, 2 * error);
}

} // namespace

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

size_t winner(const std::vector<std::vector<double>>& rounds) {
    size_t best = 0;
    for (size_t i = 1; i < rounds.front().size(); ++i) {
        best = beats(rounds, i, best) ? i : best;
    }
    return best;
}

void try_next(TuneOp& op, TuneToolchain& toolchain, const TuneRunner& runner, double ms) {
    if (!op.has_case) {
        op.given = make_tune_case(*op.network, op.index);
        op.has_case = true;
    }
    const size_t count = batch_size(op);
    // The rule's, the best so far where that is another, the candidates.
    std::vector<Schedule> schedules = {op.rule};
    if (op.entry.schedule && *op.entry.schedule != op.rule) {
        schedules.push_back(*op.entry.schedule);
    }
    const auto first = static_cast<int>(schedules.size());
    const auto begin = op.candidates.begin() + op.entry.tried;
    schedules.insert(schedules.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
    const std::string executable = compile_variants(op, schedules, toolchain);
    std::vector<int> all(schedules.size());
    for (size_t i = 0; i < all.size(); ++i) {
        all[i] = static_cast<int>(i);
    }
    const CheckResult checked = check_variants(runner, executable, all, ms / 10);
    if (checked.us.count(0) == 0) {
        throw ToolError("the rule's schedule of " + op.name + " fails: " +
                            (checked.refused.count(0) > 0 ? checked.refused.at(0) : "no result"),
                        "");
    }
    std::vector<int> entrants = {0};
    if (first > 1 && checked.us.count(1) > 0) {
        entrants.push_back(1);
    }
    const std::vector<int> challengers = finalists(checked, first);
    entrants.insert(entrants.end(), challengers.begin(), challengers.end());
    const std::vector<std::vector<double>> rounds = duel(runner, executable, entrants, ms);
    if (rounds.empty()) {
        throw ToolError("the duel of " + op.name + " gave no times", "");
    }
    const size_t best = winner(rounds);
    TunedOp entry = op.entry;
    entry.op = op.name;
    entry.threads = op.threads;
    entry.schedule.reset();
    entry.judged = op.entry.judged || best == 0;
    if (best > 0) {
        entry.schedule = schedules[static_cast<size_t>(entrants[best])];
        entry.judged = entry.judged && entry.schedule == op.entry.schedule;
    }
    entry.us = column_median(rounds, best);
    entry.rule_us = column_median(rounds, 0);
    entry.tried += static_cast<int>(count);
    entry.candidates = static_cast<int>(op.candidates.size());
    entry.list = op.list;
    entry.tool = RESNETC_VERSION;
    const std::string cpu = host_cpu().name;
    entry.cpu = !runner.command.empty() ? "through --runner" : cpu.empty() ? "unknown" : cpu;
    op.entry = std::move(entry);
}

} // namespace resnetc
