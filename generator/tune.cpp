// `resnetc tune`: the fastest correct schedule of every op, into a file.
#include "candidates.h"
#include "commands.h"
#include "compile.h"
#include "file_io.h"
#include "interrupt.h"
#include "process.h"
#include "runner.h"
#include "schedule_text.h"
#include "tune_network.h"
#include "tune_op.h"
#include "tune_progress.h"
#include "work_folder.h"

#include <algorithm>
#include <filesystem>
#include <iomanip>
#include <map>
#include <memory>
#include <ostream>

namespace resnetc {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kStepMs = 400;       // of timing, for a batch of candidates
constexpr double kNetworkMs = 3000;   // of timing a whole network
constexpr double kSecondsAnOp = 0.5;  // to compile it for the network's verdict
constexpr double kVerdictSeconds = 6; // for the rest of the verdict

constexpr std::chrono::seconds kSilenceElsewhere{180};

// What a run of the tuner works on.
struct Session {
    std::string path; // of the schedule file
    Target target;
    std::vector<std::unique_ptr<Compilation>> networks;
    std::vector<TuneOp> ops; // the largest share of the work first
    ScheduleDb before;       // the file at the start
    ScheduleDb db;
    std::map<std::string, NetworkVerdict> verdicts; // by network
    bool interrupted = false;
};

// The user's file as it is, or what is shipped for the target to start from.
ScheduleDb open_db(const std::string& path, const Target& target, int threads) {
    std::error_code error;
    ScheduleDb db = std::filesystem::exists(path, error) ? load_schedules({.file = path}, target)
                                                         : load_schedules({}, target);
    db.target = target.name;
    db.threads = threads;
    return db;
}

// What another run may have written since stays, but for this op.
void save(Session& session, const TunedOp& entry) {
    session.db = open_db(session.path, session.target, session.db.threads);
    put_tuned(session.db, entry);
    write_file(session.path, schedules_text(session.db));
}

TuneOp make_tune_op(const Compilation& network, size_t index, const ScheduleDb& db) {
    const Op& op = network.graph.ops[index];
    const Target& target = network.plan.target;
    TuneOp tune;
    tune.network = &network;
    tune.index = index;
    tune.name = signature(op);
    tune.threads = db.threads;
    tune.rule = choose_schedule(op, target, db.threads);
    tune.candidates = candidate_schedules(op, target, db.threads);
    tune.list = digest(tune.candidates);
    if (const TunedOp* known = find_tuned(db, tune.name, db.threads)) {
        schedule_of(op, target, db); // refuses an entry that the op cannot have
        tune.entry = *known;
        if (known->list != tune.list) { // of another version: all over again
            tune.entry.tried = 0;
        }
    }
    return tune;
}

void collect_ops(const TuneOptions& options, Session& session) {
    std::map<std::string, double> work;
    for (const std::string& spec : options.specs) {
        session.networks.push_back(std::make_unique<Compilation>(
            compile(spec, options.overrides, options.target, {.file = "", .none = true})));
        const Compilation& network = *session.networks.back();
        for (size_t i = 0; i < network.graph.ops.size(); ++i) {
            const Op& op = network.graph.ops[i];
            if (op.conv_layer < 0) {
                continue;
            }
            double& total = work[signature(op)];
            if (total == 0) {
                session.ops.push_back(make_tune_op(network, i, session.db));
            }
            total += static_cast<double>(
                network.network.layers[static_cast<size_t>(op.conv_layer)].macs);
        }
    }
    std::stable_sort(session.ops.begin(), session.ops.end(),
                     [&](const TuneOp& a, const TuneOp& b) { return work[a.name] > work[b.name]; });
}

bool is_done(const TuneOp& op) {
    return op.entry.tried >= static_cast<int>(op.candidates.size());
}

std::string state_of(const TuneOp& op) {
    std::string text =
        op.name + " " + std::to_string(op.entry.tried) + "/" + std::to_string(op.candidates.size());
    if (op.entry.rule_us > 0) {
        const auto percent = static_cast<int>(100 * op.entry.us / op.entry.rule_us + 0.5);
        text += ", best " + std::to_string(percent) + " % of the rule's time";
    }
    return text;
}

// Seconds that the whole networks will take at the end.
double verdict_seconds(const Session& session) {
    double seconds = 0;
    for (const auto& network : session.networks) {
        seconds +=
            kVerdictSeconds + kSecondsAnOp * static_cast<double>(network->plan.pipelines.size());
    }
    return seconds;
}

// The op whose search has come least far, among equals the largest share of the work; null: all is
// tried. So short runs one after the other get to every op, too.
TuneOp* next_op(Session& session) {
    TuneOp* next = nullptr;
    for (TuneOp& op : session.ops) {
        if (!is_done(op) && (next == nullptr || op.entry.tried < next->entry.tried)) {
            next = &op;
        }
    }
    return next;
}

// Batch after batch until all is tried or the time is up.
void search(Session& session, TuneToolchain& toolchain, const TuneRunner& runner,
            TuneProgress& progress) {
    const double reserve = verdict_seconds(session);
    double longest = 0;
    while (TuneOp* op = next_op(session)) {
        const double left = progress.seconds_left();
        if (longest > 0 && left < reserve + longest) { // one batch is always tried
            return;
        }
        progress.show(state_of(*op));
        try_next(*op, toolchain, runner, kStepMs);
        save(session, op->entry);
        longest = std::max(longest, left - progress.seconds_left());
    }
}

// The file at the start as far as whole networks have been timed with it: an earlier run may have
// been interrupted before that.
ScheduleDb judged_entries(ScheduleDb db) {
    for (TunedOp& op : db.ops) {
        if (!op.judged) {
            op.schedule.reset();
            op.us = op.rule_us;
        }
    }
    return db;
}

void judge(Session& session, TuneToolchain& toolchain, const TuneRunner& runner,
           TuneProgress& progress) {
    for (const auto& network : session.networks) {
        progress.show("the whole of " + network->network.name + ", before and after");
        session.verdicts[network->network.name] =
            judge_network(*network, session.before, session.db, toolchain, runner, kNetworkMs);
        write_file(session.path, schedules_text(session.db));
    }
    for (const TuneOp& op : session.ops) {
        if (const TunedOp* entry = find_tuned(session.db, op.name, op.threads)) {
            TunedOp judged = *entry;
            judged.judged = true;
            put_tuned(session.db, judged);
        }
    }
    write_file(session.path, schedules_text(session.db));
}

Json ops_json(const Session& session) {
    Json list = Json::array();
    for (const TuneOp& op : session.ops) {
        const TunedOp* entry = find_tuned(session.db, op.name, session.db.threads);
        Json json = {{"op", op.name},
                     {"tried", entry != nullptr ? entry->tried : 0},
                     {"candidates", op.candidates.size()}};
        if (entry != nullptr) {
            json["schedule"] = entry->schedule ? Json(schedule_text(*entry->schedule)) : "rule";
            json["us"] = entry->us;
            json["rule_us"] = entry->rule_us;
        }
        list.push_back(json);
    }
    return list;
}

void print_json(const Session& session, std::ostream& out) {
    Json networks = Json::array();
    for (const auto& [name, verdict] : session.verdicts) {
        networks.push_back({{"network", name},
                            {"before_us", verdict.before_us},
                            {"after_us", verdict.after_us},
                            {"dropped", verdict.dropped}});
    }
    out << Json{{"target", session.target.name},
                {"file", session.path},
                {"interrupted", session.interrupted},
                {"ops", ops_json(session)},
                {"networks", networks}}
               .dump(2)
        << '\n';
}

void print_table(const Session& session, std::ostream& out) {
    out << std::left << std::setw(44) << "op" << std::right << std::setw(10) << "rule us"
        << std::setw(10) << "best us" << std::setw(9) << "tried"
        << "  schedule\n"
        << std::fixed;
    for (const TuneOp& op : session.ops) {
        const TunedOp* entry = find_tuned(session.db, op.name, session.db.threads);
        out << std::left << std::setw(44) << op.name << std::right << std::setprecision(1);
        if (entry == nullptr) {
            out << "  not tried yet\n";
            continue;
        }
        const std::string tried =
            std::to_string(entry->tried) + "/" + std::to_string(op.candidates.size());
        out << std::setw(10) << entry->rule_us << std::setw(10) << entry->us << std::setw(9)
            << tried << "  " << (entry->schedule ? schedule_text(*entry->schedule) : "rule")
            << '\n';
    }
    for (const auto& [name, verdict] : session.verdicts) {
        if (verdict.before_us > 0) {
            out << name << ": " << std::setprecision(3) << verdict.before_us / 1000
                << " ms before, " << verdict.after_us / 1000 << " ms with the new entries\n";
        }
        for (const std::string& op : verdict.dropped) {
            out << name << ": no gain there from the new schedule of " << op << ", taken back\n";
        }
    }
    out << session.path << (session.interrupted ? ": interrupted, " : ": ")
        << "what was found is there; resnetc build --schedules " << session.path
        << (session.db.threads > 1 ? " --threads " + std::to_string(session.db.threads) : "")
        << " uses it\n";
}

} // namespace

int run_tune(const TuneOptions& options, std::ostream& out) {
    Session session;
    session.target = find_target(options.target);
    check_runner(options.runner, session.target);
    session.path = options.db.empty() ? session.target.name + ".schedules.yaml" : options.db;
    session.db = open_db(session.path, session.target, options.threads);
    session.before = judged_entries(session.db);
    collect_ops(options, session);
    write_file(session.path, schedules_text(session.db)); // or refuse before the work, not after it
    handle_interrupts();
    const WorkFolder work("tune");
    TuneProgress progress(options.budget);
    const auto stop = [&] {
        progress.tick();
        return interrupted();
    };
    TuneRunner runner{options.runner, stop};
    if (!options.runner.empty()) {
        runner.silence = kSilenceElsewhere;
    }
    try {
        progress.show("setting up");
        TuneToolchain toolchain(work.path().string(), session.target, stop);
        search(session, toolchain, runner, progress);
        judge(session, toolchain, runner, progress);
    } catch (const ToolError&) {
        if (!interrupted()) {
            throw;
        }
        session.interrupted = true;
    }
    if (options.json) {
        print_json(session, out);
    } else {
        print_table(session, out);
    }
    return session.interrupted ? exit_interrupted : exit_ok;
}

} // namespace resnetc
