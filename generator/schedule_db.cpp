#include "schedule_db.h"

#include "embedded_files.h"
#include "file_io.h"
#include "plan.h"
#include "schedule_check.h"
#include "yaml_tree.h"

#include <algorithm>
#include <tuple>

namespace resnetc {
namespace {

bool before(const TunedOp& a, const TunedOp& b) {
    return std::tie(a.op, a.threads) < std::tie(b.op, b.threads);
}

ScheduleDb load_file(const ScheduleSource& source, const Target& target) {
    if (source.none) {
        return {};
    }
    if (!source.file.empty()) {
        return parse_schedules({source.file, read_file(source.file, kYamlSizeLimit)}, target);
    }
    const std::string shipped = "specs/schedules/" + target.name + ".yaml";
    for (const std::string_view name : embedded_file_names()) {
        if (name == shipped && target.file.empty()) {
            return parse_schedules({shipped, std::string(embedded_file(name))}, target);
        }
    }
    return {};
}

} // namespace

ScheduleDb load_schedules(const ScheduleSource& source, const Target& target) {
    ScheduleDb db = load_file(source, target);
    db.direct_only = source.direct_only;
    db.threads = source.threads;
    return db;
}

const TunedOp* find_tuned(const ScheduleDb& db, const std::string& op, int threads) {
    TunedOp key;
    key.op = op;
    key.threads = threads;
    const auto found = std::lower_bound(db.ops.begin(), db.ops.end(), key, before);
    return found != db.ops.end() && !before(key, *found) ? &*found : nullptr;
}

void put_tuned(ScheduleDb& db, TunedOp tuned) {
    const auto found = std::lower_bound(db.ops.begin(), db.ops.end(), tuned, before);
    if (found != db.ops.end() && !before(tuned, *found)) {
        *found = std::move(tuned);
    } else {
        db.ops.insert(found, std::move(tuned));
    }
}

Schedule schedule_of(const Op& op, const Target& target, const ScheduleDb& db) {
    const TunedOp* tuned = find_tuned(db, signature(op), db.threads);
    const bool given = tuned != nullptr && tuned->schedule;
    if (db.direct_only && !(given && tuned->schedule->algorithm == Algorithm::direct)) {
        return choose_direct(op, target, db.threads);
    }
    if (!given) {
        return choose_schedule(op, target, db.threads);
    }
    const std::string problem = schedule_problem(op, *tuned->schedule, target);
    if (!problem.empty()) {
        Diagnostics diagnostics(db.file);
        diagnostics.error(tuned->where, "the schedule of " + tuned->op + ": " + problem,
                          "resnetc tune replaces the entry; --no-schedules ignores the file");
        diagnostics.throw_if_any();
    }
    return *tuned->schedule;
}

} // namespace resnetc
