// The compiled programs against logits that PyTorch computed in double on real trained networks,
// and on real photographs.
#include "catch.h"
#include "data_dir.h"
#include "file_io.h"
#include "npy.h"
#include "process.h"
#include "spec.h"
#include "support/data_arrays.h"
#include "support/temp_folder.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

namespace fs = std::filesystem;
using resnetc_test::data_file;

namespace {

std::string run(const std::vector<std::string>& command) {
    std::string output;
    resnetc::run_tool(command, [&](const std::string& line) { output += line + "\n"; });
    return output;
}

std::string spec_path(const std::string& model) {
    return std::string(RESNETC_SOURCE_DIR) + "/specs/models/" + model + ".yaml";
}

// Builds the model in `folder`; returns the program's path.
std::string build(const std::string& model, const std::string& weights, const fs::path& folder) {
    run({RESNETC_BINARY, "build", spec_path(model), "--weights", weights, "-o", folder.string()});
    return (folder / model).string();
}

// What PyTorch was given: normalised in float, N,C,H,W.
std::vector<float> normalised(const std::vector<uint8_t>& pixels, size_t plane,
                              const resnetc::PreprocessingSpec& how) {
    std::vector<float> values(pixels.size());
    for (size_t i = 0; i < pixels.size(); ++i) {
        const size_t image = i / (3 * plane);
        const size_t c = i % 3;
        const float scaled = static_cast<float>(pixels[i]) / static_cast<float>(how.scale);
        values[(image * 3 + c) * plane + i % (3 * plane) / 3] =
            (scaled - static_cast<float>(how.mean[c])) / static_cast<float>(how.stddev[c]);
    }
    return values;
}

// Runs the program over `input` and checks every logit and every image's first class.
void check_logits(const std::string& program, const std::string& input, const fs::path& folder,
                  const std::vector<double>& expected) {
    const std::string in = (folder / "in.npy").string();
    const std::string out = (folder / "out.npy").string();
    resnetc::write_file(in, input);
    run({program, "--npy", in, "--logits", out});
    const resnetc::NpyArray array = resnetc::load_npy(out);
    std::vector<float> actual(array.bytes.size() / sizeof(float));
    std::memcpy(actual.data(), array.bytes.data(), array.bytes.size());
    REQUIRE(actual.size() == expected.size());
    const auto classes = static_cast<long>(array.shape.at(1));
    double error = 0;
    for (size_t i = 0; i < actual.size(); ++i) {
        error = std::max(error, std::abs(actual[i] - expected[i]));
    }
    CHECK(error <= 2e-4); // Winograd; 1e-4 without
    for (long at = 0; at < static_cast<long>(actual.size()); at += classes) {
        const auto mine = std::max_element(actual.begin() + at, actual.begin() + at + classes);
        const auto theirs =
            std::max_element(expected.begin() + at, expected.begin() + at + classes);
        CHECK(mine - actual.begin() == theirs - expected.begin());
    }
}

struct Case {
    std::string model;
    std::string weights; // in the data folder
    std::string pictures;
    std::string logits;
};

// Through pixels and through floats.
void check(const Case& c) {
    const auto weights = data_file(c.weights);
    const auto pictures = data_file(c.pictures);
    const auto logits = data_file(c.logits);
    if (!weights || !pictures || !logits) {
        return;
    }
    const resnetc_test::TempFolder folder;
    const std::string program = build(c.model, *weights, folder.path() / "out");
    const resnetc::Spec spec = resnetc::load_spec(spec_path(c.model));
    const std::vector<double> expected = resnetc_test::npy_doubles(*logits);
    const std::vector<uint8_t> pixels = c.pictures.ends_with(".bin")
                                            ? resnetc_test::cifar_pixels(*pictures)
                                            : resnetc_test::npy_pixels(*pictures);
    const auto plane = static_cast<size_t>(spec.height.value * spec.width.value);
    const std::string n = std::to_string(pixels.size() / (3 * plane));
    const std::string h = std::to_string(spec.height.value);
    const std::string w = std::to_string(spec.width.value);
    check_logits(program, resnetc_test::npy_file(pixels, n + ", " + h + ", " + w + ", 3"),
                 folder.path(), expected);
    check_logits(program,
                 resnetc_test::npy_file(normalised(pixels, plane, *spec.preprocessing),
                                        n + ", 3, " + h + ", " + w),
                 folder.path(), expected);
}

} // namespace

