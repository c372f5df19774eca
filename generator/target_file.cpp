// Reader of specs/targets/*.yaml.
#include "host_cpu.h"
#include "target.h"
#include "yaml_values.h"

#include <algorithm>
#include <filesystem>

namespace resnetc {
namespace {

constexpr size_t kNameBytes = 64;
constexpr size_t kTextBytes = 1000;
constexpr IntRange kRegisters{8, 64};
constexpr IntRange kCacheBytes{0, 1 << 30};
constexpr IntRange kCores{1, 1024};
constexpr IntRange kPriority{1, 1000};
constexpr IntRange kFeatures{0, 32};
constexpr RealRange kPerCycle{0.25, 16};
constexpr RealRange kLatency{1, 32};
constexpr RealRange kStream{1, 256};

bool only_holds(const std::string& text, const std::string& more) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               more.find(c) != std::string::npos;
    });
}

// A required text of these characters, or "".
std::string read_id(Diagnostics& diagnostics, const MapReader& root, const std::string& key,
                    const std::string& what, const std::string& more) {
    if (root.require(key, what) == nullptr) {
        return "";
    }
    const Located<std::string> text = root.text(key, kTextBytes);
    if (!text.value.empty() && only_holds(text.value, more)) {
        return text.value;
    }
    if (text.value.empty() && root.find(key)->kind != YamlKind::quoted) {
        return ""; // refused already
    }
    diagnostics.error(text.where, root.path_of(key) + " is '" + text.value + "', expected " + what);
    return "";
}

void read_name(Diagnostics& diagnostics, const MapReader& root, Target& target) {
    target.name = read_id(diagnostics, root, "name",
                          "lower-case letters, digits and - _ . as in the file's name", "-_.");
    const std::string stem = std::filesystem::path(diagnostics.file().path).stem().string();
    const SourceLocation where =
        root.find("name") != nullptr ? root.find("name")->where : SourceLocation{};
    if (target.name.size() > kNameBytes) {
        diagnostics.error(where, "name is " + std::to_string(target.name.size()) +
                                     " bytes long, expected at most " + std::to_string(kNameBytes));
    } else if (!target.name.empty() && target.name != stem) {
        diagnostics.error(where,
                          "name is '" + target.name + "', expected the file's name, '" + stem + "'",
                          "rename the file to " + target.name + ".yaml, or write name: " + stem);
    } else if (target.name == "host") {
        diagnostics.error(where, "name is 'host', expected another: it stands for this machine");
    }
}

// The parts between the dashes of a Halide target string.
std::vector<std::string> parts_of(const std::string& text) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == '-') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

void read_halide(Diagnostics& diagnostics, const MapReader& root, Target& target) {
    target.halide = read_id(diagnostics, root, "halide",
                            "a Halide target string such as x86-64-linux-avx2", "-_");
    if (target.halide.empty()) {
        return;
    }
    const SourceLocation where = root.find("halide")->where;
    const std::vector<std::string> parts = parts_of(target.halide);
    if (parts.size() < 3 || parts[0] == "host" || (parts[1] != "32" && parts[1] != "64")) {
        diagnostics.error(where, "halide is '" + target.halide +
                                     "', expected architecture, bits and system, such as "
                                     "x86-64-linux, then features");
        return;
    }
    for (const char* added : {"no_runtime", "no_asserts", "no_bounds_query"}) {
        if (std::find(parts.begin(), parts.end(), added) != parts.end()) {
            diagnostics.error(where, std::string("halide has the feature ") + added +
                                         ", expected none that resnetc adds itself");
        }
    }
}

void read_vector(Diagnostics& diagnostics, const MapReader& root, Target& target) {
    const YamlNode* node = root.require("vector", "a map with the keys floats, registers, fma");
    if (node == nullptr) {
        return;
    }
    const MapReader vector(diagnostics, *node, "vector", {"floats", "registers", "fma"});
    vector.require("floats", "4, 8 or 16");
    vector.require("registers", "the number of vector registers");
    target.vector_floats =
        vector.word<int>("floats", target.vector_floats, {{"4", 4}, {"8", 8}, {"16", 16}}).value;
    target.vector_registers =
        vector.integer("registers", target.vector_registers, kRegisters).value;
    target.fma = vector.boolean("fma", true).value;
}

