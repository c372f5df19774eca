#include "generate.h"

#include "embedded_files.h"
#include "emit.h"
#include "file_io.h"
#include "pack.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <ostream>
#include <set>

namespace resnetc {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr size_t kMaxManifestBytes = size_t{1} << 20;

// The files that the manifest in `folder` lists; empty if there is no folder or nothing in it.
// Refuses a folder that somebody else filled.
std::set<std::string> claim_folder(const fs::path& folder) {
    std::error_code error;
    if (!fs::exists(folder, error)) {
        fs::create_directories(folder, error);
        if (error) {
            fail(folder.string(), "cannot create the output folder: " + error.message());
        }
        return {};
    }
    if (!fs::is_directory(folder, error)) {
        fail(folder.string(), "is not a folder, expected the output folder");
    }
    remove_abandoned_temporaries(folder.string(), {kManifestName}); // of a run killed at its start
    if (fs::is_empty(folder, error)) {
        return {};
    }
    const fs::path manifest = folder / kManifestName;
    const std::string refusal =
        "is not empty and was not made by resnetc, expected a new, an empty "
        "or an earlier output folder";
    if (!fs::is_regular_file(manifest, error)) {
        fail(folder.string(), refusal, "choose another folder with -o");
    }
    const auto json = Json::parse(read_file(manifest.string(), kMaxManifestBytes), nullptr,
                                  /*allow_exceptions=*/false);
    if (!json.is_object() || json.value("generator", Json()) != "resnetc" ||
        !json.contains("files") || !json["files"].is_array()) {
        fail(folder.string(), refusal, "choose another folder with -o");
    }
    std::set<std::string> files;
    for (const auto& file : json["files"]) {
        // Only names that stay inside the folder: they are going to be removed.
        if (file.is_string() && file.get<std::string>().find("..") == std::string::npos &&
            fs::path(file.get<std::string>()).is_relative()) {
            files.insert(file.get<std::string>());
        }
    }
    return files;
}

// What killed runs were writing, whichever of these files it was.
void remove_abandoned(const fs::path& folder, const std::vector<EmittedFile>& files,
                      const std::set<std::string>& earlier) {
    std::map<fs::path, std::set<std::string>> names;
    const auto add = [&](const fs::path& path) {
        names[folder / path.parent_path()].insert(path.filename().string());
    };
    for (const EmittedFile& file : files) {
        add(file.path);
    }
    for (const std::string& file : earlier) {
        add(file);
    }
    for (const auto& [parent, files_in] : names) {
        remove_abandoned_temporaries(parent.string(), files_in);
    }
}

// `earlier`: what the folder holds of an earlier run.
std::string unfinished_manifest(const std::vector<EmittedFile>& files,
                                const std::set<std::string>& earlier) {
    std::set<std::string> names = earlier;
    for (const EmittedFile& file : files) {
        names.insert(file.path);
    }
    return Json{{"generator", "resnetc"}, {"complete", false}, {"files", names}}.dump(2) + "\n";
}

bool holds(const fs::path& path, const std::string& bytes) {
    std::error_code error;
    return fs::is_regular_file(path, error) && fs::file_size(path, error) == bytes.size() &&
           read_file(path.string(), bytes.size()) == bytes;
}

void remove_stale(const fs::path& folder, const std::vector<EmittedFile>& files,
                  std::set<std::string> earlier) {
    for (const EmittedFile& file : files) {
        earlier.erase(file.path);
    }
    for (const std::string& file : earlier) {
        std::error_code ignored;
        fs::remove(folder / file, ignored);
    }
}

// While files change, the manifest says so: an interrupted run leaves a folder that the next run
// recognises as ours and completes.
// Files of an earlier run that no longer belong there go before the manifest says that all is done.
int write_files(const fs::path& folder, const std::vector<EmittedFile>& files,
                const std::set<std::string>& earlier) {
    remove_abandoned(folder, files, earlier);
    int written = 0;
    const bool unchanged = std::all_of(files.begin(), files.end(), [&](const EmittedFile& file) {
        return holds(folder / file.path, file.bytes);
    });
    if (unchanged) {
        return 0;
    }
    write_file((folder / kManifestName).string(), unfinished_manifest(files, earlier));
    remove_stale(folder, files, earlier);
    for (const EmittedFile& file : files) {
        const fs::path path = folder / file.path;
        std::error_code error;
        fs::create_directories(path.parent_path(), error);
        if (error) {
            fail(path.parent_path().string(), "cannot create the folder: " + error.message());
        }
        written += write_file(path.string(), file.bytes) ? 1 : 0;
    }
    return written;
}

// Make syntax: blanks and '#' escaped, '$' doubled.
std::string make_escape(const std::string& path) {
    std::string escaped;
    for (const char c : path) {
        if (c == ' ' || c == '#') {
            escaped += '\\';
        }
        escaped += c == '$' ? "$$" : std::string(1, c);
    }
    return escaped;
}

std::string override_words(const SpecOverrides& o, const Spec& spec) {
    std::string words;
    if (o.channels || o.height || o.width) {
        words += " --input " + std::to_string(spec.channels.value) + "x" +
                 std::to_string(spec.height.value) + "x" + std::to_string(spec.width.value);
    }
    words += o.batch ? " --batch " + std::to_string(*o.batch) : "";
    return words + (o.classes ? " --classes " + std::to_string(*o.classes) : "");
}

std::string schedule_words(const ScheduleSource& schedules) {
    std::string words = schedules.none ? " --no-schedules" : "";
    if (!schedules.file.empty()) {
        words += " --schedules " + fs::path(schedules.file).filename().string();
    }
    words += schedules.threads > 1 ? " --threads " + std::to_string(schedules.threads) : "";
    return words + (schedules.direct_only ? " --no-winograd" : "");
}

} // namespace

