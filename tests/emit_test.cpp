// The files that `generate` writes: what they say, that they are the same everywhere, and how a
// folder gets from one state to the next.
#include "support/safetensors_writer.h"
#include "support/shipped_specs.h"
#include "support/temp_folder.h"

#include "diagnostics.h"
#include "emit.h"
#include "file_io.h"
#include "generate.h"

#include "catch.h"

#include <filesystem>
#include <fstream>
#include <map>

using namespace resnetc;
using namespace resnetc_test;

namespace {

namespace fs = std::filesystem;

constexpr size_t kLimit = size_t{1} << 26;

// resnet20 with random weights, generated into folders of the caller's choice.
class Resnet20 {
public:
    Resnet20() {
        Spec spec = load_spec(shipped_spec("resnet20"));
        const Network network = build_network(spec);
        write_safetensors(folder_ / "random.safetensors", network, random_weights(network, 1));
    }
    GenerateOptions options(const std::string& output) const {
        GenerateOptions options;
        options.spec = shipped_spec("resnet20");
        options.weights = folder_ / "random.safetensors";
        options.output = folder_ / output;
        options.target = "x86-64-v3";
        return options;
    }
    Generated into(const std::string& output) const { return generate(options(output)); }
    fs::path path(const std::string& name) const { return folder_.path() / name; }

private:
    TempFolder folder_;
};

std::map<std::string, std::string> contents(const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) {
            files[fs::relative(entry.path(), folder).string()] =
                read_file(entry.path().string(), kLimit);
        }
    }
    return files;
}

