#include "tune_runner.h"

#include "process.h"
#include "runner.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

namespace resnetc {
namespace {

// Whether the runner logs in to another machine, which has none of our files.
bool is_remote(const std::string& command) {
    std::istringstream words(command);
    std::string program;
    words >> program;
    return std::filesystem::path(program).filename() == "ssh";
}

void run_executable(const TuneRunner& runner, const std::string& executable,
                    const std::vector<std::string>& arguments,
                    const std::function<void(const std::string&)>& on_line) {
    ToolLimits limits;
    limits.silence = runner.silence;
    limits.stop = runner.stop;
    std::vector<std::string> command;
    if (is_remote(runner.command)) { // gets the executable through its standard input
        limits.input = executable;
        std::string script = "d=$(mktemp -d) && cat >$d/runner && chmod +x $d/runner && $d/runner";
        for (const std::string& argument : arguments) {
            script += " " + argument; // words of our own: letters and digits
        }
        command = runner_command(runner.command, script + "; s=$?; rm -rf $d; exit $s");
    } else {
        command = runner_command(runner.command, executable);
        command.insert(command.end(), arguments.begin(), arguments.end());
    }
    run_tool(command, on_line, limits);
}

std::vector<std::string> arguments_for(const std::string& mode, double ms,
                                       const std::vector<int>& variants) {
    std::vector<std::string> arguments = {mode, std::to_string(static_cast<int>(ms))};
    for (const int variant : variants) {
        arguments.push_back(std::to_string(variant));
    }
    return arguments;
}

// The numbers behind the first word.
std::vector<double> numbers(std::istringstream& line) {
    std::vector<double> values;
    for (double value = 0; line >> value;) {
        values.push_back(value);
    }
    return values;
}

// Reads the lines of one start; returns the variant that was on when they ended, -1: none.
class CheckReader {
public:
    explicit CheckReader(CheckResult& result) : result_(result) {}

    void read(const std::string& text) {
        std::istringstream line(text);
        std::string word;
        int variant = -1;
        line >> word >> variant;
        if (word == "start") {
            current_ = variant;
        } else if (word == "time") {
            line >> result_.us[variant];
            current_ = -1;
        } else if (word == "wrong") {
            result_.refused[variant] = text;
            current_ = -1;
        } else if (word == "end") {
            ended_ = true;
        }
    }
    int current() const { return current_; }
    bool ended() const { return ended_; }

private:
    CheckResult& result_;
    int current_ = -1;
    bool ended_ = false;
};

} // namespace

CheckResult check_variants(const TuneRunner& runner, const std::string& executable,
                           const std::vector<int>& variants, double ms) {
    CheckResult result;
    std::vector<int> left = variants;
    while (!left.empty()) {
        CheckReader reader(result);
        try {
            run_executable(runner, executable, arguments_for("check", ms, left),
                           [&](const std::string& line) { reader.read(line); });
        } catch (const ToolError& error) {
            if ((runner.stop && runner.stop()) || reader.current() < 0) {
                throw;
            }
            result.refused[reader.current()] = error.what();
        }
        std::erase_if(left, [&](int variant) {
            return result.us.count(variant) > 0 || result.refused.count(variant) > 0;
        });
        if (reader.ended()) {
            break;
        }
    }
    return result;
}

std::vector<std::vector<double>> duel(const TuneRunner& runner, const std::string& executable,
                                      const std::vector<int>& variants, double ms) {
    std::vector<std::vector<double>> rounds;
    run_executable(runner, executable, arguments_for("duel", ms, variants),
                   [&](const std::string& text) {
                       std::istringstream line(text);
                       std::string word;
                       line >> word;
                       std::vector<double> us = numbers(line);
                       if (word == "round" && us.size() == variants.size()) {
                           rounds.push_back(std::move(us));
                       }
                   });
    return rounds;
}

NetworkTimes time_network(const TuneRunner& runner, const std::string& executable, double ms) {
    NetworkTimes times;
    run_executable(runner, executable, arguments_for("network", ms, {}),
                   [&](const std::string& text) {
                       std::istringstream line(text);
                       std::string word;
                       line >> word;
                       if (word == "before") {
                           times.before.push_back(numbers(line));
                       } else if (word == "after") {
                           times.after.push_back(numbers(line));
                       }
                   });
    return times;
}

} // namespace resnetc
