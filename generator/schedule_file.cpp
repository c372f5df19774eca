// Reader and writer of specs/schedules/*.yaml.
#include "schedule_db.h"
#include "schedule_text.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

namespace resnetc {
namespace {

constexpr size_t kTextBytes = 200;
constexpr IntRange kThreads{1, kMaxThreads};
constexpr IntRange kCandidates{0, 1000000};
constexpr RealRange kMicroseconds{0, 1e12};

// A required text of at most kTextBytes.
std::string required_text(const MapReader& map, const std::string& key, const std::string& what) {
    return map.require(key, what) == nullptr ? "" : map.text(key, kTextBytes).value;
}

void read_conditions(Diagnostics& diagnostics, const MapReader& entry, const std::string& what,
                     TunedOp& op) {
    const YamlNode* node = entry.require("for", "{precision: f32, threads: 1}");
    if (node == nullptr) {
        return;
    }
    const MapReader map(diagnostics, *node, what + ".for", {"precision", "threads"});
    if (map.require("precision", "f32") != nullptr) {
        read_word(diagnostics, *map.find("precision"), map.path_of("precision"), {"f32"});
    }
    map.require("threads", "the number of threads");
    op.threads = map.integer("threads", 1, kThreads).value;
}

void read_measured(Diagnostics& diagnostics, const MapReader& entry, const std::string& what,
                   TunedOp& op) {
    const YamlNode* node = entry.require("measured", "a map with us, rule_us, resnetc, cpu");
    if (node == nullptr) {
        return;
    }
    const MapReader map(diagnostics, *node, what + ".measured",
                        {"us", "rule_us", "resnetc", "cpu"});
    map.require("us", "microseconds");
    map.require("rule_us", "microseconds");
    op.us = map.real("us", 0, kMicroseconds).value;
    op.rule_us = map.real("rule_us", 0, kMicroseconds).value;
    op.tool = required_text(map, "resnetc", "the version of resnetc");
    op.cpu = required_text(map, "cpu", "the name of the processor");
}

void read_search(Diagnostics& diagnostics, const MapReader& entry, const std::string& what,
                 TunedOp& op) {
    const YamlNode* node = entry.require("search", "a map with tried, candidates, list");
    if (node == nullptr) {
        return;
    }
    const MapReader map(diagnostics, *node, what + ".search",
                        {"tried", "candidates", "list", "judged"});
    map.require("tried", "how many candidates were tried");
    map.require("candidates", "how many candidates there were");
    op.tried = map.integer("tried", 0, kCandidates).value;
    op.candidates = map.integer("candidates", 0, kCandidates).value;
    op.list = required_text(map, "list", "the digest of the candidates");
    op.judged = map.boolean("judged", true).value;
    if (op.tried > op.candidates) {
        diagnostics.error(map.where(), what + ".search: " + std::to_string(op.tried) +
                                           " tried, expected at most the " +
                                           std::to_string(op.candidates) + " candidates");
    }
}

TunedOp read_entry(Diagnostics& diagnostics, const YamlNode& node, const std::string& what) {
    const MapReader entry(diagnostics, node, what, {"op", "for", "schedule", "measured", "search"});
    TunedOp op;
    if (node.kind != YamlKind::map) {
        return op;
    }
    op.op = required_text(entry, "op", "the signature of an op");
    read_conditions(diagnostics, entry, what, op);
    const YamlNode* schedule = entry.require("schedule", "a map, or the word rule");
    if (schedule != nullptr && !is_word(*schedule, "rule")) {
        op.where = schedule->where;
        op.schedule = read_schedule(diagnostics, *schedule, what + ".schedule");
    }
    read_measured(diagnostics, entry, what, op);
    read_search(diagnostics, entry, what, op);
    return op;
}

void read_entries(Diagnostics& diagnostics, const MapReader& root, ScheduleDb& db) {
    const YamlNode* node = root.require("ops", "a list of entries");
    if (node == nullptr || node->kind == YamlKind::null) {
        return;
    }
    if (node->kind != YamlKind::sequence) {
        refuse_value(diagnostics, *node, "ops", "a list of entries");
        return;
    }
    for (size_t i = 0; i < node->items.size(); ++i) {
        const YamlNode& item = node->items[i];
        TunedOp op = read_entry(diagnostics, item, "ops[" + std::to_string(i) + "]");
        if (op.op.empty()) {
            continue;
        }
        if (find_tuned(db, op.op, op.threads) != nullptr) {
            diagnostics.error(item.where, "a second entry for " + op.op + " with " +
                                              counted(static_cast<size_t>(op.threads), "thread") +
                                              ", expected one");
        } else {
            put_tuned(db, std::move(op));
        }
    }
}

void read_root(Diagnostics& diagnostics, const YamlNode& node, const Target& target,
               ScheduleDb& db) {
    const MapReader root(diagnostics, node, "", {"version", "target", "ops"});
    if (node.kind != YamlKind::map) {
        return;
    }
    const YamlNode* version = root.require("version", "version: 1");
    if (version != nullptr && !is_word(*version, "1")) {
        refuse_value(diagnostics, *version, "version", "1");
    }
    if (root.require("target", "the name of the target") != nullptr) {
        const Located<std::string> name = root.text("target", kTextBytes);
        db.target = name.value;
        if (!name.value.empty() && name.value != target.name) {
            diagnostics.error(name.where,
                              "target is '" + name.value + "', expected '" + target.name +
                                  "', what is compiled for",
                              "--no-schedules goes without, --target compiles for another");
        }
    }
    read_entries(diagnostics, root, db);
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + "\"";
}

// Four significant digits are more than a measurement has.
std::string microseconds(double us) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(us < 10 ? 3 : us < 100 ? 2 : 1) << us;
    return out.str();
}

} // namespace

ScheduleDb parse_schedules(SourceFile file, const Target& target) {
    ScheduleDb db;
    db.file = file;
    Diagnostics diagnostics(std::move(file));
    if (const auto root = read_yaml(diagnostics)) {
        read_root(diagnostics, *root, target, db);
    }
    diagnostics.throw_if_any();
    return db;
}

std::string schedules_text(const ScheduleDb& db) {
    std::ostringstream out;
    out << "# Schedules that `resnetc tune` measured for " << db.target
        << ": sorted by op, later runs are merged.\n"
        << "version: 1\ntarget: " << db.target << "\nops:\n";
    for (const TunedOp& op : db.ops) {
        out << "  - op: " << op.op << "\n    for: {precision: f32, threads: " << op.threads
            << "}\n    schedule: " << (op.schedule ? schedule_text(*op.schedule) : "rule")
            << "\n    measured: {us: " << microseconds(op.us)
            << ", rule_us: " << microseconds(op.rule_us) << ", resnetc: " << op.tool
            << ", cpu: " << quoted(op.cpu) << "}\n    search: {tried: " << op.tried
            << ", candidates: " << op.candidates << ", list: " << quoted(op.list)
            << (op.judged ? "" : ", judged: false") << "}\n";
    }
    return out.str();
}

} // namespace resnetc
