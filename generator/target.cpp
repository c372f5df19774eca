#include "target.h"

#include "embedded_files.h"
#include "file_io.h"
#include "fused_graph.h"
#include "host_cpu.h"
#include "yaml_tree.h"

#include <algorithm>
#include <filesystem>

namespace resnetc {
namespace {

constexpr std::string_view kFolder = "specs/targets/";

// The shipped targets; those that `host` prefers first.
std::vector<Target> shipped_targets() {
    std::vector<Target> targets;
    for (const std::string_view name : embedded_file_names()) {
        if (name.starts_with(kFolder)) {
            targets.push_back(parse_target({std::string(name), std::string(embedded_file(name))}));
        }
    }
    std::stable_sort(targets.begin(), targets.end(), [](const Target& a, const Target& b) {
        return a.host.priority > b.host.priority;
    });
    return targets;
}

bool matches(const Target& target, const HostCpu& cpu) {
    const auto has = [&](const std::string& feature) {
        return std::find(cpu.features.begin(), cpu.features.end(), feature) != cpu.features.end();
    };
    return architecture(target) == cpu.architecture &&
           (target.host.vendor.empty() || target.host.vendor == cpu.vendor) &&
           std::all_of(target.host.features.begin(), target.host.features.end(), has);
}

Target best_for_host() {
    const HostCpu cpu = host_cpu();
    for (Target& target : shipped_targets()) {
        if (target.host.priority > 0 && matches(target, cpu)) {
            return std::move(target);
        }
    }
    fail("", "no target matches this machine, expected an x86-64 or a 64-bit ARM processor",
         "name one with --target");
}

} // namespace

int registers_per_block(const Target& target) {
    return kChannelBlock / target.vector_floats;
}

std::string architecture(const Target& target) {
    const size_t bits = target.halide.find('-') + 1;
    return target.halide.substr(0, target.halide.find('-', bits));
}

bool is_target_file(const std::string& name) {
    return name.ends_with(".yaml") || name.ends_with(".yml") || name.find('/') != std::string::npos;
}

bool runs_here(const Target& target) {
    return matches(target, host_cpu());
}

bool needs_cross_compiler(const Target& target) {
    return architecture(target) != host_cpu().architecture;
}

std::vector<std::string> target_names() {
    std::vector<std::string> names;
    for (const Target& target : shipped_targets()) {
        names.push_back(target.name);
    }
    return names;
}

Target find_target(const std::string& name) {
    if (name == "host") {
        return best_for_host();
    }
    if (is_target_file(name)) {
        Target target = parse_target({name, read_file(name, kYamlSizeLimit)});
        target.file = std::filesystem::path(name).filename().string();
        return target;
    }
    std::string known = "host";
    for (Target& target : shipped_targets()) {
        if (target.name == name) {
            return std::move(target);
        }
        known += ", " + target.name;
    }
    fail("", "unknown target '" + name + "', expected one of " + known + ", or a .yaml file",
         did_you_mean(name, target_names()));
}

} // namespace resnetc
