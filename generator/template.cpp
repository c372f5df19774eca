#include "template.h"

#include <kainjow/mustache.hpp>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace resnetc {
namespace {

using Json = nlohmann::ordered_json;
namespace mustache = kainjow::mustache;

constexpr std::string_view kOpen = "<%";
constexpr std::string_view kClose = "%>";

struct Tag {
    char kind = 'v'; // 'v' variable, '#', '^', '/', '!'
    std::string key;
    int line = 1;
};

[[noreturn]] void reject(std::string_view name, int line, const std::string& what) {
    throw std::logic_error(std::string(name) + ":" + std::to_string(line) + ": error: " + what);
}

std::string trim(std::string_view text) {
    const size_t begin = text.find_first_not_of(" \t\n");
    if (begin == std::string_view::npos) {
        return "";
    }
    return std::string(text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1));
}

std::vector<Tag> find_tags(std::string_view name, std::string_view text) {
    std::vector<Tag> tags;
    int line = 1;
    size_t counted = 0;
    for (size_t at = text.find(kOpen); at != std::string_view::npos;) {
        line += static_cast<int>(std::count(text.begin() + static_cast<long>(counted),
                                            text.begin() + static_cast<long>(at), '\n'));
        counted = at;
        const size_t end = text.find(kClose, at);
        if (end == std::string_view::npos) {
            reject(name, line, "tag is not closed, expected '%>'");
        }
        std::string key = trim(text.substr(at + kOpen.size(), end - at - kOpen.size()));
        Tag tag{.kind = 'v', .key = key, .line = line};
        if (!key.empty() && std::string_view("#^/!").find(key[0]) != std::string_view::npos) {
            tag.kind = key[0];
            tag.key = trim(std::string_view(key).substr(1));
        }
        tags.push_back(std::move(tag));
        at = text.find(kOpen, end);
    }
    return tags;
}

// Walks the template's tags over the data as the renderer will.
class Checker {
public:
    Checker(std::string_view name, const std::vector<Tag>& tags) : name_(name), tags_(tags) {}

    void check(const Json& data) {
        std::vector<const Json*> stack{&data};
        walk(0, stack, nullptr);
        reject_unused(data);
    }

private:
    // Checks from tag `i` on until the section that `open` opens closes, or to the end if that is
    // null; returns the index of the closing tag.
    size_t walk(size_t i, std::vector<const Json*>& stack, const Tag* open) {
        for (; i < tags_.size(); ++i) {
            const Tag& tag = tags_[i];
            if (tag.kind == '!') {
                continue;
            }
            if (tag.kind == '/') {
                if (open == nullptr || tag.key != open->key) {
                    reject(name_, tag.line, "'/" + tag.key + "' closes no section");
                }
                return i;
            }
            const Json& value = find(tag, stack);
            if (tag.kind == 'v') {
                if (value.is_structured()) {
                    reject(name_, tag.line, "'" + tag.key + "' is a section, expected a value");
                }
                continue;
            }
            i = walk_section(i, value, stack);
        }
        if (open != nullptr) {
            reject(name_, open->line, "section '" + open->key + "' is not closed");
        }
        return i;
    }

    // The body is checked once for every element that the renderer will show it with, and once with
    // the surrounding data alone if there is none, so that its end is found.
    size_t walk_section(size_t i, const Json& value, std::vector<const Json*>& stack) {
        const Tag* open = &tags_[i];
        size_t end = i;
        if (tags_[i].kind == '#' && value.is_array() && !value.empty()) {
            for (const Json& element : value) {
                stack.push_back(&element);
                end = walk(i + 1, stack, open);
                stack.pop_back();
            }
            return end;
        }
        if (tags_[i].kind == '#' && value.is_object()) {
            stack.push_back(&value);
            end = walk(i + 1, stack, open);
            stack.pop_back();
            return end;
        }
        if (!value.is_boolean() && !value.is_structured()) {
            reject(name_, open->line, "'" + open->key + "' is a value, expected a section");
        }
        const bool truth = value.is_boolean() ? value.get<bool>() : !value.empty();
        const bool shown = (open->kind == '#') == truth;
        return shown ? walk(i + 1, stack, open) : skip(i);
    }