std::string generate_command(const GenerateOptions& options, const Spec& spec,
                             const Target& target) {
    return "resnetc generate " + spec.name.value + ".yaml --weights " +
           fs::path(options.weights).filename().string() + " --target " +
           (target.file.empty() ? target.name : target.file) +
           override_words(options.overrides, spec) + schedule_words(options.schedules) +
           (options.profile ? " --profile" : "") + (options.serial ? " --serial" : "");
}

void write_depfile(const GenerateOptions& options, const Spec& spec, const std::string& output) {
    if (options.depfile.empty()) {
        return;
    }
    std::string text = make_escape(output) + ":";
    const std::string target = is_target_file(options.target) ? options.target : "";
    for (const std::string& input :
         {options.spec, spec.labels_file, options.weights, target, options.schedules.file}) {
        text += input.empty() ? "" : " " + make_escape(input);
    }
    write_file(options.depfile, text + "\n");
}

Generated generate(const GenerateOptions& options, FolderLock* lock) {
    Generated g;
    g.compilation = compile(options.spec, options.overrides, options.target, options.schedules,
                            !options.serial);
    const Compilation& c = g.compilation;
    std::string checkpoint_sha256; // of pseudo-random weights: none
    if (options.weights.empty()) {
        g.weights = random_weights(c.network, 1);
    } else {
        const Checkpoint checkpoint = load_checkpoint(options.weights);
        checkpoint_sha256 = checkpoint.sha256;
        g.weights =
            bind_weights(checkpoint, c.network, c.spec.checkpoint, options.allow_non_finite);
    }
    const PreprocessingSpec* preprocessing =
        c.spec.preprocessing ? &*c.spec.preprocessing : nullptr;
    g.packed_weights = pack_weights(c.network, c.graph, c.plan, g.weights, preprocessing);
    const EmitInput input{.spec = c.spec,
                          .network = c.network,
                          .graph = c.graph,
                          .plan = c.plan,
                          .packed_weights = g.packed_weights,
                          .checkpoint_file = fs::path(options.weights).filename().string(),
                          .checkpoint_sha256 = checkpoint_sha256,
                          .command = generate_command(options, c.spec, c.plan.target),
                          .profile = options.profile};
    const std::vector<EmittedFile> files = emit(input);

    const fs::path folder = options.output;
    FolderLock own = lock_folder(folder.string());
    // The manifest is the last of the files.
    g.files_written = write_files(folder, files, claim_folder(folder));
    if (lock != nullptr) {
        *lock = std::move(own);
    }
    return g;
}

int run_generate(const GenerateOptions& options, std::ostream& out) {
    const Generated g = generate(options);
    write_depfile(options, g.compilation.spec, (fs::path(options.output) / kManifestName).string());
    out << options.output << ": " << g.files_written << " files written, "
        << g.compilation.plan.pipelines.size() << " pipelines for "
        << g.compilation.plan.target.name << '\n';
    return exit_ok;
}

} // namespace resnetc
