// Faults while resnetc writes: a full disk, a folder that may not be written, Ctrl-C and kill at
// random moments. Nothing half-written is taken for good, and the next run succeeds.
#include "catch.h"
#include "data_dir.h"
#include "emit.h"
#include "file_io.h"
#include "folder_lock.h"
#include "support/disturbed_process.h"
#include "support/safetensors_writer.h"
#include "support/shipped_specs.h"
#include "support/snapshot.h"
#include "support/temp_folder.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>
#include <fstream>
#include <random>
#include <sys/stat.h>
#include <thread>

using namespace resnetc_test;
namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;
using Arguments = std::vector<std::string>;

constexpr unsigned kSeed = 20240607;

// Two command lines for one folder, and what each leaves there when nothing disturbs it. Few files
// are the same in both.
class Runs {
public:
    // `command`: "generate" or "build".
    Runs(const std::string& command, const std::string& spec) {
        const resnetc::Network network =
            resnetc::build_network(resnetc::load_spec(shipped_spec(spec)));
        for (const uint64_t seed : {1, 2}) {
            write_safetensors(folder / ("weights" + std::to_string(seed)), network,
                              resnetc::random_weights(network, seed));
        }
        const Arguments common = {RESNETC_BINARY, command, shipped_spec(spec), "-o", out.string()};
        before = common;
        before.insert(before.end(), {"--weights", folder / "weights1"});
        after = common;
        after.insert(after.end(), {"--weights", folder / "weights2", "--batch", "3"});
    }

    // Undisturbed, must succeed.
    void run(const Arguments& arguments) const {
        const Ending ending = DisturbedProcess(arguments, log()).wait();
        INFO(ending.output);
        REQUIRE(ending.code == 0);
    }
    std::string log() const { return folder / "log"; }

    TempFolder folder;
    fs::path out = folder.path() / "out";
    Arguments before;
    Arguments after;
};

bool is_complete(const std::string& manifest) {
    return nlohmann::json::parse(manifest).at("complete").get<bool>();
}

// The output folder of `generate` after a fault: whole files of one run or the other, and if the
// manifest says that all is done, it is.
void check_whole(const Snapshot& found, const Snapshot& before, const Snapshot& after) {
    for (const auto& [path, bytes] : found) {
        INFO(path);
        if (path == resnetc::kManifestName && !is_complete(bytes)) {
            continue;
        }
        const auto holds = [&path = path, &bytes = bytes](const Snapshot& files) {
            return files.contains(path) && files.at(path) == bytes;
        };
        CHECK((is_temporary(path) || holds(before) || holds(after)));
    }
    if (!found.contains(resnetc::kManifestName) || !is_complete(found.at(resnetc::kManifestName))) {
        return;
    }
    Snapshot settled = found;
    std::erase_if(settled, [](const auto& file) { return is_temporary(file.first); });
    CHECK((settled == before || settled == after));
}

// Waits until a process has written `text` into its log.
bool says(const std::string& log, const std::string& text) {
    return becomes_true(
        60, [&] { return resnetc::read_file(log, 100000).find(text) != std::string::npos; });
}

size_t count_temporaries(const Snapshot& files) {
    size_t count = 0;
    for (const auto& file : files) {
        count += is_temporary(file.first) ? 1 : 0;
    }
    return count;
}

// `generate` over an earlier output, and what the two leave.
struct GenerateFixture : Runs {
    GenerateFixture() : Runs("generate", "resnet8_mlperf") {
        run(after);
        files_after = snapshot(out);
        fs::remove_all(out);
        run(before);
        files_before = snapshot(out);
    }
    // The next run must do as if nothing had happened.
    void check_next_run() const {
        run(after);
        CHECK(snapshot(out) == files_after);
    }
    Snapshot files_before;
    Snapshot files_after;
};