    // The closing tag of the section that opens at tag `i`, whose body is not rendered.
    size_t skip(size_t i) const {
        int depth = 0;
        for (size_t j = i; j < tags_.size(); ++j) {
            depth += tags_[j].kind == '#' || tags_[j].kind == '^' ? 1 : 0;
            depth -= tags_[j].kind == '/' ? 1 : 0;
            if (depth == 0) {
                return j;
            }
        }
        reject(name_, tags_[i].line, "section '" + tags_[i].key + "' is not closed");
    }

    const Json& find(const Tag& tag, const std::vector<const Json*>& stack) {
        for (size_t depth = stack.size(); depth > 0; --depth) {
            const Json& level = *stack[depth - 1];
            const auto found = level.find(tag.key);
            if (level.is_object() && found != level.end()) {
                return *found;
            }
        }
        std::string known;
        for (const Json* level : stack) {
            for (const auto& [key, unused] : level->items()) {
                known += (known.empty() ? "" : ", ") + key;
            }
        }
        reject(name_, tag.line, "unknown key '" + tag.key + "', expected one of " + known);
    }

    bool mentions(const std::string& key) const {
        return std::any_of(tags_.begin(), tags_.end(),
                           [&](const Tag& tag) { return tag.key == key; });
    }

    // Keys of a section's elements too. One that only a section not shown this time uses is fine.
    void reject_unused(const Json& data) const {
        for (const auto& [key, value] : data.items()) {
            if (!mentions(key)) {
                reject(name_, 1, "key '" + key + "' is given but not used");
            }
            for (const Json& element : value.is_array() ? value : Json::array()) {
                reject_unused(element);
            }
        }
    }

    std::string_view name_;
    const std::vector<Tag>& tags_;
};

// Behind a tag that had a line of its own, so that the library sees no such line; taken out in the
// end.
constexpr char kMark = '\x01';

// Removes the line around a section tag or comment that stands alone on it: Mustache's "standalone
// tags", for which the library leaves an empty line too many here and one too few there.
std::string remove_tag_lines(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        const std::string line = trim(text.substr(0, end));
        const bool alone =
            line.starts_with(kOpen) && line.size() > kOpen.size() &&
            std::string_view("#^/!").find(line[kOpen.size()]) != std::string_view::npos &&
            line.find(kClose) == line.size() - kClose.size();
        result += alone ? line + kMark : std::string(text.substr(0, end));
        text.remove_prefix(end);
    }
    return result;
}

mustache::data to_mustache(const Json& json) {
    if (json.is_object()) {
        mustache::data object(mustache::data::type::object);
        for (const auto& [key, value] : json.items()) {
            object.set(key, to_mustache(value));
        }
        return object;
    }
    if (json.is_array()) {
        mustache::data list(mustache::data::type::list);
        for (const Json& element : json) {
            list.push_back(to_mustache(element));
        }
        return list;
    }
    if (json.is_boolean()) {
        return mustache::data(json.get<bool>());
    }
    return mustache::data(json.is_string() ? json.get<std::string>() : json.dump());
}

} // namespace

std::string render_template(std::string_view name, std::string_view text, const Json& data) {
    const std::vector<Tag> tags = find_tags(name, text);
    Checker(name, tags).check(data);
    // Delimiters that C++ and CMake do not use.
    mustache::mustache engine("{{=<% %>=}}" + remove_tag_lines(text));
    engine.set_custom_escape([](const std::string& value) { return value; });
    std::string result = engine.render(to_mustache(data));
    if (!engine.is_valid()) {
        throw std::logic_error(std::string(name) + ": error: " + engine.error_message());
    }
    std::erase(result, kMark);
    return result;
}

} // namespace resnetc
