// Fusion: what ResNet-18 becomes (tests/golden/resnet18_fused.txt), and what must never be fused.
#include "fused_graph.h"

#include "support/shipped_specs.h"

#include "file_io.h"
#include "network.h"
#include "spec.h"

#include "catch.h"

#include <algorithm>
#include <set>

using namespace resnetc;
using namespace resnetc_test;

namespace {

Network network_of(const std::string& path) {
    return build_network(load_spec(path));
}

bool has_kind(const FusedGraph& graph, OpKind kind) {
    return std::any_of(graph.ops.begin(), graph.ops.end(),
                       [&](const Op& op) { return op.kind == kind; });
}

// Layers that vanish into the op of a convolution before them.
bool is_fused(LayerKind kind) {
    return kind == LayerKind::batch_norm || kind == LayerKind::relu || kind == LayerKind::add;
}

} // namespace

TEST_CASE("resnet18 fuses into the ops of the golden dump") {
    const std::string golden = std::string(RESNETC_SOURCE_DIR) + "/tests/golden/resnet18_fused.txt";
    CHECK(dump(fuse(network_of(shipped_spec("resnet18")))) == read_file(golden, 1 << 20));
}

TEST_CASE("fusion loses no layer and reads no tensor before it is written") {
    for (const std::string& path : shipped_specs()) {
        INFO(path);
        const Network network = network_of(path);
        const FusedGraph graph = fuse(network);
        const auto kept = std::count_if(network.layers.begin(), network.layers.end(),
                                        [](const Layer& layer) { return !is_fused(layer.kind); });
        const bool packs = has_kind(graph, OpKind::pack);
        const bool unpacks = has_kind(graph, OpKind::unpack);
        CHECK(static_cast<long>(graph.ops.size()) == kept + (packs ? 1 : 0) + (unpacks ? 1 : 0));
        CHECK(packs == !has_kind(graph, OpKind::stem));
        CHECK(unpacks == (graph.output < 0));

        std::set<int> written;
        std::set<int> last_layers;
        for (const Op& op : graph.ops) {
            INFO(op.name);
            for (const int tensor : {op.input, op.residual}) {
                CHECK((tensor < 0 || written.count(tensor) == 1));
            }
            for (const int tensor : {op.packed, op.output}) {
                CHECK((tensor < 0 || written.insert(tensor).second));
            }
            if (op.output >= 0) {
                const Tensor& out = graph.tensors[static_cast<size_t>(op.output)];
                CHECK(out.shape == op.output_shape);
                CHECK(last_layers.insert(out.layer).second);
            }
        }
        CHECK(written.size() == graph.tensors.size());
    }
}

TEST_CASE("every batch norm is folded, every addition and ReLU rides in an epilogue") {
    for (const std::string& path : shipped_specs()) {
        INFO(path);
        const Network network = network_of(path);
        const FusedGraph graph = fuse(network);
        const auto layers = [&](LayerKind kind) {
            return std::count_if(network.layers.begin(), network.layers.end(),
                                 [&](const Layer& layer) { return layer.kind == kind; });
        };
        const auto ops = [&](auto property) {
            return std::count_if(graph.ops.begin(), graph.ops.end(), property);
        };
        CHECK(ops([](const Op& op) { return op.batch_norm_layer >= 0; }) ==
              layers(LayerKind::batch_norm));
        CHECK(ops([](const Op& op) { return op.residual >= 0; }) == layers(LayerKind::add));
        CHECK(ops([](const Op& op) { return op.relu; }) == layers(LayerKind::relu));
    }
}
