// The network's layers: parameters and multiply-accumulates against published numbers, shapes,
// names, order, and the arithmetic of windows.
#include "network.h"

#include "catch.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

using namespace resnetc;

namespace {

const std::filesystem::path kModels = std::filesystem::path(RESNETC_SOURCE_DIR) / "specs/models";

Network shipped(const std::string& name) {
    return build_network(load_spec((kModels / (name + ".yaml")).string()));
}

Network parse(const std::string& more,
              const std::string& needed = "block: basic\ndepths: [2, 2]\n") {
    return build_network(parse_spec({"net.yaml", "version: 1\nname: net\n" + needed + more}));
}

const Layer& layer(const Network& network, const std::string& name) {
    const auto found = std::find_if(network.layers.begin(), network.layers.end(),
                                    [&](const Layer& l) { return l.name == name; });
    INFO(name);
    REQUIRE(found != network.layers.end());
    return *found;
}

bool has_layer(const Network& network, const std::string& name) {
    return std::any_of(network.layers.begin(), network.layers.end(),
                       [&](const Layer& l) { return l.name == name; });
}

std::vector<std::string> names(const Network& network) {
    std::vector<std::string> all;
    for (const Layer& l : network.layers) {
        all.push_back(l.name);
    }
    return all;
}

struct Published {
    const char* name;
    int64_t params;
    int64_t macs; // 0: not published
};

// torchvision: num_params and _ops of torchvision.models, MACs of convolutions and fc at 224x224.
// timm: param counts of its results tables. CIFAR: akamaster/pytorch_resnet_cifar10's README.
// d2l: counted on the book's PyTorch code. resnet8_mlperf: Keras counts 78666 with the 480 running
// means and variances, which PyTorch does not count.
const Published kPublished[] = {
    {"resnet18", 11689512, 1814073344},
    {"resnet34", 21797672, 3663761408},
    {"resnet50", 25557032, 4089184256},
    {"resnet101", 44549160, 7801405440},
    {"resnet152", 60192808, 11513626624},
    {"resnext50_32x4d", 25028904, 4230479872},
    {"resnext101_32x8d", 88791336, 16414015488},
    {"resnext101_64x4d", 83455272, 15460270080},
    {"wide_resnet50_2", 68883240, 11398021120},
    {"wide_resnet101_2", 126886696, 22753050624},
    {"resnet18d", 11708744, 0},
    {"resnet26", 15995176, 0},
    {"resnet26d", 16014408, 0},
    {"resnet34d", 21816904, 0},
    {"resnet50c", 25576264, 0},
    {"resnet50d", 25576264, 0},
    {"resnet50s", 25680808, 0},
    {"resnet50t", 25573728, 0},
    {"resnet101d", 44568392, 0},
    {"resnet152d", 60212040, 0},
    {"resnet200", 64673832, 0},
    {"resnet10t", 5435488, 0},
    {"resnet14t", 10081632, 0},
    {"resnet20", 269722, 0},
    {"resnet32", 464154, 0},
    {"resnet44", 658586, 0},
    {"resnet56", 853018, 0},
    {"resnet110", 1727962, 0},
    {"resnet20_projection", 272474, 0},
    {"resnet8_mlperf", 78666 - 480, 0},
    {"resnet18_d2l", 11178378, 0},
    {"resnet34_same", 21797672, 3663761408},
    {"resnet18_bottleneck_214", 15995176, 0},
    {"residual_block_d2l", 180, 0},
    {"residual_block_d2l_stride2", 546, 0},
};

} // namespace

TEST_CASE("every shipped spec has its published numbers") {
    std::set<std::string> checked;
    for (const Published& published : kPublished) {
        INFO(published.name);
        const Network network = shipped(published.name);
        CHECK(network.name == published.name);
        CHECK(network.params == published.params);
        if (published.macs > 0) {
            CHECK(network.macs == published.macs);
        }
        checked.insert(published.name);
    }
    for (const auto& entry : std::filesystem::directory_iterator(kModels)) {
        INFO(entry.path().filename().string());
        CHECK(checked.count(entry.path().stem().string()) == 1);
    }
}

