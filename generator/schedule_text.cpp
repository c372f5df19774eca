#include "schedule_text.h"

namespace resnetc {

const std::vector<ScheduleField>& schedule_fields() {
    static const std::vector<ScheduleField> fields = {
        {"tile_x", &Schedule::tile_x, {1, 64}, true},
        {"tile_o", &Schedule::tile_o, {1, 64}, true},
        {"unroll_ci", &Schedule::unroll_ci, {1, 16}, true},
        {"prefetch", &Schedule::prefetch, {0, 256}, false},
        {"winograd_x", &Schedule::winograd_x, {0, 6}, false},
        {"winograd_y", &Schedule::winograd_y, {0, 6}, false},
        {"block_rows", &Schedule::block_rows, {0, 16384}, false},
        {"chunks", &Schedule::chunks, {0, 4096}, false},
        {"block_images", &Schedule::block_images, {0, 4096}, false},
        {"task_rows", &Schedule::task_rows, {0, 16384}, false},
    };
    return fields;
}

const std::vector<Word<Algorithm>>& algorithm_words() {
    static const std::vector<Word<Algorithm>> words = {
        {to_string(Algorithm::direct), Algorithm::direct},
        {to_string(Algorithm::grouped), Algorithm::grouped},
        {to_string(Algorithm::winograd), Algorithm::winograd},
        {to_string(Algorithm::winograd_raw), Algorithm::winograd_raw},
        {to_string(Algorithm::winograd_stride2), Algorithm::winograd_stride2},
    };
    return words;
}

std::string schedule_text(const Schedule& schedule) {
    std::string text = std::string("{algorithm: ") + to_string(schedule.algorithm);
    for (const ScheduleField& field : schedule_fields()) {
        if (field.always || schedule.*field.member != Schedule{}.*field.member) {
            text += std::string(", ") + field.name + ": " + std::to_string(schedule.*field.member);
        }
    }
    return text + "}";
}

nlohmann::ordered_json schedule_json(const Schedule& schedule) {
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    for (const ScheduleField& field : schedule_fields()) {
        if (field.always || schedule.*field.member != Schedule{}.*field.member) {
            json[field.name] = schedule.*field.member;
        }
    }
    return json;
}

std::optional<Schedule> read_schedule(Diagnostics& diagnostics, const YamlNode& node,
                                      const std::string& what) {
    std::vector<std::string> keys = {"algorithm"};
    for (const ScheduleField& field : schedule_fields()) {
        keys.emplace_back(field.name);
    }
    const MapReader map(diagnostics, node, what, keys);
    if (node.kind != YamlKind::map) {
        return std::nullopt;
    }
    Schedule schedule;
    map.require("algorithm", "how the op is computed, such as direct");
    schedule.algorithm = map.word("algorithm", schedule.algorithm, algorithm_words()).value;
    for (const ScheduleField& field : schedule_fields()) {
        if (field.always) {
            map.require(field.name, "an integer");
        }
        schedule.*field.member = map.integer(field.name, schedule.*field.member, field.range).value;
    }
    return schedule;
}

} // namespace resnetc