void write(const fs::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

std::string manifest_of(const fs::path& folder) {
    return read_file((folder / kManifestName).string(), kLimit);
}

// The first diagnostic of generate(); fails if there is none.
std::string refusal(const GenerateOptions& options) {
    try {
        generate(options);
    } catch (const DiagnosticError& error) {
        return format(error.diagnostics.at(0));
    }
    FAIL("nothing was refused");
    return "";
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("generate writes the same bytes into any folder") {
    const Resnet20 model;
    model.into("a");
    model.into("another/much longer place/b");
    const auto first = contents(model.path("a"));
    CHECK(first == contents(model.path("another/much longer place/b")));
    for (const auto& [name, bytes] : first) {
        INFO(name);
        CHECK(!contains(bytes, model.path("").string())); // no absolute path
    }
    for (const char* name : {"resnet20.c", "resnet20.h", "resnet20_classify.c",
                             "resnet20_program.c", "resnet20_weights.S", "resnet20_weights.bin",
                             "CMakeLists.txt", "manifest.json", "pipelines/pipeline_support.h"}) {
        INFO(name);
        CHECK(first.count(name) == 1);
    }
}

TEST_CASE("only generate --profile writes what --profile of the program needs") {
    const Resnet20 model;
    model.into("a");
    const auto plain = contents(model.path("a"));
    const std::string peak = "pipelines/multiply_adds_f32.cpp";
    CHECK(plain.count(peak) == 0);
    for (const char* name : {"resnet20.c", "resnet20.h", "resnet20_program.c", "CMakeLists.txt"}) {
        INFO(name);
        CHECK(!contains(plain.at(name), "run_op"));
        CHECK(!contains(plain.at(name), "multiply_adds"));
    }
    GenerateOptions options = model.options("a");
    options.profile = true;
    const Generated g = generate(options);
    const auto profiled = contents(model.path("a"));
    CHECK(contains(profiled.at(kManifestName), "--target x86-64-v3 --profile"));
    CHECK(contains(profiled.at(peak), "12 vectors of 8 floats"));
    CHECK(contains(profiled.at("CMakeLists.txt"), "    multiply_adds_f32\n"));
    CHECK(contains(profiled.at("resnet20.h"), "int resnet20_run_op("));
    // Weights, bias, 3072 pixels, the packed picture (32 x 34 x 3 floats) written and read, the
    // result.
    const OpConstants& constants = g.compilation.plan.constants[0];
    const int64_t stem = constants.weights.bytes + constants.bias.bytes +
                         constants.normalise.bytes + 3072 + 2 * 13056 + 65536;
    CHECK(contains(profiled.at("resnet20_program.c"),
                   "{\"conv1\", \"stem3x3s1_c3_32x32_k16_relu_u8\", 442368, " +
                       std::to_string(stem) + "}"));
    // And back: nothing of it stays.
    model.into("a");
    CHECK(contents(model.path("a")) == plain);
}

TEST_CASE("the manifest lists every file, the versions and the hashes") {
    const Resnet20 model;
    const Generated g = model.into("a");
    const auto manifest = nlohmann::json::parse(manifest_of(model.path("a")));
    std::map<std::string, std::string> files = contents(model.path("a"));
    CHECK(files.erase(kManifestName) == 1);
    CHECK(manifest.at("files").size() == files.size());
    for (const auto& file : manifest.at("files")) {
        CHECK(files.count(file.get<std::string>()) == 1);
    }
    CHECK(manifest.at("complete") == true);
    CHECK(manifest.at("model") == "resnet20");
    CHECK(manifest.at("target") == "x86-64-v3");
    CHECK(manifest.at("command") == "resnetc generate resnet20.yaml --weights random.safetensors "
                                    "--target x86-64-v3");
    CHECK(manifest.at("arena_bytes") == g.compilation.plan.arena_bytes);
    CHECK(manifest.at("weights_bytes") == g.packed_weights.size());
    for (const char* hash : {"spec_sha256", "weights_sha256", "plan_sha256"}) {
        CHECK(manifest.at(hash).get<std::string>().size() == 64);
    }
    CHECK(files.at("resnet20_weights.bin") == g.packed_weights);
}

TEST_CASE("a pipeline is written with literal extents and says where it comes from") {
    const Resnet20 model;
    model.into("a");
    const std::string text = read_file(
        (model.path("a") / "pipelines/conv3x3s2_c16_32x32_k32_relu.cpp").string(), kLimit);
    CHECK(contains(text, "set_dense(input, {16, 32, 32, 1, 1});"));
    CHECK(contains(text, "set_dense(output, {16, 16, 16, 2, 1});"));
    CHECK(contains(text, "(1,16,32,32) -> (1,32,16,16)"));
    CHECK(contains(text, "layer2.0.conv1"));
    CHECK(contains(text, "1179648 multiply-accumulates")); // 32*16*16 outputs of 16*9 products
    CHECK(contains(text, "resnet20.yaml:"));
    CHECK(contains(text, "arena ["));
    CHECK(contains(text, "GeneratorParam<int> tile_x"));
    CHECK(contains(text, "resnetc generate resnet20.yaml --weights random.safetensors"));
    CHECK(!contains(text, "<%"));
}

TEST_CASE("unchanged files are not touched") {
    const Resnet20 model;
    const int all = model.into("a").files_written;
    CHECK(all > 20);
    const fs::path folder = model.path("a");
    const auto old = fs::file_time_type::clock::now() - std::chrono::hours(1);
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        fs::last_write_time(entry.path(), old);
    }
    CHECK(model.into("a").files_written == 0);
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        CHECK(fs::last_write_time(entry.path()) == old);
    }

    // One damaged file is written again, and the manifest around it; nothing else.
    write(folder / "resnet20.h", "damaged");
    fs::last_write_time(folder / "resnet20.h", old);
    CHECK(model.into("a").files_written == 2);
    CHECK(fs::last_write_time(folder / "resnet20.h") > old);
    CHECK(fs::last_write_time(folder / "resnet20.c") == old);
    model.into("b");
    CHECK(contents(folder) == contents(model.path("b")));
}

TEST_CASE("files of an earlier network disappear, the user's stay") {
    const Resnet20 model;
    GenerateOptions smaller = model.options("a");
    smaller.overrides.channels = 3;
    smaller.overrides.height = 16;
    smaller.overrides.width = 16;
    generate(smaller);
    CHECK(fs::exists(model.path("a") / "pipelines/conv3x3s2_c16_16x16_k32_relu.cpp"));
    write(model.path("a") / "notes.txt", "mine");
    model.into("a");
    CHECK(!fs::exists(model.path("a") / "pipelines/conv3x3s2_c16_16x16_k32_relu.cpp"));
    CHECK(read_file((model.path("a") / "notes.txt").string(), kLimit) == "mine");
    fs::remove(model.path("a") / "notes.txt");
    model.into("b");
    CHECK(contents(model.path("a")) == contents(model.path("b")));
}