TEST_CASE("layers of every shipped spec fit together") {
    for (const Published& published : kPublished) {
        INFO(published.name);
        const Network network = shipped(published.name);
        std::set<std::string> seen;
        int64_t params = 0;
        int64_t macs = 0;
        for (size_t i = 0; i < network.layers.size(); ++i) {
            const Layer& l = network.layers[i];
            INFO(l.name);
            CHECK(seen.insert(l.name).second);
            REQUIRE(l.inputs.size() == (l.kind == LayerKind::add ? 2u : 1u));
            for (const int input : l.inputs) {
                REQUIRE(input < static_cast<int>(i));
                REQUIRE(input >= kNetworkInput);
            }
            const int from = l.inputs[0];
            const Shape& input = from == kNetworkInput
                                     ? network.input
                                     : network.layers[static_cast<size_t>(from)].output;
            CHECK(l.input == input);
            if (l.kind == LayerKind::add) {
                const int other = l.inputs[1];
                CHECK(l.output == (other == kNetworkInput
                                       ? network.input
                                       : network.layers[static_cast<size_t>(other)].output));
            }
            params += l.params;
            macs += l.macs;
        }
        CHECK(network.params == params);
        CHECK(network.macs == macs);
    }
}

TEST_CASE("ResNet-50 with the stride in the first 1x1") {
    const Network v1 = parse("stride_in: conv1\n", "block: bottleneck\ndepths: [3, 4, 6, 3]\n");
    CHECK(v1.macs == 3857973248); // the paper's 3.8e9
    CHECK(v1.params == 25557032);
    CHECK(layer(v1, "layer2.0.conv1").window.stride == 2);
    CHECK(layer(v1, "layer2.0.conv2").window.stride == 1);
}

TEST_CASE("ResNet-34 at 224: after the stem and after the first convolution of layer1.0") {
    const Network network = shipped("resnet34");
    CHECK(layer(network, "maxpool").output == Shape{1, 64, 56, 56});
    CHECK(layer(network, "layer1.0.conv1").output == Shape{1, 64, 56, 56});
}

TEST_CASE("odd maps: bottlenecks at 214") {
    const Network network = shipped("resnet18_bottleneck_214");
    CHECK(layer(network, "conv1").output == Shape{1, 64, 107, 107});
    CHECK(layer(network, "maxpool").output == Shape{1, 64, 54, 54});
    CHECK(layer(network, "layer1.1.relu3").output == Shape{1, 256, 54, 54});
    CHECK(layer(network, "layer2.1.relu3").output == Shape{1, 512, 27, 27});
    CHECK(layer(network, "layer3.1.relu3").output == Shape{1, 1024, 14, 14});
    CHECK(layer(network, "layer4.1.relu3").output == Shape{1, 2048, 7, 7});
}

TEST_CASE("d2l's ResNet-18 and its blocks") {
    const Network network = shipped("resnet18_d2l");
    CHECK(network.input == Shape{1, 1, 224, 224});
    CHECK(layer(network, "conv1").output == Shape{1, 64, 112, 112});
    CHECK(layer(network, "conv1").bias);
    CHECK_FALSE(has_layer(network, "layer1.0.downsample.0"));
    CHECK(layer(network, "layer2.0.downsample.0").bias);
    CHECK_FALSE(has_layer(network, "layer2.0.downsample.1"));
    CHECK(layer(network, "layer4.1.relu2").output == Shape{1, 512, 7, 7});
    CHECK(layer(network, "fc").output == Shape{1, 10, 1, 1});

    CHECK(shipped("residual_block_d2l").input == Shape{4, 3, 6, 6});
    CHECK(shipped("residual_block_d2l").layers.back().output == Shape{4, 3, 6, 6});
    CHECK(shipped("residual_block_d2l_stride2").layers.back().output == Shape{4, 6, 3, 3});
}

TEST_CASE("a basic block's layers, names and order") {
    const Network network = parse("stem: {kernel: 3, stride: 1, pool: none}\nstrides: [2]\n",
                                  "block: basic\ndepths: [2]\n");
    // The shortcut right before the last convolution, which adds it in place.
    CHECK(names(network) == std::vector<std::string>{"conv1",
                                                     "bn1",
                                                     "relu",
                                                     "layer1.0.conv1",
                                                     "layer1.0.bn1",
                                                     "layer1.0.relu1",
                                                     "layer1.0.downsample.0",
                                                     "layer1.0.downsample.1",
                                                     "layer1.0.conv2",
                                                     "layer1.0.bn2",
                                                     "layer1.0.add",
                                                     "layer1.0.relu2",
                                                     "layer1.1.conv1",
                                                     "layer1.1.bn1",
                                                     "layer1.1.relu1",
                                                     "layer1.1.conv2",
                                                     "layer1.1.bn2",
                                                     "layer1.1.add",
                                                     "layer1.1.relu2",
                                                     "avgpool",
                                                     "fc"});
    const Layer& add = layer(network, "layer1.0.add");
    CHECK(network.layers[static_cast<size_t>(add.inputs[0])].name == "layer1.0.bn2");
    CHECK(network.layers[static_cast<size_t>(add.inputs[1])].name == "layer1.0.downsample.1");
    const Layer& identity = layer(network, "layer1.1.add");
    CHECK(network.layers[static_cast<size_t>(identity.inputs[1])].name == "layer1.0.relu2");
    CHECK(layer(network, "conv1").stage == 0);
    CHECK(layer(network, "layer1.1.add").stage == 1);
    CHECK(layer(network, "fc").stage == 0);
}

