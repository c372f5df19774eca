// Checkpoints bound to networks, and what is made without one: recognition of formats, names,
// shapes and values refused with their messages, random weights.
#include "checkpoint.h"

#include "checkpoint_format.h"
#include "diagnostics.h"
#include "reference.h"
#include "sha256.h"

#include "catch.h"
#include "data_dir.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

using namespace resnetc;

namespace {

Layer make_layer(LayerKind kind, const std::string& name, Shape input, Shape output, int from) {
    Layer layer;
    layer.kind = kind;
    layer.name = name;
    layer.input = input;
    layer.output = output;
    layer.inputs = {from};
    return layer;
}

// conv1 (3 -> 4, 1x1, no bias), bn1, global average pool, fc (4 -> 2).
Network small_network() {
    Network network;
    network.name = "small";
    network.input = {1, 3, 2, 2};
    const Shape map = {1, 4, 2, 2};
    const Shape features = {1, 4, 1, 1};
    network.layers = {make_layer(LayerKind::conv, "conv1", network.input, map, kNetworkInput),
                      make_layer(LayerKind::batch_norm, "bn1", map, map, 0),
                      make_layer(LayerKind::global_avg_pool, "avgpool", map, features, 1),
                      make_layer(LayerKind::fc, "fc", features, {1, 2, 1, 1}, 2)};
    network.layers[1].eps = 1.0;
    network.layers[3].bias = true;
    return network;
}

CheckpointTensor make_tensor(const std::string& name, std::vector<int64_t> shape, float value = 1) {
    size_t count = 1;
    for (const int64_t extent : shape) {
        count *= static_cast<size_t>(extent);
    }
    return {name, "F32", std::move(shape), std::vector<float>(count, value)};
}

// All that small_network() needs.
Checkpoint small_checkpoint() {
    Checkpoint checkpoint;
    checkpoint.path = "small.safetensors";
    checkpoint.tensors = {
        make_tensor("bn1.bias", {4}),
        make_tensor("bn1.running_mean", {4}),
        make_tensor("bn1.running_var", {4}, 3),
        make_tensor("bn1.weight", {4}, 2),
        make_tensor("conv1.weight", {4, 3, 1, 1}),
        make_tensor("fc.bias", {2}),
        make_tensor("fc.weight", {2, 4}),
    };
    return checkpoint;
}

CheckpointTensor& tensor(Checkpoint& checkpoint, const std::string& name) {
    return *std::ranges::find(checkpoint.tensors, name, &CheckpointTensor::name);
}

// What bind_weights says, as the user sees it; "" if it accepts the checkpoint.
std::string complaint(const Checkpoint& checkpoint, const CheckpointSpec& naming = {},
                      bool allow_non_finite = false) {
    try {
        bind_weights(checkpoint, small_network(), naming, allow_non_finite);
        return "";
    } catch (const DiagnosticError& error) {
        std::string text;
        for (const Diagnostic& diagnostic : error.diagnostics) {
            text += format(diagnostic);
        }
        return text;
    }
}

std::string parse_complaint(const std::string& path, const std::string& bytes) {
    try {
        parse_checkpoint(path, bytes);
        return "";
    } catch (const DiagnosticError& error) {
        return format(error.diagnostics.at(0));
    }
}

const std::string kCases = std::string(RESNETC_SOURCE_DIR) + "/tests/errors/safetensors/";

} // namespace

TEST_CASE("checkpoint: exactly the network's tensors are bound", "[checkpoint]") {
    Checkpoint checkpoint = small_checkpoint();
    tensor(checkpoint, "fc.weight").values = {1, 2, 3, 4, 5, 6, 7, 8};
    CheckpointTensor counter = make_tensor("bn1.num_batches_tracked", {});
    counter.dtype = "I64";
    counter.values.clear();
    checkpoint.tensors.push_back(counter);
    const Weights weights = bind_weights(checkpoint, small_network(), {});
    CHECK(weights.size() == 7);
    CHECK(weights.at("fc.weight") == std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8});
    CHECK(weights.at("bn1.running_var") == std::vector<float>(4, 3.0F));
}

