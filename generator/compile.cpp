#include "compile.h"

namespace resnetc {

Compilation compile(const std::string& spec_path, const SpecOverrides& overrides,
                    const std::string& target, const ScheduleSource& schedules, bool threads) {
    Compilation c;
    const Target resolved = find_target(target);
    c.spec = load_spec(spec_path);
    apply_overrides(c.spec, overrides);
    c.network = build_network(c.spec);
    c.graph = fuse(c.network);
    c.plan = make_plan(c.graph, resolved, c.spec.preprocessing.has_value(),
                       load_schedules(schedules, resolved), threads);
    return c;
}

} // namespace resnetc
