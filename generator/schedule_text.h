// Schedules as text. Included by the schedule files, the plan's dump and the tuner.
//
// One table holds the fields of a Schedule; whoever adds one adds a row here, and it is read,
// written, shown and compared everywhere.
#pragma once

#include "schedule.h"
#include "yaml_values.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace resnetc {

struct ScheduleField {
    const char* name;
    int Schedule::*member;
    IntRange range;
    bool always; // written even where it has the value of a new Schedule
};

const std::vector<ScheduleField>& schedule_fields();

// "direct"; the words that a schedule file may use.
const std::vector<Word<Algorithm>>& algorithm_words();

// "{algorithm: direct, tile_x: 7, tile_o: 2, unroll_ci: 2}": YAML and readable.
std::string schedule_text(const Schedule& schedule);

nlohmann::ordered_json schedule_json(const Schedule& schedule);

// Reads what schedule_text writes; fields that are left out have the values of a new Schedule.
// Nothing, and errors in `diagnostics`, if it is none.
std::optional<Schedule> read_schedule(Diagnostics& diagnostics, const YamlNode& node,
                                      const std::string& what);

} // namespace resnetc
