// The command line of resnetc: words into the structs of commands.h, results and errors out of
// them.
#include "command_options.h"
#include "commands.h"
#include "file_io.h"
#include "process.h"
#include "tools_config.h"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <unistd.h>

namespace {

using namespace resnetc;

// Everything that a subcommand's parser fills in, and what to do with it then.
struct CommandLine {
    resnetc::SummaryOptions summary;
    resnetc::InspectOptions inspect;
    resnetc::PlanOptions plan;
    resnetc::GenerateOptions generate;
    resnetc::BuildOptions build;
    resnetc::VerifyOptions verify;
    resnetc::TuneOptions tune;
    std::function<int(std::ostream&)> run;
};

void add_summary(CLI::App& app, CommandLine& line) {
    CLI::App* command = app.add_subcommand(
        "summary", "Print the layers of a network: shapes, parameters, multiply-accumulates");
    add_spec(command, line.summary.spec, line.summary.overrides);
    add_json(command, line.summary.json);
    add_example(command, "  resnetc summary specs/models/resnet50.yaml --input 3x320x256");
    command->callback([&line] {
        line.run = [&line](std::ostream& out) { return resnetc::run_summary(line.summary, out); };
    });
}

void add_inspect(CLI::App& app, CommandLine& line) {
    CLI::App* command = app.add_subcommand("inspect", "List the tensors of a checkpoint");
    command->add_option("FILE", line.inspect.checkpoint, "the checkpoint")
        ->required()
        ->type_name("");
    add_json(command, line.inspect.json);
    add_example(command, "  resnetc inspect resnet18.pth");
    command->callback([&line] {
        line.run = [&line](std::ostream& out) { return resnetc::run_inspect(line.inspect, out); };
    });
}

void add_plan(CLI::App& app, CommandLine& line) {
    CLI::App* command = app.add_subcommand(
        "plan", "Print the memory plan: offset, size and lifetime of every tensor");
    add_spec(command, line.plan.spec, line.plan.overrides);
    add_target(command, line.plan.target);
    add_schedules(command, line.plan.schedules);
    add_json(command, line.plan.json);
    add_example(command, "  resnetc plan specs/models/resnet18.yaml --batch 4");
    command->callback([&line] {
        line.run = [&line](std::ostream& out) { return resnetc::run_plan(line.plan, out); };
    });
}

// What generate and build have in common.
void add_generation(CLI::App* command, resnetc::GenerateOptions& options) {
    add_spec(command, options.spec, options.overrides);
    add_weights(command, options.weights, true);
    command->add_option("-o,--output", options.output, "the folder to write; made if need be")
        ->required()
        ->type_name("DIR");
    add_target(command, options.target);
    add_schedules(command, options.schedules);
    command
        ->add_option("--depfile", options.depfile,
                     "also write the files that the output depends on, as Make rules")
        ->type_name("FILE");
    command->add_flag("--allow-non-finite", options.allow_non_finite,
                      "accept NaN and infinity among the weights");
    command->add_flag("--profile", options.profile,
                      "give the program the option --profile, which times every op");
    command
        ->add_flag("--serial", options.serial,
                   "no thread code at all: the network runs on the calling thread only")
        ->excludes("--threads");
}

void add_generate(CLI::App& app, CommandLine& line) {
    CLI::App* command = app.add_subcommand(
        "generate", "Write the C++ sources, packed weights and CMakeLists.txt for a network");
    add_generation(command, line.generate);
    add_example(command, "  resnetc generate specs/models/resnet18.yaml "
                         "--weights resnet18.onnx -o out");
    command->callback([&line] {
        line.run = [&line](std::ostream& out) { return resnetc::run_generate(line.generate, out); };
    });
}

void add_build(CLI::App& app, CommandLine& line) {
    CLI::App* command = app.add_subcommand(
        "build", "Generate and compile: a static program, a static library and its header");
    add_generation(command, line.build.generate);
    add_integer(command, "--jobs", "N", "compile jobs at a time; 0: one a core", 0,
                [&line](int value) { line.build.jobs = value; });
    command->add_flag("--verbose", line.build.verbose, "print the commands and their output");
    add_example(command, "  resnetc build specs/models/resnet18.yaml "
                         "--weights resnet18.pth -o out\n"
                         "  out/resnet18 --threads 4 photo.jpg");
    command->callback([&line] {
        line.run = [&line](std::ostream& out) { return resnetc::run_build(line.build, out); };
    });
}

void add_verify(CLI::App& app, CommandLine& line) {
    CLI::App* command = app.add_subcommand(
        "verify", "Build, run, and compare every layer with the double-precision reference");
    add_spec(command, line.verify.spec, line.verify.overrides);
    add_weights(command, line.verify.weights, false);
    add_target(command, line.verify.target);
    add_schedules(command, line.verify.schedules);
    add_runner(command, line.verify.runner);
    command
        ->add_option("--npy", line.verify.npy,
                     "the input, float32 N,C,H,W or uint8 N,H,W,C; default: pseudo-random")
        ->type_name("FILE");
    command->add_option("--keep", line.verify.keep, "build in this folder and keep it")
        ->type_name("DIR");
    add_json(command, line.verify.json);
    add_example(command, "  resnetc verify specs/models/resnet18.yaml "
                         "--weights resnet18.safetensors --npy crops.npy");
    command->callback([&line] {
        line.run = [&line](std::ostream& out) { return resnetc::run_verify(line.verify, out); };
    });
}

void add_tune(CLI::App& app, CommandLine& line) {
    CLI::App* command = app.add_subcommand(
        "tune", "Search the fastest correct schedule of every op and note it in a file");
    command->add_option("SPEC", line.tune.specs, "networks, YAML files (specs/README.md)")
        ->required()
        ->type_name("");
    add_spec_overrides(command, line.tune.overrides);
    add_target(command, line.tune.target);
    add_runner(command, line.tune.runner);
    add_threads(command, line.tune.threads,
                "the number of threads that every op is timed on; schedules are noted for that "
                "number; default: 1");
    command
        ->add_option_function<std::string>(
            "--budget", [&line](const std::string& text) { line.tune.budget = parse_budget(text); },
            "how long to search; a later run goes on where this one stops; default: 120s")
        ->type_name("TIME");
    command
        ->add_option("--db", line.tune.db,
                     "the schedule file to extend; default: <target>.schedules.yaml here")
        ->type_name("FILE");
    add_json(command, line.tune.json);
    add_example(command, "  resnetc tune specs/models/resnet18.yaml --budget 5m\n"
                         "  resnetc build specs/models/resnet18.yaml --weights "
                         "resnet18.safetensors \\\n"
                         "      --schedules zen4.schedules.yaml -o out");
    command->callback([&line] {
        line.run = [&line](std::ostream& out) { return resnetc::run_tune(line.tune, out); };
    });
}

void define(CLI::App& app, CommandLine& line) {
    app.set_version_flag("--version", "resnetc " RESNETC_VERSION, "Print the version and exit");
    app.require_subcommand(1);
    app.footer(
        "\nExample:\n"
        "  resnetc build specs/models/resnet18.yaml --weights resnet18.safetensors -o out\n"
        "  out/resnet18 photo.jpg\n"
        "\nresnetc COMMAND --help explains a command.\n"
        "\nExit codes: 0 done; 1 input refused, or verify found a difference; 2 usage;\n"
        "3 a tool that resnetc runs failed; 70 an internal error; 130 tune was interrupted.");
    add_summary(app, line);
    add_inspect(app, line);
    add_plan(app, line);
    add_generate(app, line);
    add_build(app, line);
    add_verify(app, line);
    add_tune(app, line);
}

bool colour_on_stderr() {
    const char* no_colour = std::getenv("NO_COLOR");
    return isatty(STDERR_FILENO) != 0 && (no_colour == nullptr || *no_colour == '\0');
}

void print(const resnetc::Diagnostic& diagnostic) {
    std::cerr << resnetc::format(diagnostic, colour_on_stderr());
}

// The subcommand in use, or the program itself.
const CLI::App& command_in_use(const CLI::App& app) {
    const auto used = app.get_subcommands();
    return used.empty() ? app : *used.front();
}

// Words that may stand where an unknown word stands.
std::vector<std::string> known_words(const CLI::App& app, bool option) {
    std::vector<std::string> words;
    if (option) {
        for (const CLI::Option* known : app.get_options()) {
            for (const std::string& name : known->get_lnames()) {
                words.push_back("--" + name);
            }
        }
    } else {
        for (const CLI::App* known : app.get_subcommands({})) {
            words.push_back(known->get_name());
        }
    }
    return words;
}

int report_usage_error(const CLI::App& app, const CLI::ParseError& error) {
    const CLI::App& command = command_in_use(app);
    const std::string help = app.get_name() + (&command == &app ? "" : " " + command.get_name()) +
                             " --help shows what is expected";
    const std::vector<std::string> unknown = app.remaining(true);
    std::string message =
        app.get_subcommands().empty() ? "a command is expected" : std::string(error.what());
    std::string hint;
    if (!unknown.empty()) {
        const std::string word = unknown.front().substr(0, unknown.front().find('='));
        const bool option = word.starts_with("-");
        const bool is_command = !option && &command == &app;
        message = option       ? "unknown option '" + word + "'"
                  : is_command ? "unknown command '" + word + "'"
                               : "unexpected argument '" + word + "'";
        if (option || is_command) {
            hint = resnetc::did_you_mean(word, known_words(command, option));
        }
    }
    print({"", {}, message, hint.empty() ? help : hint, ""});
    return resnetc::exit_usage;
}

int report_refusal(const std::vector<resnetc::Diagnostic>& diagnostics) {
    for (const resnetc::Diagnostic& diagnostic : diagnostics) {
        print(diagnostic);
    }
    return resnetc::exit_refused;
}

// Runs the command; a result that could not be written is a failure.
int run(const CommandLine& line) {
    const int code = line.run(std::cout);
    errno = 0;
    std::cout.flush();
    if (!std::cout) {
        const std::string reason = errno != 0 ? std::string(": ") + std::strerror(errno) : "";
        print({"", {}, "cannot write to standard output" + reason, "", ""});
        return code == resnetc::exit_ok ? static_cast<int>(resnetc::exit_refused) : code;
    }
    return code;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "A compiler for residual networks: from a YAML spec and trained weights to a static "
        "library and program.",
        "resnetc");
    CommandLine line;
    try {
        resnetc::remove_temporary_files_on_signals();
        define(app, line);
        app.parse(argc, argv);
        return run(line);
    } catch (const CLI::Success& success) { // --help, --version
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        return report_usage_error(app, error);
    } catch (const resnetc::DiagnosticError& error) {
        return report_refusal(error.diagnostics);
    } catch (const resnetc::ToolError& error) {
        std::cerr << error.output
                  << (error.output.empty() || error.output.ends_with('\n') ? "" : "\n");
        print({"", {}, error.what(), "", ""});
        return resnetc::exit_tool_failed;
    } catch (const std::bad_alloc&) {
        std::cerr << "resnetc: error: out of memory\n";
        return resnetc::exit_refused;
    } catch (const std::exception& error) {
        std::cerr << "resnetc: internal error: " << error.what() << '\n';
        return resnetc::exit_bug;
    }
}