TEST_CASE("a run that was cut off is completed by the next") {
    const Resnet20 model;
    model.into("whole");
    // As after a kill: files of an earlier network, some of the new ones, a manifest that says so.
    const fs::path folder = model.path("a");
    GenerateOptions smaller = model.options("a");
    smaller.overrides.channels = 3;
    smaller.overrides.height = 16;
    smaller.overrides.width = 16;
    generate(smaller);
    auto manifest = nlohmann::ordered_json::parse(manifest_of(folder));
    manifest["complete"] = false;
    write(folder / kManifestName, manifest.dump());
    fs::remove(folder / "resnet20.c");
    model.into("a");
    CHECK(contents(folder) == contents(model.path("whole")));
}

TEST_CASE("a run that fails on the way leaves a folder that the next run completes") {
    const Resnet20 model;
    model.into("whole");
    GenerateOptions smaller = model.options("a");
    smaller.overrides.channels = 3;
    smaller.overrides.height = 16;
    smaller.overrides.width = 16;
    generate(smaller);
    // A folder in the place of a file: the run dies after the first files.
    const fs::path folder = model.path("a");
    fs::remove(folder / "resnet20_weights.bin");
    fs::create_directory(folder / "resnet20_weights.bin");
    CHECK(contains(refusal(model.options("a")), "resnet20_weights.bin: error: cannot be written"));
    const auto manifest = nlohmann::json::parse(manifest_of(folder));
    CHECK(manifest.at("complete") == false);
    fs::remove(folder / "resnet20_weights.bin");
    model.into("a");
    CHECK(contents(folder) == contents(model.path("whole")));
}

TEST_CASE("generate refuses folders that are not its own, and leaves them alone") {
    const Resnet20 model;
    const std::string folder = model.path("a").string();
    const std::string expected =
        folder +
        ": error: is not empty and was not made by resnetc, expected a new, an empty or an "
        "earlier output folder\nhint: choose another folder with -o\n";
    fs::create_directory(folder);
    model.into("a"); // empty: fine
    fs::remove_all(folder);

    fs::create_directory(folder);
    write(folder + "/thesis.txt", "precious");
    CHECK(refusal(model.options("a")) == expected);
    for (const char* manifest :
         {"", "no JSON", "[]", "{}", R"({"generator": "other", "files": []})",
          R"({"generator": "resnetc"})", R"({"generator": 7, "files": []})"}) {
        INFO(manifest);
        write(folder + "/" + kManifestName, manifest);
        CHECK(refusal(model.options("a")) == expected);
    }
    CHECK(contents(folder).size() == 2);
    CHECK(read_file(folder + "/thesis.txt", kLimit) == "precious");

    write(model.path("file"), "x");
    CHECK(contains(refusal(model.options("file")), "is not a folder, expected the output folder"));
    CHECK(contains(refusal(model.options("file/below")), "cannot create the output folder"));
}

TEST_CASE("a manifest cannot make generate remove what lies outside its folder") {
    const Resnet20 model;
    model.into("a");
    write(model.path("outside"), "precious");
    auto manifest = nlohmann::ordered_json::parse(manifest_of(model.path("a")));
    manifest["files"].push_back("../outside");
    manifest["files"].push_back(model.path("outside").string());
    write(model.path("a") / kManifestName, manifest.dump());
    model.into("a");
    CHECK(read_file(model.path("outside").string(), kLimit) == "precious");
}

TEST_CASE("the depfile names what the output depends on") {
    const Resnet20 model;
    GenerateOptions options = model.options("a");
    fs::create_directory(model.path("with space"));
    fs::copy_file(options.weights, model.path("with space/w$#.safetensors"));
    options.weights = model.path("with space/w$#.safetensors").string();
    options.depfile = model.path("d").string();
    Spec spec;
    spec.labels_file = "names.txt";
    write_depfile(options, spec, "out/x");
    const std::string text = read_file(options.depfile, kLimit);
    CHECK(text.starts_with("out/x: "));
    CHECK(contains(text, "with\\ space/w$$\\#.safetensors\n"));
    CHECK(contains(text, "resnet20.yaml names.txt "));
}
