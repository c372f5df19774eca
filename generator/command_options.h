// Options that several commands have, and what their words mean. Included by main.cpp.
//
// A word that is none is refused by a CLI::ValidationError that says what was expected.
#pragma once

#include "schedule_db.h"
#include "spec.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <string>

namespace resnetc {

// `--batch 4`: an option that takes an integer of at least `min`.
void add_integer(CLI::App* command, const std::string& name, const std::string& placeholder,
                 const std::string& help, int min, const std::function<void(int)>& take);

// SPEC, and the options that change it.
void add_spec(CLI::App* command, std::string& spec, SpecOverrides& overrides);
void add_spec_overrides(CLI::App* command, SpecOverrides& overrides);

// --threads: `help` says what for.
void add_threads(CLI::App* command, int& threads, const std::string& help);

void add_json(CLI::App* command, bool& json);
void add_target(CLI::App* command, std::string& target);
void add_schedules(CLI::App* command, ScheduleSource& schedules);
void add_runner(CLI::App* command, std::string& runner);
void add_weights(CLI::App* command, std::string& weights, bool required);

// The example at the end of a command's help.
void add_example(CLI::App* command, const std::string& text);

// Seconds of "90", "90s" or "5m".
double parse_budget(const std::string& text);

} // namespace resnetc
