// --profile: the table, its JSON and the trace, of a fake model with two ops.
#include "support.h"

#include <nlohmann/json.hpp>

#include <regex>
#include <sstream>

using namespace resnetc_test;
using nlohmann::json;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

} // namespace

TEST_CASE("a program that was compiled without --profile says so", "[program]") {
    TempDir dir;
    for (const char* arguments : {"--profile", "--profile=trace.json --json a.ppm"}) {
        const Run result = run(dir, "fake", arguments);
        CHECK(result.status == 2);
        CHECK(result.out == "");
        CHECK(result.err ==
              "fake: error: --profile: this program was compiled without it, expected "
              "one made by 'resnetc build --profile'\n");
    }
    CHECK(dir.list().empty());
}

TEST_CASE("the profile is a table in the order of execution", "[program]") {
    TempDir dir;
    const Run result = run(dir, "fake_profile", "--profile --bench 5");
    CHECK(result.status == 0);
    CHECK(result.err == "");
    const auto lines = lines_of(result.out);
    REQUIRE(lines.size() == 7);
    CHECK(lines[0] == "op            us   share   GFLOP/s of peak        MB    GB/s  pipeline");
    const std::string number = " +[0-9.]+";
    const std::string first = number + number + " %" + number + number + " %" + number + number;
    CHECK(std::regex_match(lines[1], std::regex("conv1" + first + "  conv_pipeline_u8")));
    CHECK(std::regex_match(lines[2], std::regex("pool " + number + number + " % +- +-" + number +
                                                number + "  pool_pipeline")));
    CHECK(std::regex_match(lines[3], std::regex("total" + first)));
    CHECK(lines[3].find(" 100.0 % ") != std::string::npos);
    CHECK(lines[4] == "");
    CHECK(std::regex_match(lines[5], std::regex("medians of 5 runs after [0-9]+ to warm up, batch "
                                                "1; a whole run: [0-9.]+ ms")));
    CHECK(std::regex_match(
        lines[6], std::regex("peak: [0-9.]+ GFLOP/s, multiply-adds of 1 thread in the target's "
                             "vector registers, measured in this run")));
    const size_t column = lines[0].find("pipeline");
    CHECK(lines[1].find("conv_pipeline_u8") == column);
    CHECK(lines[2].find("pool_pipeline") == column);
    CHECK(lines[3].size() + 2 == column);
    const std::string totals = run(dir, "fake_profile", "--profile").out;
    CHECK(totals.find("medians of 50 runs") != std::string::npos);
}

TEST_CASE("the profile as JSON and as a trace", "[program]") {
    TempDir dir;
    dir.write("a.ppm", ppm(plain(8, 6, 160, 80, 0)));
    dir.write("trace.json", text_bytes("older"));
    const Run result = run(dir, "fake_profile", "--json --profile=trace.json --bench 4 a.ppm");
    CHECK(result.status == 0);
    const json profile = json::parse(result.out);
    CHECK(profile["model"] == "fake");
    CHECK(profile["batch"] == 1);
    CHECK(profile["threads"] == 1);
    CHECK(profile["runs"] == 4);
    CHECK(profile["peak_gflops"].get<double>() > 0);
    REQUIRE(profile["ops"].size() == 2);
    const json& conv = profile["ops"][0];
    CHECK(conv["name"] == "conv1");
    CHECK(conv["pipeline"] == "conv_pipeline_u8");
    CHECK(conv["macs"] == 1000);
    CHECK(conv["bytes"] == 4000);
    const double us = conv["median_us"];
    CHECK(us > 0);
    CHECK(conv["gflops"].get<double>() == Approx(2 * 1000 / us * 1e-3).epsilon(1e-4));
    CHECK(conv["percent_of_peak"].get<double>() ==
          Approx(conv["gflops"].get<double>() / profile["peak_gflops"].get<double>() * 100)
              .epsilon(1e-3));
    CHECK(conv["gb_per_s"].get<double>() == Approx(4000 / us * 1e-3).epsilon(1e-4));
    CHECK(profile["ops"][1]["gflops"] == nullptr);
    CHECK(profile["ops"][1]["percent_of_peak"] == nullptr);

    // One event an op and run, one after the other, and the name of the process.
    const json trace = json::parse(dir.read("trace.json"));
    REQUIRE(trace["traceEvents"].size() == 1 + 4 * 2);
    double end = 0;
    for (size_t i = 1; i < trace["traceEvents"].size(); i++) {
        const json& event = trace["traceEvents"][i];
        CHECK(event["ph"] == "X");
        CHECK(event["name"] == (i % 2 == 1 ? "conv1" : "pool"));
        CHECK(event["args"]["run"] == (i - 1) / 2);
        CHECK(event["ts"].get<double>() >= end - 0.002); // rounded to nanoseconds
        end = event["ts"].get<double>() + event["dur"].get<double>();
    }
    CHECK(dir.list() == std::vector<std::string>{"a.ppm", "trace.json"});
}

TEST_CASE("a profile that fails leaves nothing", "[program]") {
    TempDir dir;
    dir.write("unlucky.ppm", ppm(plain(8, 6, 15, 80, 0)));
    const Run failing = run(dir, "fake_profile", "--profile=trace.json unlucky.ppm");
    CHECK(failing.status == 3);
    CHECK(failing.out == "");
    CHECK(failing.err == "fake: error: the model failed in pool: the picture is unlucky\n");
    const Run nowhere = run(dir, "fake_profile", "--profile=no/trace.json");
    CHECK(nowhere.status == 1);
    CHECK(nowhere.out == "");
    CHECK(nowhere.err == "fake: no/trace.json: error: cannot create: No such file or directory\n");
    const Run full = run(dir, "fake_profile", "--profile=/dev/full");
    CHECK(full.status == 1);
    CHECK(full.err == "fake: /dev/full: error: cannot write: No space left on device\n");
    CHECK(dir.list() == std::vector<std::string>{"unlucky.ppm"});
}
