// The oracle itself: each layer against values worked out by hand, whole networks against logits
// that PyTorch computed in double precision.
#include "reference.h"
#include "support/data_arrays.h"

#include "checkpoint.h"
#include "file_io.h"
#include "spec.h"

#include "catch.h"
#include "data_dir.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

using namespace resnetc;

namespace {

Layer make_layer(LayerKind kind, Shape input, Shape output) {
    Layer layer;
    layer.kind = kind;
    layer.name = "l";
    layer.input = input;
    layer.output = output;
    layer.inputs = {kNetworkInput};
    return layer;
}

// 1, 2, 3, ...
ReferenceTensor counting(int64_t count) {
    ReferenceTensor values(static_cast<size_t>(count));
    std::iota(values.begin(), values.end(), 1.0);
    return values;
}

ReferenceTensor run(const Layer& layer, const ReferenceTensor& input, const Weights& weights = {}) {
    ReferenceTensor output = reference_layer(layer, {&input}, weights);
    CHECK(output.size() == static_cast<size_t>(elements(layer.output)));
    return output;
}

// The definition, one output at a time and sharing nothing with the interpreter's loops.
ReferenceTensor naive_conv(const Layer& l, const ReferenceTensor& in, const std::vector<float>& w) {
    ReferenceTensor out;
    const int64_t per_group = l.input.c / l.groups;
    const int64_t k = l.window.kernel;
    for (int64_t at = 0; at < elements(l.output); ++at) {
        const int64_t x = at % l.output.w;
        const int64_t y = at / l.output.w % l.output.h;
        const int64_t o = at / (l.output.w * l.output.h) % l.output.c;
        const int64_t n = at / (l.output.w * l.output.h * l.output.c);
        double sum = 0;
        for (int64_t tap = 0; tap < per_group * k * k; ++tap) {
            const int64_t c = o / (l.output.c / l.groups) * per_group + tap / (k * k);
            const int64_t iy = y * l.window.stride + tap / k % k - l.window.padding.top;
            const int64_t ix = x * l.window.stride + tap % k - l.window.padding.left;
            if (iy >= 0 && iy < l.input.h && ix >= 0 && ix < l.input.w) {
                sum += in[static_cast<size_t>(((n * l.input.c + c) * l.input.h + iy) * l.input.w +
                                              ix)] *
                       w[static_cast<size_t>(o * per_group * k * k + tap)];
            }
        }
        out.push_back(sum);
    }
    return out;
}

// What PyTorch was given: (x / 255 - mean) / std, every step rounded to float.
double float_normalised(uint8_t pixel, double mean, double stddev) {
    const float scaled = static_cast<float>(pixel) / 255.0F;
    return (scaled - static_cast<float>(mean)) / static_cast<float>(stddev);
}

// Largest error of the network's logits over the first `images` of `bin` (CIFAR records), relative
// to the largest logit.
double cifar_error(const std::string& spec_name, const std::string& checkpoint,
                   const std::string& bin, const std::string& logits, int images) {
    const Spec spec =
        load_spec(std::string(RESNETC_SOURCE_DIR) + "/specs/models/" + spec_name + ".yaml");
    const Network network = build_network(spec);
    const Weights weights = bind_weights(load_checkpoint(checkpoint), network, spec.checkpoint);
    const std::string records = read_file(bin, size_t{1} << 30);
    const std::vector<double> expected = resnetc_test::npy_doubles(logits);
    constexpr size_t record_bytes = 3073;
    constexpr size_t plane = 1024;
    double error = 0;
    double largest = 0;
    for (size_t image = 0; image < static_cast<size_t>(images); ++image) {
        ReferenceTensor input;
        for (size_t i = 0; i < 3 * plane; ++i) {
            const auto pixel = static_cast<uint8_t>(records.at(image * record_bytes + 1 + i));
            input.push_back(float_normalised(pixel, spec.preprocessing->mean[i / plane],
                                             spec.preprocessing->stddev[i / plane]));
        }
        const ReferenceTensor output = run_reference(network, weights, input);
        REQUIRE(output.size() == 10);
        for (size_t k = 0; k < 10; ++k) {
            const double truth = expected.at(image * 10 + k);
            error = std::max(error, std::fabs(output[k] - truth));
            largest = std::max(largest, std::fabs(truth));
        }
    }
    return error / largest;
}

void check_cifar(const std::string& spec_name, int images) {
    const auto weights =
        resnetc_test::data_file("cifar10/" + spec_name + "/" + spec_name + ".safetensors");
    const auto bin = resnetc_test::data_file("cifar10/test500.bin");
    const auto logits =
        resnetc_test::data_file("cifar10/" + spec_name + "/logits_ref_f64_test500.npy");
    if (!weights || !bin || !logits) {
        return;
    }
    const double error = cifar_error(spec_name, *weights, *bin, *logits, images);
    INFO("largest error relative to the largest logit: " << error);
    CHECK(error < 1e-12);
}

} // namespace