TEST_CASE("checkpoint: missing, surplus and wrong-shape tensors in one list", "[checkpoint]") {
    Checkpoint checkpoint = small_checkpoint();
    tensor(checkpoint, "bn1.running_mean").name = "bn1.runing_mean";
    tensor(checkpoint, "conv1.weight") = make_tensor("conv1.weight", {4, 3, 3, 3});
    tensor(checkpoint, "fc.bias").name = "unrelated";
    checkpoint.tensors.push_back(make_tensor("fc.num_batches_tracked", {}));
    CHECK(complaint(checkpoint) ==
          "small.safetensors: error: tensor 'conv1.weight' has shape (4,3,3,3), (4,3,1,1) was "
          "expected\n"
          "small.safetensors: error: tensor 'bn1.running_mean' is missing, shape (4) was expected\n"
          "hint: did you mean the checkpoint's 'bn1.runing_mean'?\n"
          "small.safetensors: error: tensor 'fc.bias' is missing, shape (2) was expected\n"
          "small.safetensors: error: tensor 'bn1.runing_mean' belongs to no layer, only the "
          "network's parameters were expected\n"
          "hint: did you mean 'bn1.running_mean'?\n"
          "small.safetensors: error: tensor 'fc.num_batches_tracked' belongs to no layer, only the "
          "network's parameters were expected\n"
          "small.safetensors: error: tensor 'unrelated' belongs to no layer, only the network's "
          "parameters were expected\n");
}

TEST_CASE("checkpoint: an empty one lacks everything", "[checkpoint]") {
    Checkpoint checkpoint;
    checkpoint.path = "none.safetensors";
    const std::string text = complaint(checkpoint);
    CHECK(std::ranges::count(text, '\n') == 7);
    CHECK(text.find("'conv1.weight' is missing, shape (4,3,1,1) was expected") !=
          std::string::npos);
}

TEST_CASE("checkpoint: a classifier written as a 1x1 convolution", "[checkpoint]") {
    Checkpoint checkpoint = small_checkpoint();
    tensor(checkpoint, "fc.weight") = make_tensor("fc.weight", {2, 4, 1, 1});
    CHECK(complaint(checkpoint) ==
          "small.safetensors: error: tensor 'fc.weight' has shape (2,4,1,1), (2,4) was expected\n"
          "hint: the checkpoint's classifier is a 1x1 convolution; reshape its weight to two "
          "dimensions\n");
}

TEST_CASE("checkpoint: only floats are weights", "[checkpoint]") {
    Checkpoint checkpoint = small_checkpoint();
    tensor(checkpoint, "fc.bias").dtype = "I64";
    tensor(checkpoint, "fc.bias").values.clear();
    CHECK(complaint(checkpoint) == "small.safetensors: error: tensor 'fc.bias' has dtype I64, F32, "
                                   "F16 or BF16 was expected\n");
}

TEST_CASE("checkpoint: NaN, infinity and negative variances", "[checkpoint]") {
    Checkpoint checkpoint = small_checkpoint();
    tensor(checkpoint, "conv1.weight").values[7] = std::numeric_limits<float>::quiet_NaN();
    tensor(checkpoint, "conv1.weight").values[8] = std::numeric_limits<float>::infinity();
    tensor(checkpoint, "fc.bias").values[1] = -std::numeric_limits<float>::infinity();
    tensor(checkpoint, "bn1.running_var").values[2] = -0.5F;
    tensor(checkpoint, "bn1.bias").values[2] = -0.5F;
    const std::string hint = "hint: --allow-non-finite takes the values as they are\n";
    CHECK(complaint(checkpoint) ==
          "small.safetensors: error: tensor 'conv1.weight' holds NaN at [2,1,0,0] (and 1 more), "
          "finite numbers were expected\n" +
              hint +
              "small.safetensors: error: tensor 'bn1.running_var' holds a negative variance at "
              "[2], finite numbers were expected\n" +
              hint +
              "small.safetensors: error: tensor 'fc.bias' holds -infinity at [1], finite numbers "
              "were expected\n" +
              hint);
    CHECK(complaint(checkpoint, {}, true).empty());
}

TEST_CASE("checkpoint: prefixes, tables and rename rules reach the weights", "[checkpoint]") {
    Checkpoint checkpoint = small_checkpoint();
    for (CheckpointTensor& each : checkpoint.tensors) {
        each.name = "module." + each.name;
    }
    tensor(checkpoint, "module.fc.weight").name = "module.linear.weight";
    tensor(checkpoint, "module.fc.bias").name = "module.linear.bias";
    CHECK(complaint(checkpoint).empty());
    tensor(checkpoint, "module.conv1.weight").name = "module.stem.weight";
    CHECK_FALSE(complaint(checkpoint).empty());
    CheckpointSpec naming;
    naming.naming.value = CheckpointNaming::akamaster;
    naming.rename.push_back({{"^stem", {}}, {"conv1", {}}});
    CHECK(complaint(checkpoint, naming).empty());
}