// Waits until the manifest is not `manifest` any more, or the process has ended.
void wait_for_change(DisturbedProcess& process, const fs::path& path, ino_t manifest) {
    struct stat status {};
    while (!process.has_ended()) {
        if (::stat(path.c_str(), &status) == 0 && status.st_ino != manifest) {
            return;
        }
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
}

ino_t inode(const fs::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

// How long an undisturbed run takes until it begins to write, and then until its end.
struct Durations {
    std::chrono::duration<double> until_writing;
    std::chrono::duration<double> writing;
};
Durations measure(const GenerateFixture& fixture) {
    restore(fixture.files_before, fixture.out);
    const fs::path manifest = fixture.out / resnetc::kManifestName;
    const ino_t old = inode(manifest);
    const auto begin = Clock::now();
    DisturbedProcess process(fixture.after, fixture.log());
    wait_for_change(process, manifest, old);
    const auto writing = Clock::now();
    REQUIRE(process.wait().code == 0);
    return {writing - begin, Clock::now() - writing};
}

// Ends `generate` at random moments, every other one after it has begun to write.
void interrupt_generate(int moments) {
    const GenerateFixture fixture;
    const Durations durations = measure(fixture);
    const fs::path manifest = fixture.out / resnetc::kManifestName;
    std::mt19937 random(kSeed);
    std::uniform_real_distribution<double> part(0, 1);
    int interrupted = 0;
    for (int moment = 0; moment < moments; ++moment) {
        const bool fresh = moment % 4 == 3; // no folder from an earlier run
        const Snapshot before = fresh ? Snapshot() : fixture.files_before;
        restore(before, fixture.out);
        const ino_t old = inode(manifest);
        const std::vector<int> signals = {SIGINT, SIGTERM, SIGKILL};
        const int signal = signals[static_cast<size_t>(moment % 3)];
        const bool while_writing = moment % 2 == 1;
        const auto delay =
            part(random) * (while_writing ? durations.writing : durations.until_writing);
        INFO("moment " << moment << ": signal " << signal << (fresh ? ", new folder" : "") << ", "
                       << delay.count() << " s after the "
                       << (while_writing ? "first write" : "start"));
        DisturbedProcess process(fixture.after, fixture.log());
        if (while_writing) {
            wait_for_change(process, manifest, old);
        }
        std::this_thread::sleep_for(delay);
        process.send(signal, signal == SIGINT);
        const Ending ending = process.wait();
        INFO(ending.output);
        CHECK((ending.code == 0 || ending.signal == signal));
        interrupted += ending.signal == signal ? 1 : 0;
        const Snapshot found = snapshot(fixture.out);
        check_whole(found, before, fixture.files_after);
        if (signal != SIGKILL) {
            CHECK(count_temporaries(found) == 0);
        }
        fixture.check_next_run();
    }
    INFO("interrupted: " << interrupted << " of " << moments);
    CHECK(interrupted * 3 >= moments);
}

} // namespace

TEST_CASE("generate interrupted at 20 random moments") {
    interrupt_generate(20);
}

TEST_CASE("generate interrupted at 300 random moments", "[slow]") {
    interrupt_generate(300);
}

TEST_CASE("generate killed while it wrote its first file goes on") {
    // What SIGKILL leaves in a new folder before there is a manifest; no process has that number.
    const GenerateFixture fixture;
    const std::string temporary = std::string(".") + resnetc::kManifestName + ".999999999.tmp";
    restore({{temporary, "{\"gener"}}, fixture.out);
    fixture.check_next_run();
    // Somebody else's file of such a kind is no reason to take the folder.
    restore({{".notes.999999999.tmp", "mine"}}, fixture.out);
    const Snapshot foreign = snapshot(fixture.out);
    CHECK(DisturbedProcess(fixture.after, fixture.log()).wait().code == 1);
    CHECK(snapshot(fixture.out) == foreign);
}

TEST_CASE("generate where files cannot grow") {
    const GenerateFixture fixture;
    size_t largest = 0;
    for (const auto& file : fixture.files_after) {
        largest = std::max(largest, file.second.size());
    }
    for (const size_t limit : {size_t{0}, size_t{500}, size_t{4096}, size_t{20000}, largest - 1}) {
        INFO("at most " << limit << " bytes");
        restore(fixture.files_before, fixture.out);
        const Ending ending = DisturbedProcess(fixture.after, fixture.log(), {limit, false}).wait();
        CHECK(ending.code == 1);
        if (limit >= 500) { // what it says goes to a file, too
            CHECK(ending.output.ends_with(": error: cannot be written: File too large\n"));
        }
        const Snapshot found = snapshot(fixture.out);
        check_whole(found, fixture.files_before, fixture.files_after);
        CHECK(count_temporaries(found) == 0);
        if (limit == 0) {
            CHECK(found == fixture.files_before);
        }
        fixture.check_next_run();
    }
}

TEST_CASE("generate waits for whoever else works in its folder") {
    const GenerateFixture fixture;
    resnetc::FolderLock lock = resnetc::lock_folder(fixture.out.string());
    DisturbedProcess waiting(fixture.after, fixture.log());
    const std::string message =
        "resnetc: waiting for another resnetc that works in " + fixture.out.string() + "\n";
    REQUIRE(says(fixture.log(), message));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    CHECK_FALSE(waiting.has_ended());
    CHECK(snapshot(fixture.out) == fixture.files_before);
    lock = resnetc::FolderLock();
    const Ending ending = waiting.wait();
    CHECK(ending.code == 0);
    CHECK(ending.output.starts_with(message));
    CHECK(snapshot(fixture.out) == fixture.files_after);
}

TEST_CASE("generate waits for a folder that is then removed") {
    const GenerateFixture fixture;
    resnetc::FolderLock lock = resnetc::lock_folder(fixture.out.string());
    DisturbedProcess waiting(fixture.after, fixture.log());
    REQUIRE(says(fixture.log(), "resnetc: waiting for another resnetc"));
    fs::remove_all(fixture.out);
    lock = resnetc::FolderLock();
    CHECK(waiting.wait().code == 0);
    CHECK(snapshot(fixture.out) == fixture.files_after);
}

TEST_CASE("two generates at once in one folder") {
    const GenerateFixture fixture;
    for (int i = 0; i < 5; ++i) {
        DisturbedProcess first(fixture.before, fixture.folder / "log1");
        DisturbedProcess second(fixture.after, fixture.folder / "log2");
        CHECK(first.wait().code == 0);
        CHECK(second.wait().code == 0);
        const Snapshot found = snapshot(fixture.out);
        CHECK((found == fixture.files_before || found == fixture.files_after));
    }
}

TEST_CASE("generate on a full disk") {
    const GenerateFixture fixture;
    size_t bytes = 0;
    for (const auto& file : fixture.files_before) {
        bytes += (file.second.size() + 4095) / 4096 * 4096;
    }
    const fs::path copy = fixture.folder.path() / "copy";
    const fs::path kept = fixture.folder.path() / "before";
    restore(fixture.files_before, kept);
    // A small disk of its own, in a mount namespace that ends with the shell.
    const std::string script = "mount -t tmpfs -o size=\"$1\" none \"$2\" && cp -a \"$3/.\" \"$2\" "
                               "|| exit 77; out=$2 copy=$4; shift 4; \"$@\"; code=$?; "
                               "cp -a \"$out/.\" \"$copy\" || exit 78; exit $code";
    for (const size_t spare : {0, 4096, 65536, 150000}) {
        INFO(spare << " bytes are free");
        fs::remove_all(copy);
        fs::create_directories(copy);
        Arguments command = {"unshare",
                             "--user",
                             "--map-root-user",
                             "--mount",
                             "sh",
                             "-c",
                             script,
                             "sh",
                             std::to_string(bytes + 65536 + spare), // folders take pages, too
                             fixture.out.string(),
                             kept.string(),
                             copy.string()};
        command.insert(command.end(), fixture.after.begin(), fixture.after.end());
        const Ending ending = DisturbedProcess(command, fixture.log()).wait();
        INFO(ending.output);
        if (ending.code == kNotStarted || ending.code == 77 ||
            ending.output.starts_with("unshare: ")) {
            report_skipped("no file system can be mounted here: " + ending.output);
            return;
        }
        CHECK(ending.code == 1);
        CHECK(ending.output.ends_with(": No space left on device\n"));
        const Snapshot found = snapshot(copy);
        check_whole(found, fixture.files_before, fixture.files_after);
        CHECK(count_temporaries(found) == 0);
        restore(found, fixture.out);
        fixture.check_next_run();
        restore(fixture.files_before, fixture.out);
    }
}

TEST_CASE("generate into a folder that may not be written") {
    const GenerateFixture fixture;
    const auto refused = [&](const std::string& output, const std::string& reason) {
        Arguments arguments = fixture.after;
        arguments[4] = output;
        const Ending ending =
            DisturbedProcess(arguments, fixture.log(), {std::nullopt, true}).wait();
        if (ending.code == kNotStarted) {
            report_skipped("the user nobody cannot run " + std::string(RESNETC_BINARY));
            return;
        }
        CHECK(ending.code == 1);
        CHECK(ending.output == reason + "\n");
    };
    const auto everybody_reads = fs::perms::owner_read | fs::perms::owner_exec |
                                 fs::perms::group_read | fs::perms::group_exec |
                                 fs::perms::others_read | fs::perms::others_exec;
    fs::permissions(fixture.folder.path(), everybody_reads);
    fs::permissions(fixture.out, everybody_reads);
    const std::string out = fixture.out.string();
    refused(out, out + "/manifest.json: error: cannot be written: Permission denied");
    CHECK(snapshot(fixture.out) == fixture.files_before);
    refused(out + "/new", out + "/new: error: cannot create the output folder: Permission denied");
    refused(out + "/manifest.json/new",
            out + "/manifest.json/new: error: cannot create the output folder: Not a directory");
    CHECK(snapshot(fixture.out) == fixture.files_before);
    fs::permissions(fixture.folder.path(), fs::perms::owner_all);
    fs::permissions(fixture.out, fs::perms::owner_all);
    fixture.check_next_run();
}
