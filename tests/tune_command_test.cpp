// `resnetc tune` as a user runs it: it resumes, an interrupt loses nothing, another machine's
// programs run through --runner.
#include "data_dir.h"
#include "support/shipped_specs.h"
#include "support/temp_folder.h"

#include "file_io.h"
#include "schedule_db.h"
#include "target.h"

#include "catch.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace resnetc;
using namespace resnetc_test;

namespace {

namespace fs = std::filesystem;

// Runs of the tuner on a shipped spec, in a folder of their own.
class Tuner {
public:
    explicit Tuner(std::string spec = "resnet8_mlperf") : spec_(std::move(spec)) {}

    // Starts `resnetc tune ... --json` in the background.
    pid_t start(const std::vector<std::string>& more) const {
        std::vector<std::string> words = {RESNETC_BINARY, "tune", shipped_spec(spec_),
                                          "--json",       "--db", db()};
        words.insert(words.end(), more.begin(), more.end());
        const pid_t child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            std::vector<char*> argv;
            for (std::string& word : words) {
                argv.push_back(word.data());
            }
            argv.push_back(nullptr);
            (void)!freopen((folder_ / "out").c_str(), "w", stdout);
            setenv("TMPDIR", folder_.path().c_str(), 1);
            execv(argv[0], argv.data());
            _exit(127);
        }
        return child;
    }
    // Waits for the end and returns the exit status.
    static int wait(pid_t child) {
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    nlohmann::json report() const {
        return nlohmann::json::parse(read_file(folder_ / "out", 1 << 20));
    }
    ScheduleDb entries(const std::string& target) const {
        return load_schedules({.file = db()}, find_target(target));
    }
    std::string db() const { return folder_ / "db.yaml"; }
    const fs::path& folder() const { return folder_.path(); }

    // Folders that a run has left behind.
    size_t folders_left() const {
        size_t left = 0;
        for (const auto& entry : fs::directory_iterator(folder())) {
            left += entry.is_directory() ? 1 : 0;
        }
        return left;
    }

private:
    std::string spec_;
    TempFolder folder_;
};

int tried(const ScheduleDb& db) {
    int sum = 0;
    for (const TunedOp& op : db.ops) {
        sum += op.tried;
    }
    return sum;
}

void check_not_worse_than_the_rule(const ScheduleDb& db) {
    for (const TunedOp& op : db.ops) {
        INFO(op.op);
        CHECK(op.us <= op.rule_us);
        CHECK(op.us > 0);
    }
}

} // namespace

TEST_CASE("the shortest runs of the tuner add up: one op each, and the network judges") {
    const Tuner tuner("residual_block_d2l"); // two ops
    const std::string first_op = "conv3x3s1_n4_c3_6x6_k3_relu";
    const std::string second_op = "conv3x3s1_n4_c3_6x6_k3_add_relu";
    CHECK(Tuner::wait(tuner.start({"--budget", "1s"})) == 0);
    const ScheduleDb first = tuner.entries("host");
    REQUIRE(find_tuned(first, first_op, 1) != nullptr);
    CHECK(find_tuned(first, first_op, 1)->tried > 0);
    CHECK(find_tuned(first, second_op, 1) == nullptr);
    CHECK(tuner.report()["ops"].size() == 2);
    CHECK(tuner.folders_left() == 0);
    CHECK(Tuner::wait(tuner.start({"--budget", "1s"})) == 0);
    const ScheduleDb second = tuner.entries("host");
    REQUIRE(find_tuned(second, second_op, 1) != nullptr);
    CHECK(find_tuned(second, first_op, 1)->tried == find_tuned(first, first_op, 1)->tried);
    CHECK(std::all_of(second.ops.begin(), second.ops.end(), [](const TunedOp& op) {
        return op.judged && op.us > 0 && op.us <= op.rule_us;
    }));
    CHECK(tuner.folders_left() == 0);
}

TEST_CASE("a second run of the tuner goes on where the first stopped", "[slow]") {
    const Tuner tuner;
    CHECK(Tuner::wait(tuner.start({"--budget", "90s"})) == 0);
    const ScheduleDb first = tuner.entries("host");
    REQUIRE(tried(first) > 0);
    check_not_worse_than_the_rule(first);
    CHECK(tuner.report()["ops"].size() == 10);
    CHECK(tuner.report()["interrupted"] == false);
    CHECK(Tuner::wait(tuner.start({"--budget", "90s"})) == 0);
    const ScheduleDb second = tuner.entries("host");
    check_not_worse_than_the_rule(second);
    CHECK(tried(second) > tried(first));
    for (const TunedOp& op : first.ops) {
        REQUIRE(find_tuned(second, op.op, 1) != nullptr);
        CHECK(find_tuned(second, op.op, 1)->tried >= op.tried);
        CHECK(op.judged);
    }
    CHECK(tuner.folders_left() == 0);
}

TEST_CASE("an interrupted tuner leaves a valid file with what it has found", "[slow]") {
    const Tuner tuner;
    const pid_t child = tuner.start({"--budget", "10m"});
    for (int i = 0; i < 3000; ++i) { // until there is something to lose
        std::error_code error;
        if (fs::exists(tuner.db(), error) && !tuner.entries("host").ops.empty()) {
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    const ScheduleDb before = tuner.entries("host");
    REQUIRE_FALSE(before.ops.empty());
    kill(child, SIGINT);
    CHECK(Tuner::wait(child) == 130);
    CHECK(tuner.report()["interrupted"] == true);
    const ScheduleDb after = tuner.entries("host");
    CHECK(tried(after) >= tried(before));
    for (const TunedOp& op : after.ops) { // no network has been timed
        CHECK(op.judged == !op.schedule.has_value());
    }
    CHECK(tuner.folders_left() == 0);
}

TEST_CASE("another architecture is tuned through an emulator", "[slow]") {
    if (std::system("command -v aarch64-linux-gnu-gcc qemu-aarch64 > /dev/null") != 0) {
        report_skipped("needs gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user");
        return;
    }
    const Tuner tuner;
    const std::string runner = "qemu-aarch64 -L /usr/aarch64-linux-gnu";
    CHECK(Tuner::wait(tuner.start({"--budget", "2m", "--target", "arm-64", "--runner", runner,
                                   "--threads", "2"})) == 0);
    const ScheduleDb db = tuner.entries("arm-64");
    CHECK(tried(db) > 0);
    check_not_worse_than_the_rule(db);
    for (const TunedOp& op : db.ops) {
        CHECK(op.cpu == "through --runner");
        CHECK(op.threads == 2);
    }
}
