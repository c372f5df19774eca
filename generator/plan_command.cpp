#include "commands.h"
#include "compile.h"
#include "plan_dump.h"

#include <ostream>

namespace resnetc {

int run_plan(const PlanOptions& options, std::ostream& out) {
    const Compilation c = compile(options.spec, options.overrides, options.target,
                                  options.schedules, /*threads=*/true); // as build's default
    if (options.json) {
        out << plan_json(c.graph, c.plan).dump(2) << '\n';
    } else {
        out << plan_text(c.graph, c.plan);
    }
    return exit_ok;
}

} // namespace resnetc
