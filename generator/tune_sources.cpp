#include "tune_sources.h"

#include <filesystem>

namespace resnetc {
namespace {

constexpr std::string_view kParameter = "GeneratorParam<";

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
        text.replace(at, from.size(), to);
        at += to.size();
    }
}

// What the compiler sees of a line.
std::string without_comment(const std::string& line) {
    return line.substr(0, line.find("//"));
}

// The default of a line such as `GeneratorParam<int> tile_x{"tile_x", 7};`: where it stands.
struct Default {
    std::string name;
    size_t begin = 0;
    size_t length = 0;
};

Default find_default(const std::string& line) {
    Default found;
    const size_t quote = line.find("{\"");
    const size_t comma = line.find("\", ", quote);
    const size_t end = line.find("};", comma);
    if (line.find(kParameter) == std::string::npos || end == std::string::npos) {
        return found;
    }
    found.name = line.substr(quote + 2, comma - quote - 2);
    found.begin = comma + 3;
    found.length = end - found.begin;
    return found;
}

} // namespace

PipelineJob GeneratorSources::add(const EmittedFile& file, std::vector<std::string>& added) {
    PipelineJob job;
    job.function = std::filesystem::path(file.path).stem().string();
    std::string common;
    for (size_t begin = 0; begin < file.bytes.size();) {
        const size_t end = std::min(file.bytes.find('\n', begin), file.bytes.size());
        std::string line = without_comment(file.bytes.substr(begin, end - begin));
        const Default parameter = find_default(line);
        if (!parameter.name.empty()) {
            job.parameters.push_back(parameter.name + "=" +
                                     line.substr(parameter.begin, parameter.length));
            line.erase(parameter.begin, parameter.length);
        }
        common += line + "\n";
        begin = end + 1;
    }
    replace_all(common, job.function, "");
    const auto [known, is_new] =
        name_of_text_.emplace(common, "g" + std::to_string(name_of_text_.size()));
    job.generator = known->second;
    if (is_new) {
        std::string text = file.bytes;
        replace_all(text, job.function, job.generator);
        added.push_back(text);
    }
    return job;
}

} // namespace resnetc
