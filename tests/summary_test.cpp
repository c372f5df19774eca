// `resnetc summary`: the table and the JSON that scripts read.
#include "commands.h"
#include "diagnostics.h"

#include "catch.h"

#include <nlohmann/json.hpp>
#include <sstream>

using namespace resnetc;

namespace {

SummaryOptions options_for(const std::string& name) {
    SummaryOptions options;
    options.spec = std::string(RESNETC_SOURCE_DIR) + "/specs/models/" + name + ".yaml";
    return options;
}

std::string summary(const SummaryOptions& options) {
    std::ostringstream out;
    REQUIRE(run_summary(options, out) == exit_ok);
    return out.str();
}

} // namespace

TEST_CASE("the summary of a small network, word for word") {
    CHECK(
        summary(options_for("residual_block_d2l_stride2")) ==
        R"(layer                  type        kernel  stride  padding  input      output     params   MACs
layer1.0.conv1         conv        3x3     2       1        (4,3,6,6)  (4,6,3,3)     168   5832
layer1.0.bn1           batch_norm                           (4,6,3,3)  (4,6,3,3)      12
layer1.0.relu1         relu                                 (4,6,3,3)  (4,6,3,3)
layer1.0.downsample.0  conv        1x1     2       0        (4,3,6,6)  (4,6,3,3)      24    648
layer1.0.conv2         conv        3x3     1       1        (4,6,3,3)  (4,6,3,3)     330  11664
layer1.0.bn2           batch_norm                           (4,6,3,3)  (4,6,3,3)      12
layer1.0.add           add                                  (4,6,3,3)  (4,6,3,3)
layer1.0.relu2         relu                                 (4,6,3,3)  (4,6,3,3)

residual_block_d2l_stride2
  input   (4,3,6,6)
  layer1  (4,6,3,3)

params  546  (570 with running means and variances)
MACs    18144  (4536 an image)
)");
}

TEST_CASE("the summary traces the stages") {
    const std::string text = summary(options_for("resnet18_bottleneck_214"));
    CHECK(text.find(R"(
resnet18_bottleneck_214
  input    (1,3,214,214)
  stem     (1,64,107,107)
  maxpool  (1,64,54,54)
  layer1   (1,256,54,54)
  layer2   (1,512,27,27)
  layer3   (1,1024,14,14)
  layer4   (1,2048,7,7)
  avgpool  (1,2048,1,1)
  fc       (1,1000,1,1)
)") != std::string::npos);
    CHECK(summary(options_for("resnet34_same")).find("2,2,3,3") != std::string::npos);
    CHECK(summary(options_for("resnext50_32x4d")).find("conv, 32 groups") != std::string::npos);
    CHECK(summary(options_for("resnet34_same")).find("\n  softmax  (1,1000,1,1)\n") !=
          std::string::npos);
}

TEST_CASE("the summary's JSON") {
    SummaryOptions options = options_for("resnet50");
    options.json = true;
    const auto json = nlohmann::json::parse(summary(options));
    CHECK(json.size() == 4);
    CHECK(json["name"] == "resnet50");
    CHECK(json["params"] == 25557032);
    CHECK(json["macs"] == 4089184256);
    const auto& conv1 = json["layers"][0];
    CHECK(conv1.size() == 6);
    CHECK(conv1["name"] == "conv1");
    CHECK(conv1["type"] == "conv");
    CHECK(conv1["input"] == nlohmann::json::array({1, 3, 224, 224}));
    CHECK(conv1["output"] == nlohmann::json::array({1, 64, 112, 112}));
    CHECK(conv1["params"] == 9408);
    CHECK(conv1["macs"] == 118013952);
}

TEST_CASE("the summary follows the overrides") {
    SummaryOptions options = options_for("resnet18");
    options.json = true;
    options.overrides = {2, 3, 320, 256, 10};
    const auto json = nlohmann::json::parse(summary(options));
    CHECK(json["layers"][0]["input"] == nlohmann::json::array({2, 3, 320, 256}));
    CHECK(json["layers"].back()["output"] == nlohmann::json::array({2, 10, 1, 1}));
    CHECK(json["params"] == 11689512 - 990 * 513);
}
