// The tuned schedules of a target: specs/schedules/<target>.yaml. Included by the planner, which
// uses an entry where there is one, and by the tuner, which adds entries.
//
// In: a file's text. Out: entries by op. Nothing here searches or measures.
#pragma once

#include "diagnostics.h"
#include "fused_graph.h"
#include "schedule.h"
#include "target.h"

#include <optional>
#include <string>
#include <vector>

namespace resnetc {

// The most that a pool has (RESNETC_MAX_THREADS).
inline constexpr int kMaxThreads = 64;

// What was measured for one op.
struct TunedOp {
    std::string op;                   // its signature(): kind, shape, stride, padding, epilogue
    int threads = 1;                  // that it was measured with
    std::optional<Schedule> schedule; // none: the rule's was the best of all that were tried
    double us = 0;                    // time of one call with cold weights, microseconds
    double rule_us = 0;               // of the rule's schedule, alternating with it
    int tried = 0;                    // of the tuner's candidates, in its order
    int candidates = 0;               // as many as there were
    std::string list;                 // digest of their list: another one is tried anew
    bool judged = true;               // the schedule has also been timed in a whole network
    std::string tool;                 // version of resnetc
    std::string cpu;                  // name of the processor
    SourceLocation where{};           // of the schedule in the file
};

struct ScheduleDb {
    SourceFile file;          // as read; an empty path: there is none
    std::string target;       // that the entries were measured for
    std::vector<TunedOp> ops; // sorted by op and threads, each pair once
    int threads = 1;          // that schedules are chosen for: entries of other numbers don't count
    bool direct_only = false; // the user wants no Winograd: entries and rules with it do not count
};

// Where a command takes schedules from.
struct ScheduleSource {
    std::string file{}; // instead of the shipped one; empty: that
    bool none = false;  // nothing but the rule
    bool direct_only = false;
    int threads = 1; // that schedules are chosen for
};

// Reads a schedule file for `target`. Throws DiagnosticError with everything wrong in it.
ScheduleDb parse_schedules(SourceFile file, const Target& target);

// The user's file, or the shipped one of `target`, or nothing.
ScheduleDb load_schedules(const ScheduleSource& source, const Target& target);

// The text that parse_schedules reads: sorted, an entry in five lines, the same for the same ops.
std::string schedules_text(const ScheduleDb& db);

// The entry of an op; null: there is none.
const TunedOp* find_tuned(const ScheduleDb& db, const std::string& op, int threads);

// Adds `tuned`, or replaces the entry of the same op and threads.
void put_tuned(ScheduleDb& db, TunedOp tuned);

// How to compute `op` (a conv, stem or fc) on `db.threads` threads: as its entry says, or the rule.
// Throws DiagnosticError that points at the entry if the op cannot be computed so.
Schedule schedule_of(const Op& op, const Target& target, const ScheduleDb& db);

} // namespace resnetc
