#include "command_options.h"

#include <charconv>
#include <optional>

namespace resnetc {
namespace {

// A wrong word on the command line: what is wrong with it, what was expected.
[[noreturn]] void refuse_argument(const std::string& message) {
    throw CLI::ValidationError(message, CLI::ExitCodes::ValidationError);
}

// A whole decimal number within int.
std::optional<int> parse_int(std::string_view text) {
    int value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = result.ec == std::errc{} && result.ptr == text.data() + text.size();
    return whole ? std::optional<int>(value) : std::nullopt;
}

// "3x224x224" into channels, height and width.
void parse_input(const std::string& text, SpecOverrides& overrides) {
    const size_t first = text.find('x');
    const size_t second = first == std::string::npos ? first : text.find('x', first + 1);
    std::optional<int> channels;
    std::optional<int> height;
    std::optional<int> width;
    if (second != std::string::npos) {
        channels = parse_int(std::string_view(text).substr(0, first));
        height = parse_int(std::string_view(text).substr(first + 1, second - first - 1));
        width = parse_int(std::string_view(text).substr(second + 1));
    }
    if (!channels || !height || !width || *channels < 1 || *height < 1 || *width < 1) {
        refuse_argument("--input is '" + text +
                        "', expected CHANNELSxHEIGHTxWIDTH such as 3x224x224");
    }
    overrides.channels = channels;
    overrides.height = height;
    overrides.width = width;
}

} // namespace

void add_integer(CLI::App* command, const std::string& name, const std::string& placeholder,
                 const std::string& help, int min, const std::function<void(int)>& take) {
    command
        ->add_option_function<std::string>(
            name,
            [=](const std::string& text) {
                const auto value = parse_int(text);
                if (!value || *value < min) {
                    refuse_argument(name + " is '" + text + "', expected an integer of at least " +
                                    std::to_string(min));
                }
                take(*value);
            },
            help)
        ->type_name(placeholder);
}

void add_spec_overrides(CLI::App* command, SpecOverrides& overrides) {
    command
        ->add_option_function<std::string>(
            "--input", [&overrides](const std::string& text) { parse_input(text, overrides); },
            "channels, height and width of the input instead of the spec's")
        ->type_name("CxHxW");
    add_integer(command, "--batch", "N", "images a run instead of the spec's", 1,
                [&overrides](int value) { overrides.batch = value; });
    add_integer(command, "--classes", "K", "outputs instead of the spec's", 1,
                [&overrides](int value) { overrides.classes = value; });
}

void add_spec(CLI::App* command, std::string& spec, SpecOverrides& overrides) {
    command->add_option("SPEC", spec, "the network, a YAML file (specs/README.md)")
        ->required()
        ->type_name("");
    add_spec_overrides(command, overrides);
}

void add_threads(CLI::App* command, int& threads, const std::string& help) {
    command
        ->add_option_function<std::string>(
            "--threads",
            [&threads](const std::string& text) {
                const std::optional<int> value = parse_int(text);
                if (!value || *value < 1 || *value > kMaxThreads) {
                    refuse_argument("--threads is '" + text + "', expected an integer from 1 to " +
                                    std::to_string(kMaxThreads));
                }
                threads = *value;
            },
            help)
        ->type_name("N");
}

void add_json(CLI::App* command, bool& json) {
    command->add_flag("--json", json, "print JSON, for scripts");
}

void add_target(CLI::App* command, std::string& target) {
    command
        ->add_option("--target", target,
                     "the machine to compile for: a name, or a YAML file with one")
        ->capture_default_str()
        ->type_name("T");
}

void add_schedules(CLI::App* command, ScheduleSource& schedules) {
    auto* file =
        command
            ->add_option("--schedules", schedules.file,
                         "tuned schedules for the target, a YAML file; default: those shipped")
            ->type_name("FILE");
    command->add_flag("--no-schedules", schedules.none, "no tuned schedules, the rule's alone")
        ->excludes(file);
    add_threads(command, schedules.threads,
                "the number of threads to choose schedules for; what is built runs on any number "
                "of them, with the same result; default: 1");
    command->add_flag("--no-winograd", schedules.direct_only,
                      "direct convolutions only: slower, but smaller, and the most exact");
}

void add_runner(CLI::App* command, std::string& runner) {
    command
        ->add_option("--runner", runner,
                     "runs programs of a target that is not this machine, such as "
                     "'qemu-aarch64 -L /usr/aarch64-linux-gnu'")
        ->type_name("CMD");
}

void add_weights(CLI::App* command, std::string& weights, bool required) {
    command
        ->add_option("--weights", weights,
                     required ? "the trained weights, a checkpoint file"
                              : "the trained weights, a checkpoint file; default: pseudo-random")
        ->required(required)
        ->type_name("FILE");
}

void add_example(CLI::App* command, const std::string& text) {
    command->footer("\nExample:\n" + text);
}

double parse_budget(const std::string& text) {
    const bool minutes = text.ends_with("m");
    const bool unit = minutes || text.ends_with("s");
    const auto value = parse_int(std::string_view(text).substr(0, text.size() - (unit ? 1 : 0)));
    if (!value || *value < 1) {
        refuse_argument("--budget is '" + text +
                        "', expected seconds or minutes such as 120s or 5m");
    }
    return *value * (minutes ? 60.0 : 1.0);
}

} // namespace resnetc
