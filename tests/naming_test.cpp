// From frameworks' tensor names to the network's.
#include "naming.h"

#include "diagnostics.h"

#include "catch.h"

using namespace resnetc;

namespace {

std::vector<std::string> canonical(const std::vector<std::string>& names,
                                   const CheckpointSpec& spec = {}) {
    std::vector<std::string> result;
    for (const NamedTensor& tensor : canonical_names(names, spec)) {
        result.push_back(tensor.canonical);
    }
    return result;
}

CheckpointSpec with_rules(const std::vector<std::pair<std::string, std::string>>& rules) {
    CheckpointSpec spec;
    for (const auto& [match, replace] : rules) {
        spec.rename.push_back({{match, {}}, {replace, {}}});
    }
    return spec;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("naming: torchvision's names stay", "[naming]") {
    const Names names = {"bn1.running_mean", "conv1.weight", "fc.bias", "fc.weight",
                         "layer4.1.downsample.0.weight"};
    CHECK(canonical(names) == names);
}

TEST_CASE("naming: 'module.' goes if every tensor has it", "[naming]") {
    CHECK(canonical({"module.conv1.weight", "module.fc.bias"}) == Names{"conv1.weight", "fc.bias"});
    CHECK(canonical({"module.conv1.weight", "fc.bias"}) == Names{"module.conv1.weight", "fc.bias"});
    CHECK(canonical({"module.module.x"}) == Names{"module.x"});
    CHECK(canonical({}).empty());
    const auto named = canonical_names({"module.fc.bias"}, {});
    CHECK(named[0].original == "module.fc.bias");
}

TEST_CASE("naming: akamaster's CIFAR networks, also behind 'module.'", "[naming]") {
    const Names names = {"module.conv1.weight", "module.layer2.0.shortcut.0.weight",
                         "module.layer2.0.shortcut.1.running_var", "module.linear.bias",
                         "module.linear.weight"};
    CHECK(canonical(names) == Names{"conv1.weight", "layer2.0.downsample.0.weight",
                                    "layer2.0.downsample.1.running_var", "fc.bias", "fc.weight"});
    CheckpointSpec as_torchvision;
    as_torchvision.naming.value = CheckpointNaming::torchvision;
    CHECK(canonical({"conv1.weight", "linear.weight"}, as_torchvision) ==
          Names{"conv1.weight", "linear.weight"});
}

TEST_CASE("naming: Hugging Face's ResNetForImageClassification", "[naming]") {
    const Names names = {
        "classifier.1.bias",
        "resnet.embedder.embedder.convolution.weight",
        "resnet.embedder.embedder.normalization.num_batches_tracked",
        "resnet.encoder.stages.0.layers.0.shortcut.convolution.weight",
        "resnet.encoder.stages.3.layers.2.shortcut.normalization.bias",
        "resnet.encoder.stages.2.layers.35.layer.2.convolution.weight",
        "resnet.encoder.stages.1.layers.0.layer.0.normalization.running_mean",
    };
    CHECK(canonical(names) == Names{"fc.bias", "conv1.weight", "bn1.num_batches_tracked",
                                    "layer1.0.downsample.0.weight", "layer4.2.downsample.1.bias",
                                    "layer3.35.conv3.weight", "layer2.0.bn1.running_mean"});
}

TEST_CASE("naming: a table leaves alone what it does not know", "[naming]") {
    const auto hf = CheckpointNaming::huggingface;
    for (const char* name :
         {"resnet.encoder.stages.x.layers.0.layer.0.convolution.weight",
          "resnet.encoder.stages.-1.layers.0.layer.0.convolution.weight",
          "resnet.encoder.stages.99999999999.layers.0.layer.0.convolution.weight",
          "resnet.encoder.stages.1.layers.", "classifier.2.weight", "", "resnet"}) {
        CHECK(apply_naming(hf, name) == name);
    }
}

TEST_CASE("naming: the table is recognised by the names", "[naming]") {
    const auto automatic = CheckpointNaming::automatic;
    CHECK(choose_naming(automatic, {"resnet.embedder.embedder.convolution.weight"}) ==
          CheckpointNaming::huggingface);
    CHECK(choose_naming(automatic, {"conv1.weight", "linear.weight"}) ==
          CheckpointNaming::akamaster);
    CHECK(choose_naming(automatic, {"conv1.weight", "fc.weight", "linear.weight"}) ==
          CheckpointNaming::torchvision);
    CHECK(choose_naming(automatic, {"stem.weight"}) == CheckpointNaming::torchvision);
    CHECK(choose_naming(CheckpointNaming::akamaster, {"fc.weight"}) == CheckpointNaming::akamaster);
}

TEST_CASE("naming: rename rules apply in order, with references", "[naming]") {
    const CheckpointSpec spec = with_rules(
        {{"^stage_", "layer"}, {R"((conv|bn)_(\d+))", "$1$2"}, {"^(conv|bn)\\.", "$011."}});
    CHECK(canonical({"conv_1.weight", "stage_1.0.bn_2.bias", "stage_3.0.downsample.1.weight"},
                    spec) ==
          Names{"conv1.weight", "layer1.0.bn2.bias", "layer3.0.downsample.1.weight"});
    // Every match in a name is replaced, and an empty match does no harm.
    CHECK(canonical({"a_b_c"}, with_rules({{"_", "."}})) == Names{"a.b.c"});
    CHECK(canonical({"ab"}, with_rules({{"", "-"}})) == Names{"-a-b-"});
}

TEST_CASE("naming: hostile rules end soon", "[naming]") {
    const std::string longest(kLongestTensorName, 'a');
    // Exponential for a matcher that backtracks.
    CHECK(canonical({longest}, with_rules({{"^(a*)*b$", "x"}})) == Names{longest});
    CHECK(canonical({longest}, with_rules({{"(a|aa)+$", "x"}})) == Names{"x"});
    // A name that grows beyond every bound is left at that.
    const std::string grown = canonical(
        {"aa"}, with_rules({{"a", std::string(300, 'a')}, {"a", "aaa"}, {"a", "aaa"}}))[0];
    CHECK(grown.size() == 600);
}

TEST_CASE("naming: a rule that cannot be compiled", "[naming]") {
    for (const std::string pattern : {"(", "[z-a]", "(a)\\1", "*"}) {
        INFO(pattern);
        try {
            canonical({"x"}, with_rules({{pattern, ""}}));
            FAIL("accepted");
        } catch (const DiagnosticError& error) {
            REQUIRE(error.diagnostics.size() == 1);
            CHECK(error.diagnostics[0].message ==
                  "rename: '" + pattern +
                      "' cannot be compiled, an ECMAScript regular expression without back "
                      "references was expected");
        }
    }
}

TEST_CASE("naming: patterns are bounded", "[naming]") {
    CHECK_NOTHROW(compile_rename_pattern(std::string(kLongestTensorName, 'a')));
    CHECK_NOTHROW(compile_rename_pattern(std::string(256, '(') + std::string(256, ')')));
    CHECK_THROWS_AS(compile_rename_pattern(std::string(kLongestTensorName + 1, 'a')),
                    std::regex_error);
    CHECK_THROWS_AS(compile_rename_pattern("((a{999}){999}){999}"), std::regex_error);
}

TEST_CASE("naming: a back reference is refused whatever its number", "[naming]") {
    // std::regex overflows on the number; found by the fuzzer.
    CHECK_THROWS_AS(compile_rename_pattern("(a)\\" + std::string(60, '8')), std::regex_error);
    CHECK_THROWS_AS(compile_rename_pattern("(a)\\1"), std::regex_error);
    CHECK_NOTHROW(compile_rename_pattern(R"(a\\88888888888888888888888\.)"));
}