TEST_CASE("checkpoint: two tensors of one name", "[checkpoint]") {
    Checkpoint checkpoint = small_checkpoint();
    checkpoint.tensors.push_back(make_tensor("head.bias", {2}));
    CheckpointSpec naming;
    naming.rename.push_back({{"^head", {}}, {"fc", {}}});
    CHECK(complaint(checkpoint, naming) ==
          "small.safetensors: error: tensors 'fc.bias' and 'head.bias' both become 'fc.bias', "
          "distinct names were expected\nhint: check the spec's rename rules\n");
}

TEST_CASE("checkpoint: a name too long to be renamed", "[checkpoint]") {
    Checkpoint checkpoint = small_checkpoint();
    checkpoint.tensors.push_back(make_tensor(std::string(513, 'n'), {2}));
    const std::string cut = std::string(36, 'n') + "..." + std::string(36, 'n');
    CHECK(complaint(checkpoint) == "small.safetensors: error: tensor '" + cut +
                                       "' has a name of 513 bytes, at most 512 were expected\n");
}

TEST_CASE("checkpoint: formats are recognised by their content", "[checkpoint]") {
    using namespace std::string_literals;
    CHECK(recognise("\x02\0\0\0\0\0\0\0{}"s) == CheckpointFormat::safetensors);
    CHECK(recognise("PK\x03\x04rest"s) == CheckpointFormat::pytorch_zip);
    const std::string zip_header = "PK\x03\x04" + std::string(22, '\0');
    CHECK(recognise(zip_header + "\x05\0\0\0a.npy"s) == CheckpointFormat::npz);
    CHECK(recognise(zip_header + "\x0a\0\0\0m/data.pkl"s) == CheckpointFormat::pytorch_zip);
    CHECK(recognise(zip_header + "\xff\xff\0\0a.npy"s) == CheckpointFormat::npz);
    CHECK(recognise("PK\x05\x06"s) == CheckpointFormat::npz);
    CHECK(recognise("\x80\x02}q"s) == CheckpointFormat::pytorch_legacy);
    CHECK(recognise("\x80\x05}q"s) == CheckpointFormat::pytorch_legacy);
    CHECK(recognise("\x80\x06}q"s) == CheckpointFormat::unknown);
    CHECK(recognise("\x89HDF\r\n\x1a\n"s) == CheckpointFormat::hdf5);
    CHECK(recognise("\x93NUMPY\x01"s) == CheckpointFormat::numpy);
    CHECK(recognise("\x08\x07\x12\x07pytorch"s) == CheckpointFormat::onnx);
    CHECK(recognise("\x08\x07\x3a\x00"s) == CheckpointFormat::onnx); // no producer_name
    CHECK(recognise("\x08\x07\x08\x07"s) == CheckpointFormat::unknown);
    CHECK(recognise("name: x\n{}"s) == CheckpointFormat::unknown);
    CHECK(recognise(""s) == CheckpointFormat::unknown);

    const std::string expected = ", a safetensors, PyTorch, ONNX or npz checkpoint was expected\n"
                                 "hint: safetensors.torch.save_file(state_dict, "
                                 "'model.safetensors') writes one in Python\n";
    CHECK(parse_complaint("a.h5", "\x89HDF\r\n\x1a\n"s) ==
          "a.h5: error: the file is an HDF5 file (Keras)" + expected);
    CHECK(parse_complaint("a.npy", "\x93NUMPY\x01"s) ==
          "a.npy: error: the file is a NumPy array" + expected);
    CHECK(parse_complaint("a", "hello") == "a: error: the file is of no known format" + expected);
    CHECK(parse_complaint("a.pth", "") == "a.pth: error: the file is empty" + expected);
    // The name only helps to say more about a file that nothing is recognised in.
    CHECK(parse_complaint("a.safetensors", "hello") ==
          "a.safetensors: error: the file has 5 bytes, at least 8 for the header's length were "
          "expected\n");
    CHECK(parse_complaint("a.onnx", "") ==
          "a.onnx: error: the file has 0 graphs, an ONNX model with one was expected\n");
}

