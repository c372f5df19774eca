// Fuzz target: the reader of specs; of an accepted one the network, and its rules on tensor names.
#include "spec.h"
#include "fuzz_reader.h"
#include "naming.h"
#include "network.h"

using namespace resnetc_fuzz;

namespace {

// The path under which the spec's name is right, so that the mutation of any shipped spec gets past
// that check.
std::string path_of(const std::string& text) {
    constexpr std::string_view key = "\nname: ";
    const size_t at = text.find(key);
    if (at == std::string::npos) {
        return "net.yaml";
    }
    const size_t begin = at + key.size();
    const std::string name = text.substr(begin, text.find_first_of(" \n#", begin) - begin);
    return (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos
                ? name
                : "net") +
           ".yaml";
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string text = own_copy(data, size);
    read_or_refuse([&] {
        const resnetc::Spec spec = resnetc::parse_spec({path_of(text), text});
        const resnetc::Network network = resnetc::build_network(spec);
        require(!network.layers.empty());
        require(network.params >= 0 && network.macs >= 0);
        const std::vector<std::string> names = {"module.layer1.0.conv1.weight",
                                                "module." + std::string(60, 'a')};
        require(resnetc::canonical_names(names, spec.checkpoint).size() == names.size());
    });
    return 0;
}
