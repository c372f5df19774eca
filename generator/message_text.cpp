#include "message_text.h"

namespace resnetc {
namespace {

constexpr size_t kLongest = 80;
constexpr size_t kKeptAtEachEnd = 36;

bool continues_utf8(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

} // namespace

std::string in_quotes(std::string_view text) {
    if (text.size() <= kLongest) {
        return "'" + std::string(text) + "'";
    }
    size_t head = kKeptAtEachEnd;
    while (head > 0 && continues_utf8(text[head])) {
        --head;
    }
    size_t tail = text.size() - kKeptAtEachEnd;
    while (tail < text.size() && continues_utf8(text[tail])) {
        ++tail;
    }
    return "'" + std::string(text.substr(0, head)) + "..." + std::string(text.substr(tail)) + "'";
}

std::string counted(size_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string shape_text(const std::vector<int64_t>& shape) {
    std::string text = "(";
    for (const int64_t extent : shape) {
        text += (text.size() > 1 ? "," : "") + std::to_string(extent);
    }
    return text + ")";
}

} // namespace resnetc
