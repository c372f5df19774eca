// Checkpoints for tests: a network's weights as a safetensors file.
#pragma once

#include "checkpoint.h"
#include "network.h"

#include <cstring>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

namespace resnetc_test {

// Writes the parameters of `network` in F32 under their canonical names.
inline void write_safetensors(const std::string& path, const resnetc::Network& network,
                              const resnetc::Weights& weights) {
    nlohmann::ordered_json header;
    std::string data;
    for (const resnetc::ParameterInfo& parameter : resnetc::network_parameters(network)) {
        const std::vector<float>& values = weights.at(parameter.name);
        const size_t begin = data.size();
        data.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
        header[parameter.name] = {
            {"dtype", "F32"}, {"shape", parameter.shape}, {"data_offsets", {begin, data.size()}}};
    }
    const std::string text = header.dump();
    uint64_t length = text.size();
    std::string prefix(sizeof length, '\0');
    std::memcpy(prefix.data(), &length, sizeof length);
    std::ofstream(path, std::ios::binary) << prefix << text << data;
}

} // namespace resnetc_test
