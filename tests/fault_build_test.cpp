// Faults while `build` works: the products of an earlier build stay whole, and the next build makes
// what an undisturbed one does.
#include "catch.h"
#include "support/disturbed_process.h"
#include "support/safetensors_writer.h"
#include "support/shipped_specs.h"
#include "support/snapshot.h"
#include "support/temp_folder.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

using namespace resnetc_test;
namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;
using Arguments = std::vector<std::string>;

constexpr unsigned kSeed = 20240608;
const std::string kSpec = "residual_block_d2l";

// The files at the top of a build's folder.
Snapshot products(const fs::path& folder) {
    Snapshot files = snapshot(folder);
    std::erase_if(files,
                  [](const auto& file) { return file.first.find('/') != std::string::npos; });
    return files;
}

// The command lines of processes with a path in `folder`, tools of a build there; each word ends in
// NUL.
std::vector<std::string> commands_in(const fs::path& folder) {
    std::vector<std::string> commands;
    for (const auto& process : fs::directory_iterator("/proc")) {
        std::ifstream file(process.path() / "cmdline", std::ios::binary);
        std::string words((std::istreambuf_iterator<char>(file)), {});
        if (words.find(folder.string()) != std::string::npos) {
            commands.push_back(std::move(words));
        }
    }
    return commands;
}

// Whether a build in `folder` is past its configuration: resnetc, Ninja, and what that runs.
bool compilers_run_in(const fs::path& folder) {
    const std::vector<std::string> commands = commands_in(folder);
    const auto is_ninja = [](const std::string& words) {
        return fs::path(words.c_str()).filename() == "ninja" &&
               words.find(std::string("\0-j\0", 4)) != std::string::npos;
    };
    return commands.size() >= 3 && std::any_of(commands.begin(), commands.end(), is_ninja);
}

// Two builds into one folder, of networks with different pipelines, and their products.
struct BuildFixture {
    BuildFixture() {
        const resnetc::Network network =
            resnetc::build_network(resnetc::load_spec(shipped_spec(kSpec)));
        write_safetensors(folder / "weights", network, resnetc::random_weights(network, 1));
        before = {RESNETC_BINARY, "build",     shipped_spec(kSpec), "-o",
                  out.string(),   "--weights", folder / "weights"};
        after = before;
        after.insert(after.end(), {"--input", "3x9x7"});
        const auto begin = Clock::now();
        run(after);
        duration = Clock::now() - begin;
        products_after = products(out);
        run(before);
        products_before = products(out);
    }
    void run(const Arguments& arguments) const {
        const Ending ending = DisturbedProcess(arguments, log()).wait();
        INFO(ending.output);
        REQUIRE(ending.code == 0);
    }
    std::string log() const { return folder / "log"; }

    // After a fault: each product is that of one build or the other. Then the next build.
    void check_products_and_next_build(bool may_leave_temporaries) const {
        for (const auto& [path, bytes] : products(out)) {
            INFO(path);
            if (is_temporary(path)) {
                CHECK(may_leave_temporaries);
            } else {
                CHECK((bytes == products_before.at(path) || bytes == products_after.at(path)));
            }
        }
        const fs::perms program = fs::status(out / kSpec).permissions();
        CHECK((program & fs::perms::owner_exec) != fs::perms::none);
        run(after);
        CHECK(products(out) == products_after);
    }

    TempFolder folder;
    fs::path out = folder.path() / "out";
    Arguments before;
    Arguments after;
    std::chrono::duration<double> duration{};
    Snapshot products_before;
    Snapshot products_after;
};

} // namespace

TEST_CASE("build interrupted at random moments", "[slow]") {
    const BuildFixture fixture;
    REQUIRE(fixture.products_before.size() == 3); // program, library, header
    REQUIRE(fixture.products_before != fixture.products_after);
    std::mt19937 random(kSeed);
    std::uniform_real_distribution<double> part(0.05, 0.95);
    for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
        const auto delay = part(random) * fixture.duration;
        INFO("signal " << signal << " after " << delay.count() << " s");
        DisturbedProcess process(fixture.after, fixture.log());
        std::this_thread::sleep_for(delay);
        process.send(signal, signal == SIGINT);
        const Ending ending = process.wait();
        INFO(ending.output);
        CHECK((ending.code == 0 || ending.signal == signal));
        // At once, while compilers of the interrupted build may still be running.
        fixture.check_products_and_next_build(signal == SIGKILL);
        fixture.run(fixture.before);
        CHECK(products(fixture.out) == fixture.products_before);
    }
}

TEST_CASE("a killed build takes its compilers along", "[slow]") {
    const BuildFixture fixture;
    DisturbedProcess process(fixture.after, fixture.log());
    REQUIRE(becomes_true(600, [&] {
        REQUIRE(!process.has_ended());
        return compilers_run_in(fixture.out);
    }));
    process.send(SIGKILL);
    process.wait();
    CHECK(becomes_true(5, [&] { return commands_in(fixture.out).empty(); }));
}

TEST_CASE("two builds at once in one folder", "[slow]") {
    const BuildFixture fixture;
    DisturbedProcess first(fixture.before, fixture.folder / "log1");
    DisturbedProcess second(fixture.after, fixture.folder / "log2");
    const Ending endings[] = {first.wait(), second.wait()};
    for (const Ending& ending : endings) {
        INFO(ending.output);
        CHECK(ending.code == 0);
    }
    const Snapshot found = products(fixture.out);
    CHECK((found == fixture.products_before || found == fixture.products_after));
}

TEST_CASE("build where files cannot grow", "[slow]") {
    const BuildFixture fixture;
    const Ending ending =
        DisturbedProcess(fixture.after, fixture.log(), {uint64_t{100000}, false}).wait();
    INFO(ending.output);
    CHECK(ending.code == 3); // what was generated fits, what is compiled does not
    CHECK(products(fixture.out) == fixture.products_before);
    fixture.check_products_and_next_build(false);
}