TEST_CASE("checkpoint: files are read whole, with their hash", "[checkpoint]") {
    const Checkpoint checkpoint = load_checkpoint(kCases + "valid.safetensors");
    CHECK(checkpoint.tensors.size() == 5);
    CHECK(checkpoint.sha256 == "a252fdce3893e54ce72de03c760a7b89e47de41309222bec3557252516c37387");
    CHECK_THROWS_AS(load_checkpoint(kCases + "absent.safetensors"), DiagnosticError);
    CHECK_THROWS_AS(load_checkpoint(kCases), DiagnosticError);
}

TEST_CASE("checkpoint: random weights are the same everywhere", "[checkpoint]") {
    const Network network = small_network();
    const Weights weights = random_weights(network, 1);
    CHECK(weights == random_weights(network, 1));
    CHECK(weights != random_weights(network, 2));
    // Against a second implementation (in Python): a difference in the last place is a difference.
    std::string bytes;
    for (const auto& [name, values] : weights) {
        bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    }
    CHECK(sha256_hex(bytes) == "5b755d69c0b44993ca72c485e4af02ed9017ef422132771b858ef4541ca4062c");
}

TEST_CASE("checkpoint: random weights are spread as they should be", "[checkpoint]") {
    Network network;
    network.input = {1, 64, 8, 8};
    network.layers = {
        make_layer(LayerKind::conv, "conv1", network.input, {1, 256, 8, 8}, kNetworkInput),
        make_layer(LayerKind::batch_norm, "bn1", {1, 256, 8, 8}, {1, 256, 8, 8}, 0)};
    network.layers[0].window = {3, 1, {1, 1, 1, 1}, false};
    const Weights weights = random_weights(network, 7);
    double sum = 0;
    double squares = 0;
    const std::vector<float>& conv = weights.at("conv1.weight");
    REQUIRE(conv.size() == size_t{256 * 64 * 9});
    for (const double value : conv) {
        sum += value;
        squares += value * value;
    }
    const auto count = static_cast<double>(conv.size());
    CHECK(std::fabs(sum / count) < 5e-4); // five standard errors
    CHECK(squares / count == Approx(2.0 / (64 * 9)).epsilon(0.02));
    const auto [least, most] = std::ranges::minmax(weights.at("bn1.running_var"));
    CHECK(least >= 0.5F);
    CHECK(most < 1.5F);
    CHECK(most - least > 0.9F);
}

TEST_CASE("checkpoint: activations of 152 random layers stay sane", "[checkpoint]") {
    Spec spec = load_spec(std::string(RESNETC_SOURCE_DIR) + "/specs/models/resnet152.yaml");
    SpecOverrides overrides;
    overrides.height = 32;
    overrides.width = 32;
    apply_overrides(spec, overrides);
    const Network network = build_network(spec);
    const ReferenceTensor input(static_cast<size_t>(elements(network.input)), 1.0);
    double largest = 0;
    run_reference(network, random_weights(network, 3), input,
                  [&](int, const ReferenceTensor& output) {
                      for (const double value : output) {
                          REQUIRE(std::isfinite(value));
                          largest = std::max(largest, std::fabs(value));
                      }
                  });
    INFO("largest activation " << largest);
    CHECK(largest > 1);
    CHECK(largest < 1e4);
}

TEST_CASE("checkpoint: the real ones fit their specs", "[checkpoint][data]") {
    const std::vector<std::pair<std::string, std::string>> files = {
        {"resnet20", "cifar10/resnet20/resnet20.safetensors"},
        {"resnet20_projection", "cifar10/resnet20_projection/resnet20_projection.safetensors"},
        {"resnet18", "imagenet/resnet18_pqf/resnet18.safetensors"}};
    for (const auto& [model, file] : files) {
        const auto path = resnetc_test::data_file(file);
        if (!path) {
            return;
        }
        INFO(model);
        const Spec spec =
            load_spec(std::string(RESNETC_SOURCE_DIR) + "/specs/models/" + model + ".yaml");
        const Network network = build_network(spec);
        const Weights weights = bind_weights(load_checkpoint(*path), network, spec.checkpoint);
        CHECK(weights.size() == network_parameters(network).size());
    }
}