TEST_CASE("reference: a 3x3 convolution by hand", "[reference]") {
    Layer layer = make_layer(LayerKind::conv, {1, 1, 3, 3}, {1, 1, 3, 3});
    layer.window = {3, 1, {1, 1, 1, 1}, false};
    // Sums of each pixel's neighbourhood of 1...9.
    const Weights ones = {{"l.weight", std::vector<float>(9, 1.0F)}};
    CHECK(run(layer, counting(9), ones) == ReferenceTensor{12, 21, 16, 27, 45, 33, 24, 39, 28});
    // The left neighbour alone, plus a bias.
    layer.bias = true;
    const Weights left = {{"l.weight", {0, 0, 0, 1, 0, 0, 0, 0, 0}}, {"l.bias", {0.5F}}};
    CHECK(run(layer, counting(9), left) ==
          ReferenceTensor{0.5, 1.5, 2.5, 0.5, 4.5, 5.5, 0.5, 7.5, 8.5});
}

TEST_CASE("reference: a 1x1 convolution mixes channels", "[reference]") {
    const Layer layer = make_layer(LayerKind::conv, {2, 2, 1, 2}, {2, 3, 1, 2});
    const Weights weights = {{"l.weight", {1, 0, 0, 1, 10, 100}}};
    CHECK(run(layer, counting(8), weights) ==
          ReferenceTensor{1, 2, 3, 4, 310, 420, 5, 6, 7, 8, 750, 860});
}

TEST_CASE("reference: TensorFlow's asymmetric padding at stride 2", "[reference]") {
    Layer layer = make_layer(LayerKind::conv, {1, 1, 4, 4}, {1, 1, 2, 2});
    layer.window = {3, 2, {0, 0, 1, 1}, false};
    const Weights ones = {{"l.weight", std::vector<float>(9, 1.0F)}};
    CHECK(run(layer, counting(16), ones) == ReferenceTensor{54, 45, 72, 54});
}

TEST_CASE("reference: convolutions of every geometry meet the definition", "[reference]") {
    uint32_t seed = 1;
    const auto small = [&] { // -4...4
        seed = seed * 1664525 + 1013904223;
        return static_cast<int>(seed >> 16) % 9 - 4;
    };
    for (const int kernel : {1, 2, 3, 5, 7}) {
        for (const int stride : {1, 2, 3}) {
            for (const int groups : {1, 2, 4}) {
                for (const Padding padding : {Padding{}, Padding{1, 1, 1, 1}, Padding{0, 0, 1, 1},
                                              Padding{3, 0, 2, 4}, Padding{6, 6, 6, 6}}) {
                    Layer layer = make_layer(LayerKind::conv, {2, 4, 7, 10}, {});
                    layer.window = {kernel, stride, padding, false};
                    layer.groups = groups;
                    layer.output = {
                        2, 8, window_positions(7, padding.top, padding.bottom, kernel, stride),
                        window_positions(10, padding.left, padding.right, kernel, stride)};
                    ReferenceTensor input(2 * 4 * 7 * 10);
                    std::ranges::generate(input, small);
                    std::vector<float> weight(
                        static_cast<size_t>(8 * 4 / groups * kernel * kernel));
                    std::ranges::generate(weight, [&] { return static_cast<float>(small()); });
                    INFO(kernel << " stride " << stride << " groups " << groups);
                    CHECK(run(layer, input, {{"l.weight", weight}}) ==
                          naive_conv(layer, input, weight));
                }
            }
        }
    }
}

TEST_CASE("reference: batch norm", "[reference]") {
    Layer layer = make_layer(LayerKind::batch_norm, {1, 2, 1, 2}, {1, 2, 1, 2});
    layer.eps = 1.0;
    const Weights weights = {{"l.weight", {2, 3}},
                             {"l.bias", {10, -1}},
                             {"l.running_mean", {1, 2}},
                             {"l.running_var", {3, 8}}};
    CHECK(run(layer, {1, 5, 2, 8}, weights) == ReferenceTensor{10, 14, -1, 5});
}

TEST_CASE("reference: relu, add", "[reference]") {
    const Layer layer = make_layer(LayerKind::relu, {1, 1, 1, 3}, {1, 1, 1, 3});
    CHECK(run(layer, {-1.5, 0, 2.5}) == ReferenceTensor{0, 0, 2.5});
    CHECK(std::isnan(run(layer, {NAN, 0, 0})[0]));
    const Layer add = make_layer(LayerKind::add, {1, 1, 1, 3}, {1, 1, 1, 3});
    const ReferenceTensor a = {1, 2, 3};
    const ReferenceTensor b = {0.5, -2, 10};
    CHECK(reference_layer(add, {&a, &b}, {}) == ReferenceTensor{1.5, 0, 13});
}

TEST_CASE("reference: max pool ignores its padding", "[reference]") {
    Layer layer = make_layer(LayerKind::max_pool, {1, 2, 4, 4}, {1, 2, 2, 2});
    layer.window = {3, 2, {1, 1, 1, 1}, false};
    ReferenceTensor input = counting(16);
    for (int i = 1; i <= 16; ++i) {
        input.push_back(-i);
    }
    CHECK(run(layer, input) == ReferenceTensor{6, 8, 14, 16, -1, -2, -5, -6});
}

