// The resnetc program: what it says to wrong command lines, its exit codes, its help.
#include "catch.h"
#include "support/temp_folder.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <vector>

namespace {

struct Outcome {
    int code = -1;
    std::string output; // standard output and standard error, as they come
};

// Runs resnetc with these arguments, which the shell reads.
Outcome resnetc(const std::string& arguments) {
    const std::string command = std::string("'") + RESNETC_BINARY + "' " + arguments;
    Outcome outcome;
    FILE* pipe = ::popen(("exec 2>&1; " + command).c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> buffer{};
    for (size_t count = 0; (count = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
        outcome.output.append(buffer.data(), count);
    }
    const int status = ::pclose(pipe);
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
}

std::string spec(const std::string& name) {
    return std::string("'") + RESNETC_SOURCE_DIR + "/specs/models/" + name + ".yaml' ";
}

} // namespace

TEST_CASE("wrong command lines are explained and exit with 2") {
    const auto refused = [](const std::string& arguments, const std::string& expected) {
        INFO(arguments);
        const Outcome outcome = resnetc(arguments);
        CHECK(outcome.code == 2);
        CHECK(outcome.output == expected);
    };
    refused("", "resnetc: error: a command is expected\n"
                "hint: resnetc --help shows what is expected\n");
    refused("sumary", "resnetc: error: unknown command 'sumary'\nhint: did you mean 'summary'?\n");
    refused("--versoin",
            "resnetc: error: unknown option '--versoin'\nhint: did you mean '--version'?\n");
    refused("summary", "resnetc: error: SPEC is required\n"
                       "hint: resnetc summary --help shows what is expected\n");
    refused("summary " + spec("resnet18") + "--jsn",
            "resnetc: error: unknown option '--jsn'\nhint: did you mean '--json'?\n");
    refused("summary " + spec("resnet18") + "more",
            "resnetc: error: unexpected argument 'more'\n"
            "hint: resnetc summary --help shows what is expected\n");
    refused("generate " + spec("resnet18") + "--weights a",
            "resnetc: error: --output is required\n"
            "hint: resnetc generate --help shows what is expected\n");
    for (const std::string input : {"3x224", "3x224x", "3x224x224x1", "axbxc", "3x0x224", "3x-1x2",
                                    "3x99999999999x2", "", " 3x2x2"}) {
        refused("summary " + spec("resnet18") + "--input '" + input + "'",
                "resnetc: error: --input is '" + input +
                    "', expected CHANNELSxHEIGHTxWIDTH such as 3x224x224\n"
                    "hint: resnetc summary --help shows what is expected\n");
    }
    refused("summary " + spec("resnet18") + "--batch many",
            "resnetc: error: --batch is 'many', expected an integer of at least 1\n"
            "hint: resnetc summary --help shows what is expected\n");
    for (const std::string threads : {"0", "65", "two", "-1", "2x"}) {
        refused("tune " + spec("resnet18") + "--threads " + threads,
                "resnetc: error: --threads is '" + threads +
                    "', expected an integer from 1 to 64\n"
                    "hint: resnetc tune --help shows what is expected\n");
    }
    refused("build " + spec("resnet18") + "--weights x -o y --threads 2 --serial",
            "resnetc: error: --threads excludes --serial\n"
            "hint: resnetc build --help shows what is expected\n");
    for (const std::string budget : {"soon", "0", "-5s", "s", "1.5m", "5h"}) {
        refused("tune " + spec("resnet18") + "--budget " + budget,
                "resnetc: error: --budget is '" + budget +
                    "', expected seconds or minutes such as 120s or 5m\n"
                    "hint: resnetc tune --help shows what is expected\n");
    }
}

TEST_CASE("refused input exits with 1") {
    const Outcome outcome = resnetc("summary no_such_spec.yaml");
    CHECK(outcome.code == 1);
    CHECK(outcome.output ==
          "no_such_spec.yaml: error: cannot be opened: No such file or directory\n");
    CHECK(resnetc("summary " + spec("resnet18") + "--batch 5000").code == 1);
}

TEST_CASE("help and version") {
    const Outcome version = resnetc("--version");
    CHECK(version.code == 0);
    CHECK(version.output.starts_with("resnetc "));
    CHECK(resnetc("--help").output.find("Exit codes:") != std::string::npos);
    for (const std::string command :
         {"summary", "inspect", "plan", "generate", "build", "verify", "tune"}) {
        INFO(command);
        const Outcome help = resnetc(command + " --help");
        CHECK(help.code == 0);
        CHECK(help.output.find("Usage: resnetc " + command) != std::string::npos);
        CHECK(help.output.find("Example:\n  resnetc " + command) != std::string::npos);
    }
}

TEST_CASE("a summary with overrides, through the command line") {
    const Outcome outcome =
        resnetc("summary " + spec("resnet18") + "--input 3x320x256 --batch 2 --classes 10");
    CHECK(outcome.code == 0);
    CHECK(outcome.output.find("\n  input    (2,3,320,256)\n") != std::string::npos);
    CHECK(outcome.output.find("\n  fc       (2,10,1,1)\n") != std::string::npos);
}

TEST_CASE("a plan, through the command line") {
    const Outcome plan = resnetc("plan " + spec("residual_block_d2l") + "--target x86-64-v3");
    CHECK(plan.code == 0);
    const std::string half(32, 'A');
    for (const std::string& line : std::vector<std::string>{
             "B layer1.0.conv1            (4,3,6,6)                   9216        9216  1-2\n",
             "   0 |" + half + std::string(32, '.') + "| input\n",
             "   1 |" + half + std::string(32, 'B') + "| layer1.0.conv1\n"}) {
        INFO(plan.output);
        CHECK(plan.output.find(line) != std::string::npos);
    }
    const Outcome json =
        resnetc("plan " + spec("residual_block_d2l") + "--target x86-64-v3 --json");
    CHECK(json.code == 0);
    CHECK(json.output.find("\n  \"arena_bytes\": 18432,\n") != std::string::npos);
}

TEST_CASE("verify on an array, through the command line") {
    const resnetc_test::TempFolder folder;
    std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 32, 32, 3), }";
    header.resize(117, ' ');
    header += '\n';
    std::string bytes = "\x93NUMPY\x01";
    bytes +=
        std::string(1, '\0') + static_cast<char>(header.size()) + std::string(1, '\0') + header;
    for (int i = 0; i < 32 * 32 * 3; ++i) {
        bytes += static_cast<char>(i * 37 % 256);
    }
    std::ofstream(folder / "in.npy", std::ios::binary) << bytes;
    const std::string array = folder / "in.npy";
    const Outcome outcome =
        resnetc("verify " + spec("resnet20") + "--weights '" + RESNETC_SOURCE_DIR +
                "/specs/weights/resnet20_demo.safetensors' --json --npy '" + array + "'");
    INFO(outcome.output);
    CHECK(outcome.code == 0);
    CHECK(outcome.output.find("\"ok\": true") != std::string::npos);
    CHECK(outcome.output.find("layer3.2.conv2") != std::string::npos);
}

TEST_CASE("output that cannot be written is an error") {
    const Outcome outcome = resnetc("summary " + spec("resnet18") + "> /dev/full");
    CHECK(outcome.code == 1);
    CHECK(outcome.output == "resnetc: error: cannot write to standard output\n");
}

TEST_CASE("no colour where standard error is no terminal") {
    CHECK(resnetc("summary no_such_spec.yaml").output.find('\033') == std::string::npos);
}