TEST_CASE("accuracy: ResNet-18 on 20 ImageNet crops", "[data]") {
    check({"resnet18", "imagenet/resnet18_pqf/resnet18.safetensors", "imagenet/inputs_u8_nhwc.npy",
           "imagenet/resnet18_pqf/logits_ref_f64_images20.npy"});
}

TEST_CASE("accuracy: ResNet-20 option A on 500 CIFAR pictures", "[data]") {
    check({"resnet20", "cifar10/resnet20/resnet20.safetensors", "cifar10/test500.bin",
           "cifar10/resnet20/logits_ref_f64_test500.npy"});
}

TEST_CASE("accuracy: ResNet-20 from a legacy PyTorch file", "[data]") {
    check({"resnet20", "cifar10/resnet20/resnet20-12fca82f.th", "cifar10/test500.bin",
           "cifar10/resnet20/logits_ref_f64_test500.npy"});
}

TEST_CASE("accuracy: ResNet-20 with projections on 500 CIFAR pictures", "[data]") {
    check({"resnet20_projection", "cifar10/resnet20_projection/resnet20_projection.safetensors",
           "cifar10/test500.bin", "cifar10/resnet20_projection/logits_ref_f64_test500.npy"});
}

TEST_CASE("accuracy: ResNet-20 with projections from a PyTorch zip file", "[data]") {
    check({"resnet20_projection", "cifar10/resnet20_projection/resnet20.pth", "cifar10/test500.bin",
           "cifar10/resnet20_projection/logits_ref_f64_test500.npy"});
}

TEST_CASE("accuracy: MLPerf Tiny ResNet-8 on 500 CIFAR pictures", "[data]") {
    check({"resnet8_mlperf", "cifar10/mlperf_tiny_resnet8/resnet8.safetensors",
           "cifar10/test500.bin", "cifar10/mlperf_tiny_resnet8/logits_ref_f64_test500.npy"});
}

TEST_CASE("accuracy: MLPerf Tiny ResNet-8 on its 200 pictures", "[data]") {
    check({"resnet8_mlperf", "cifar10/mlperf_tiny_resnet8/resnet8.safetensors",
           "cifar10/mlperf_tiny_ic01_200.bin",
           "cifar10/mlperf_tiny_resnet8/logits_ref_f64_ic01_200.npy"});
}

TEST_CASE("accuracy: ResNet-18 from JPEG files, as many right as PyTorch", "[data]") {
    const auto weights = data_file("imagenet/resnet18_pqf/resnet18.safetensors");
    const auto labels = data_file("imagenet/labels.csv"); // row,class_index,wnid,file
    if (!weights || !labels) {
        return;
    }
    const resnetc_test::TempFolder folder;
    std::vector<std::string> command = {build("resnet18", *weights, folder.path() / "out"),
                                        "--json"};
    std::vector<int> classes;
    std::ifstream rows(*labels);
    std::string row;
    for (std::getline(rows, row); std::getline(rows, row);) {
        std::istringstream fields(row);
        std::string number, index, wnid, file;
        std::getline(fields, number, ',');
        std::getline(fields, index, ',');
        std::getline(fields, wnid, ',');
        std::getline(fields, file);
        file.erase(file.find_last_not_of("\r\n") + 1);
        classes.push_back(std::stoi(index));
        command.push_back((fs::path(*labels).parent_path() / "images" / file).string());
    }
    const auto results = nlohmann::json::parse(run(command)).at("results");
    REQUIRE(results.size() == 20);
    int right = 0;
    for (size_t i = 0; i < results.size(); ++i) {
        right += results[i].at("top").at(0).at("index") == classes[i] ? 1 : 0;
    }
    CHECK(right == 16);
}
