#include "emit.h"

#include "embedded_files.h"
#include "emit_driver.h"
#include "emit_pipelines.h"
#include "emit_profile.h"
#include "pipeline_buffers.h"
#include "plan_dump.h"
#include "sha256.h"
#include "tools_config.h"

namespace resnetc {
namespace {

using Json = nlohmann::ordered_json;

// Files that are the same for every model: what the output folder needs to build on its own.
std::vector<EmittedFile> support_files(bool threads) {
    std::vector<EmittedFile> files;
    for (const std::string_view name : embedded_file_names()) {
        const bool only_threaded = name.starts_with("runtime/resnetc_threads.") ||
                                   name.starts_with("runtime/resnetc_par_for.");
        if (name.starts_with("runtime/") && !name.starts_with("runtime/tune/") &&
            (threads || !only_threaded)) {
            files.push_back({std::string(name), std::string(embedded_file(name))});
        }
    }
    for (const std::string support :
         {"pipelines/pipeline_support.h", "pipelines/winograd_support.h"}) {
        files.push_back({support, std::string(embedded_file("templates/" + support))});
    }
    return files;
}

EmittedFile emit_weights_assembly(const EmitInput& in) {
    const Json data = {{"model", in.spec.name.value}, {"alignment", kAlignment}};
    return {in.spec.name.value + "_weights.S", render_file("weights.S", data)};
}

EmittedFile emit_cmake(const EmitInput& in) {
    Json data = common_template_data(in);
    data.erase("MODEL");
    data["halide_target"] = in.plan.target.halide;
    data["threads"] = in.plan.threads;
    Json functions = Json::array();
    for (const Pipeline& p : in.plan.pipelines) {
        for (const auto& variant : pipeline_variants(p, in.spec.preprocessing.has_value())) {
            functions.push_back({{"name", p.name + variant.suffix}});
        }
    }
    if (in.profile) {
        functions.push_back({{"name", kPeakPipeline}});
    }
    data["functions"] = functions;
    return {"CMakeLists.txt", render_file("CMakeLists.txt", data)};
}

// What the folder was made from, for people and for checks.
EmittedFile emit_manifest(const EmitInput& in, const std::vector<EmittedFile>& files) {
    Json list = Json::array();
    for (const EmittedFile& file : files) {
        list.push_back(file.path);
    }
    const Json manifest = {
        {"generator", "resnetc"},
        {"complete", true},
        {"version", RESNETC_VERSION},
        {"halide", "21.0.0"},
        {"command", in.command},
        {"model", in.spec.name.value},
        {"target", in.plan.target.name},
        {"spec_sha256", sha256_hex(in.spec.text)},
        {"checkpoint", {{"file", in.checkpoint_file}, {"sha256", in.checkpoint_sha256}}},
        {"weights_sha256", sha256_hex(in.packed_weights)},
        {"plan_sha256", sha256_hex(plan_json(in.graph, in.plan).dump())},
        {"arena_bytes", in.plan.arena_bytes},
        {"weights_bytes", in.plan.weights_bytes},
        {"files", list},
    };
    return {kManifestName, manifest.dump(2) + "\n"};
}

} // namespace

std::vector<EmittedFile> emit(const EmitInput& in) {
    std::vector<EmittedFile> files = emit_pipelines(in);
    if (in.profile) {
        files.push_back(emit_peak_pipeline(in));
    }
    files.push_back(emit_driver(in));
    files.push_back(emit_header(in));
    files.push_back(emit_classify(in));
    files.push_back(emit_program_model(in));
    files.push_back(emit_weights_assembly(in));
    files.push_back({in.spec.name.value + "_weights.bin", in.packed_weights});
    files.push_back(emit_cmake(in));
    for (EmittedFile& file : support_files(in.plan.threads)) {
        files.push_back(std::move(file));
    }
    files.push_back(emit_manifest(in, files));
    return files;
}

} // namespace resnetc