TEST_CASE("a bottleneck's layers and order") {
    const Network network = parse("stem: none\nhead: none\ninput: {channels: 64}\n",
                                  "block: bottleneck\ndepths: [1]\n");
    CHECK(names(network) == std::vector<std::string>{
                                "layer1.0.conv1", "layer1.0.bn1", "layer1.0.relu1",
                                "layer1.0.conv2", "layer1.0.bn2", "layer1.0.relu2",
                                "layer1.0.downsample.0", "layer1.0.downsample.1", "layer1.0.conv3",
                                "layer1.0.bn3", "layer1.0.add", "layer1.0.relu3"});
    CHECK(network.layers[0].inputs == std::vector<int>{kNetworkInput});
}

TEST_CASE("a deep stem is named as in timm") {
    const Network network = shipped("resnet50t");
    const std::vector<std::string> all = names(network);
    CHECK(std::vector<std::string>(all.begin(), all.begin() + 10) ==
          std::vector<std::string>{"conv1.0", "conv1.1", "conv1.2", "conv1.3", "conv1.4", "conv1.5",
                                   "conv1.6", "bn1", "relu", "maxpool"});
    CHECK(layer(network, "conv1.0").window.stride == 2);
    CHECK(layer(network, "conv1.3").window.stride == 1);
    CHECK(layer(network, "conv1.3").output == Shape{1, 32, 112, 112});
    // Stride 1: no pool, but the names keep their places.
    CHECK_FALSE(has_layer(network, "layer1.0.downsample.0"));
    CHECK(layer(network, "layer1.0.downsample.1").kind == LayerKind::conv);
    CHECK(layer(network, "layer2.0.downsample.0").kind == LayerKind::avg_pool);
    CHECK(layer(network, "layer2.0.downsample.0").window.ceil_mode);
    CHECK(layer(network, "layer2.0.downsample.1").window.stride == 1);
    CHECK(layer(network, "layer2.0.downsample.2").kind == LayerKind::batch_norm);
}

TEST_CASE("average pool shortcuts meet the convolutions on odd maps") {
    for (const int size : {5, 6, 7, 8, 9, 10, 11, 33}) {
        for (const int stride : {2, 3, 4}) {
            for (const std::string kind : {"avg_pool_projection", "avg_pool_pad", "pad"}) {
                INFO(kind << " " << size << " stride " << stride);
                std::ostringstream more;
                more << "stem: none\ninput: {channels: 8, height: " << size << ", width: " << size
                     << "}\nwidths: [16]\nstrides: [" << stride << "]\nshortcut: " << kind << "\n";
                const Network network = parse(more.str(), "block: basic\ndepths: [1]\n");
                CHECK(layer(network, "layer1.0.add").output.h == (size + stride - 1) / stride);
            }
        }
    }
}

TEST_CASE("option A slices pixels and splits the zero channels") {
    const Network network = shipped("resnet20");
    const Layer& pad = layer(network, "layer2.0.downsample");
    CHECK(pad.kind == LayerKind::pad_channels);
    CHECK(pad.window.stride == 2);
    CHECK(pad.channels_before == 8);
    CHECK(pad.input == Shape{1, 16, 32, 32});
    CHECK(pad.output == Shape{1, 32, 16, 16});
    CHECK(pad.params == 0);

    const Network behind = parse("shortcut: avg_pool_pad\n");
    CHECK(layer(behind, "layer2.0.downsample.0").kind == LayerKind::avg_pool);
    CHECK(layer(behind, "layer2.0.downsample.1").channels_before == 0);
    CHECK(layer(behind, "layer2.0.downsample.1").output == Shape{1, 128, 28, 28});

    const Network same_width = parse("shortcut: avg_pool_pad\nwidths: [64, 64]\n");
    CHECK(layer(same_width, "layer2.0.downsample.0").output == Shape{1, 64, 28, 28});
    CHECK_FALSE(has_layer(same_width, "layer2.0.downsample.1"));
}

