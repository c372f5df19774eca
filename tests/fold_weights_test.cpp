// Folding batch norm into the convolution, against the reference's separate layers and by hand.
#include "fused_graph.h"

#include "reference.h"

#include "catch.h"

using namespace resnetc;

namespace {

// conv1 (3 -> 4, 1x1, no bias), bn1 (eps 1), fc (4 -> 2).
Network small_network() {
    Network network;
    network.input = {1, 3, 2, 2};
    network.layers.resize(3);
    Layer& conv = network.layers[0];
    conv.kind = LayerKind::conv;
    conv.name = "conv1";
    conv.input = network.input;
    conv.output = {1, 4, 2, 2};
    Layer& norm = network.layers[1];
    norm.kind = LayerKind::batch_norm;
    norm.name = "bn1";
    norm.input = norm.output = conv.output;
    norm.eps = 1.0;
    Layer& fc = network.layers[2];
    fc.kind = LayerKind::fc;
    fc.name = "fc";
    fc.input = {1, 4, 1, 1};
    fc.output = {1, 2, 1, 1};
    fc.bias = true;
    return network;
}

Weights hand_weights() {
    const std::vector<float> ones(4, 1.0F);
    return {{"conv1.weight", std::vector<float>(12, 1.0F)},
            {"bn1.weight", {2, 2, 2, 2}},
            {"bn1.bias", ones},
            {"bn1.running_mean", ones},
            {"bn1.running_var", {3, 3, 3, 3}},
            {"fc.weight", std::vector<float>(8, 1.0F)},
            {"fc.bias", {0.5F, -1}}};
}

} // namespace

TEST_CASE("fold_weights: convolution and batch norm become one convolution", "[fold]") {
    Network network = small_network();
    network.layers[0].bias = true;
    const Weights weights = random_weights(network, 5);
    const ReferenceTensor input = {1, -2, 3, 0.5, 2, 2, -1, 0, 4, -3, 0.25, 1};
    const ReferenceTensor map = reference_layer(network.layers[0], {&input}, weights);
    const ReferenceTensor unfolded = reference_layer(network.layers[1], {&map}, weights);
    Op op;
    op.conv_layer = 0;
    op.batch_norm_layer = 1;
    const FoldedWeights folded = fold_weights(network, op, weights);
    REQUIRE(folded.weight.size() == 12);
    REQUIRE(folded.bias.size() == 4);
    for (size_t o = 0; o < 4; ++o) {
        for (size_t p = 0; p < 4; ++p) {
            double sum = folded.bias[o];
            for (size_t c = 0; c < 3; ++c) {
                sum += folded.weight[o * 3 + c] * input[c * 4 + p];
            }
            CHECK(sum == Approx(unfolded[o * 4 + p]).epsilon(1e-14));
        }
    }
}

TEST_CASE("fold_weights: by hand, without batch norm, without weights", "[fold]") {
    const Network network = small_network();
    const Weights weights = hand_weights();
    Op op;
    op.conv_layer = 0;
    op.batch_norm_layer = 1; // gamma 2, beta 1, mean 1, var 3, eps 1: scale 1, bias 1 - 1
    FoldedWeights folded = fold_weights(network, op, weights);
    CHECK(folded.weight == std::vector<double>(12, 1.0));
    CHECK(folded.bias == std::vector<double>(4, 0.0));
    op.batch_norm_layer = -1;
    folded = fold_weights(network, op, weights);
    CHECK(folded.weight == std::vector<double>(12, 1.0));
    CHECK(folded.bias == std::vector<double>(4, 0.0));
    op.conv_layer = 2; // fc
    folded = fold_weights(network, op, weights);
    CHECK(folded.weight == std::vector<double>(8, 1.0));
    CHECK(folded.bias == std::vector<double>{0.5, -1});
    op.conv_layer = -1;
    folded = fold_weights(network, op, weights);
    CHECK(folded.weight.empty());
    CHECK(folded.bias.empty());
}