TEST_CASE("reference: average pool counts neither padding nor overhang", "[reference]") {
    Layer layer = make_layer(LayerKind::avg_pool, {1, 1, 3, 3}, {1, 1, 2, 2});
    layer.window = {2, 2, {}, true}; // ResNet-D on an odd map
    CHECK(run(layer, counting(9)) == ReferenceTensor{3, 4.5, 7.5, 9});
    layer.window = {3, 2, {1, 1, 1, 1}, false};
    CHECK(run(layer, counting(9)) == ReferenceTensor{3, 4, 6, 7});
}

TEST_CASE("reference: option A takes every second pixel and pads channels", "[reference]") {
    Layer layer = make_layer(LayerKind::pad_channels, {2, 1, 3, 4}, {2, 3, 2, 2});
    layer.window.stride = 2;
    layer.channels_before = 1;
    CHECK(run(layer, counting(24)) == ReferenceTensor{0, 0, 0, 0, 1,  3,  9,  11, 0, 0, 0, 0,
                                                      0, 0, 0, 0, 13, 15, 21, 23, 0, 0, 0, 0});
}

TEST_CASE("reference: global average pool, fc, softmax", "[reference]") {
    const Layer pool = make_layer(LayerKind::global_avg_pool, {2, 2, 1, 2}, {2, 2, 1, 1});
    CHECK(run(pool, counting(8)) == ReferenceTensor{1.5, 3.5, 5.5, 7.5});

    Layer fc = make_layer(LayerKind::fc, {2, 2, 1, 1}, {2, 3, 1, 1});
    fc.bias = true;
    const Weights weights = {{"l.weight", {1, 0, 0, 1, 1, -1}}, {"l.bias", {0, 0.5F, 100}}};
    CHECK(run(fc, {1, 2, 3, 4}, weights) == ReferenceTensor{1, 2.5, 99, 3, 4.5, 99});

    const Layer softmax = make_layer(LayerKind::softmax, {2, 2, 1, 1}, {2, 2, 1, 1});
    const ReferenceTensor p = run(softmax, {0, std::log(3.0), 1000, 1000});
    CHECK(p[0] == Approx(0.25).epsilon(1e-15));
    CHECK(p[1] == Approx(0.75).epsilon(1e-15));
    CHECK(p[2] == 0.5);
    CHECK(p[3] == 0.5);
}

TEST_CASE("reference: a graph with a residual, and what is visited", "[reference]") {
    Network network;
    network.input = {1, 1, 1, 2};
    for (const LayerKind kind : {LayerKind::relu, LayerKind::relu, LayerKind::add}) {
        network.layers.push_back(make_layer(kind, network.input, network.input));
    }
    network.layers[1].inputs = {0};
    network.layers[2].inputs = {1, kNetworkInput};
    std::vector<std::pair<int, ReferenceTensor>> visited;
    const ReferenceTensor output =
        run_reference(network, {}, {-1, 2}, [&](int layer, const ReferenceTensor& values) {
            visited.emplace_back(layer, values);
        });
    CHECK(output == ReferenceTensor{-1, 4});
    REQUIRE(visited.size() == 3);
    CHECK(visited[0] == std::pair(0, ReferenceTensor{0, 2}));
    CHECK(visited[1] == std::pair(1, ReferenceTensor{0, 2}));
    CHECK(visited[2] == std::pair(2, ReferenceTensor{-1, 4}));
}

TEST_CASE("reference: pixels to the network's input", "[reference]") {
    PreprocessingSpec preprocessing;
    preprocessing.scale = 2;
    preprocessing.mean = {1, 2, 3};
    preprocessing.stddev = {1, 2, 4};
    const std::vector<uint8_t> pixels = {2, 4, 6, 200, 100, 255}; // two RGB pixels
    const Shape shape = {1, 3, 1, 2};
    CHECK(normalise_pixels(preprocessing, shape, pixels) ==
          ReferenceTensor{0, 99, 0, 24, 0, 31.125});
    preprocessing.colour = ColourOrder::bgr; // the pixels come in the network's order already
    CHECK(normalise_pixels(preprocessing, shape, pixels) ==
          ReferenceTensor{0, 99, 0, 24, 0, 31.125});
    preprocessing.colour = ColourOrder::grey;
    preprocessing.mean = {1};
    preprocessing.stddev = {0.5};
    CHECK(normalise_pixels(preprocessing, {2, 1, 1, 2}, std::vector<uint8_t>{0, 2, 4, 6}) ==
          ReferenceTensor{-2, 0, 2, 4});
}

TEST_CASE("reference: ResNet-20 option A against PyTorch in double", "[reference][data]") {
    check_cifar("resnet20", 50);
}

TEST_CASE("reference: ResNet-20 projection against PyTorch in double", "[reference][data]") {
    check_cifar("resnet20_projection", 50);
}

TEST_CASE("reference: all 500 images through both ResNet-20", "[reference][data][slow]") {
    check_cifar("resnet20", 500);
    check_cifar("resnet20_projection", 500);
}