TEST_CASE("groups and their widths") {
    const Network network = shipped("resnext50_32x4d");
    const Layer& conv = layer(network, "layer1.0.conv2");
    CHECK(conv.groups == 32);
    CHECK(conv.input.c == 128);
    CHECK(conv.params == int64_t{128} * 4 * 9);
    CHECK(conv.macs == int64_t{128} * 4 * 9 * 56 * 56);
    CHECK(layer(shipped("wide_resnet50_2"), "layer1.0.conv2").input.c == 128);
}

TEST_CASE("padding: same is TensorFlow's") {
    const Network network = shipped("resnet34_same");
    CHECK(layer(network, "conv1").window.padding == Padding{2, 2, 3, 3});
    CHECK(layer(network, "maxpool").window.padding == Padding{0, 0, 1, 1});
    CHECK(layer(network, "layer1.0.conv1").window.padding == Padding{1, 1, 1, 1});
    CHECK(layer(network, "layer2.0.conv1").window.padding == Padding{0, 0, 1, 1});
    CHECK(layer(network, "layer2.0.downsample.0").window.padding == Padding{});
    CHECK(network.layers.back().kind == LayerKind::softmax);
    const Network rectangle = parse("padding: same\ninput: {height: 65, width: 128}\n");
    CHECK(layer(rectangle, "layer2.0.conv1").window.padding == Padding{1, 0, 1, 1});
    CHECK(layer(rectangle, "layer2.0.conv1").output == Shape{1, 128, 9, 16});
}

TEST_CASE("padding in numbers") {
    const Network network =
        parse("stem: {kernel: 4, stride: 4, padding: [0, 1, 2, 3], pool: none}\npadding: 1\n");
    CHECK(layer(network, "conv1").window.padding == Padding{0, 1, 2, 3});
    CHECK(layer(network, "conv1").output == Shape{1, 64, 56, 57});
    const Network even = parse("stem: {kernel: 2, stride: 2, pool: none}\n");
    CHECK(layer(even, "conv1").window.padding == Padding{});
    CHECK(layer(even, "conv1").output == Shape{1, 64, 112, 112});
}

TEST_CASE("networks without batch norm, stem or head") {
    const Network network = parse("batch_norm: false\nconv_bias: true\nstem: none\nhead: none\n");
    CHECK(network.layers.front().inputs == std::vector<int>{kNetworkInput});
    CHECK(network.layers.back().name == "layer2.1.relu2");
    CHECK(network.layers.back().output == Shape{1, 128, 112, 112});
    for (const Layer& l : network.layers) {
        CHECK(l.kind != LayerKind::batch_norm);
        CHECK(l.bias == (l.kind == LayerKind::conv));
    }
}

TEST_CASE("batches multiply MACs, not parameters") {
    const Network one = parse("");
    const Network five = parse("input: {batch: 5}\n");
    CHECK(five.macs == 5 * one.macs);
    CHECK(five.params == one.params);
    CHECK(five.layers.back().output == Shape{5, 1000, 1, 1});
}

TEST_CASE("parameters are listed by name and shape") {
    const Network network = shipped("resnet8_mlperf");
    std::map<std::string, std::vector<int64_t>> shapes;
    int64_t learnable = 0;
    for (const ParameterInfo& info : network_parameters(network)) {
        CHECK(shapes.emplace(info.name, info.shape).second);
        CHECK(info.name.starts_with(network.layers[static_cast<size_t>(info.layer)].name + "."));
        int64_t count = 1;
        for (const int64_t extent : info.shape) {
            count *= extent;
        }
        learnable += info.name.find("running_") == std::string::npos ? count : 0;
    }
    CHECK(learnable == network.params);
    CHECK(shapes.at("conv1.weight") == std::vector<int64_t>{16, 3, 3, 3});
    CHECK(shapes.at("conv1.bias") == std::vector<int64_t>{16});
    CHECK(shapes.at("layer2.0.downsample.0.weight") == std::vector<int64_t>{32, 16, 1, 1});
    CHECK(shapes.at("layer3.0.bn2.running_var") == std::vector<int64_t>{64});
    CHECK(shapes.at("fc.weight") == std::vector<int64_t>{10, 64});
    const auto grouped = network_parameters(shipped("resnext50_32x4d"));
    const auto conv2 = std::find_if(grouped.begin(), grouped.end(), [](const ParameterInfo& info) {
        return info.name == "layer1.0.conv2.weight";
    });
    REQUIRE(conv2 != grouped.end());
    CHECK(conv2->shape == std::vector<int64_t>{128, 4, 3, 3});
}