void read_core(Diagnostics& diagnostics, const MapReader& root, Target& target) {
    const YamlNode* node = root.find("core");
    if (node == nullptr) {
        return;
    }
    const MapReader core(
        diagnostics, *node, "core",
        {"fma_per_cycle", "fma_latency", "loads_per_cycle", "stream_bytes_per_cycle"});
    CoreModel& c = target.core;
    c.fma_per_cycle = core.real("fma_per_cycle", c.fma_per_cycle, kPerCycle).value;
    c.fma_latency = core.real("fma_latency", c.fma_latency, kLatency).value;
    c.loads_per_cycle = core.real("loads_per_cycle", c.loads_per_cycle, kPerCycle).value;
    c.stream_bytes_per_cycle =
        core.real("stream_bytes_per_cycle", c.stream_bytes_per_cycle, kStream).value;
}

void read_caches(Diagnostics& diagnostics, const MapReader& root, Target& target) {
    const YamlNode* node = root.require("caches", "a map with the keys l1d, l2, l3, in bytes");
    if (node == nullptr) {
        return;
    }
    const MapReader caches(diagnostics, *node, "caches", {"l1d", "l2", "l3"});
    caches.require("l1d", "the bytes of a core's first-level data cache");
    target.caches.l1d = caches.integer("l1d", 0, kCacheBytes).value;
    target.caches.l2 = caches.integer("l2", 0, kCacheBytes).value;
    target.caches.l3 = caches.integer("l3", 0, kCacheBytes).value;
}

void read_features(Diagnostics& diagnostics, const MapReader& host, HostMatch& match) {
    const YamlNode* node = host.find("features");
    if (node == nullptr) {
        return;
    }
    if (node->kind != YamlKind::sequence ||
        node->items.size() > static_cast<size_t>(kFeatures.max)) {
        refuse_value(diagnostics, *node, "host.features", "a list of at most 32 words",
                     node->kind == YamlKind::plain ? "write [" + node->text + "]" : "");
        return;
    }
    for (const YamlNode& item : node->items) {
        const std::string what = "host.features[" + std::to_string(match.features.size()) + "]";
        const auto index = read_word(diagnostics, item, what, known_cpu_features());
        match.features.push_back(index ? known_cpu_features()[*index] : "");
    }
}

void read_host(Diagnostics& diagnostics, const MapReader& root, Target& target) {
    const YamlNode* node = root.find("host");
    if (node == nullptr) {
        return;
    }
    const MapReader host(diagnostics, *node, "host", {"priority", "vendor", "features"});
    host.require("priority", "a number: of several targets that fit, host is the highest");
    target.host.priority = host.integer("priority", 0, kPriority).value;
    target.host.vendor =
        host.word<std::string>("vendor", "", {{"amd", "amd"}, {"intel", "intel"}}).value;
    read_features(diagnostics, host, target.host);
}

void read_root(Diagnostics& diagnostics, const YamlNode& node, Target& target) {
    const MapReader root(diagnostics, node, "",
                         {"version", "name", "description", "halide", "triple", "vector", "core",
                          "caches", "cores", "host"});
    if (node.kind != YamlKind::map) {
        return;
    }
    const YamlNode* version = root.require("version", "version: 1");
    if (version != nullptr && !is_word(*version, "1")) {
        refuse_value(diagnostics, *version, "version", "1");
    }
    read_name(diagnostics, root, target);
    root.text("description", kTextBytes);
    read_halide(diagnostics, root, target);
    target.triple = read_id(diagnostics, root, "triple",
                            "the prefix of the C compiler such as aarch64-linux-gnu", "-_.");
    read_vector(diagnostics, root, target);
    read_core(diagnostics, root, target);
    read_caches(diagnostics, root, target);
    target.cores = root.integer("cores", 1, kCores).value;
    read_host(diagnostics, root, target);
}

} // namespace

Target parse_target(SourceFile file) {
    Target target;
    Diagnostics diagnostics(std::move(file));
    if (const auto root = read_yaml(diagnostics)) {
        read_root(diagnostics, *root, target);
    }
    diagnostics.throw_if_any();
    return target;
}

} // namespace resnetc
