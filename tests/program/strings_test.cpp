// The string functions of the static program against those of the C library: strings.c is compiled
// with other names for this.
#include "support.h"

#include <algorithm>
#include <cstring>
#include <random>

extern "C" {
int plain_strcmp(const char* a, const char* b);
int plain_strncmp(const char* a, const char* b, size_t count);
char* plain_stpcpy(char* to, const char* from);
char* plain_strcpy(char* to, const char* from);
char* plain_strncpy(char* to, const char* from, size_t count);
char* plain_strstr(const char* text, const char* part);
}

namespace {

constexpr size_t kRoom = 16;

int sign(int value) {
    return (value > 0) - (value < 0);
}

// What a copying function leaves in a buffer, and how far behind its beginning the result points.
template <typename Copy> std::pair<std::string, ptrdiff_t> copied(const Copy& copy) {
    std::string buffer(kRoom, '#');
    const char* end = copy(buffer.data());
    return {buffer, end - buffer.data()};
}

} // namespace

TEST_CASE("the static program's string functions are the C library's", "[program]") {
    std::minstd_rand random(1);
    // Few letters, so that strings often agree; one of them is negative as a char.
    const auto text = [&] {
        std::string result(random() % 8, ' ');
        std::generate(result.begin(), result.end(), [&] { return "ab\xe4"[random() % 3]; });
        return result;
    };
    int found = 0;
    for (int i = 0; i < 20000; ++i) {
        const std::string a = text();
        const std::string b = text();
        const size_t count = random() % 10;
        CAPTURE(a, b, count);
        const char* from = a.c_str();
        REQUIRE(sign(plain_strcmp(from, b.c_str())) == sign(strcmp(from, b.c_str())));
        REQUIRE(sign(plain_strncmp(from, b.c_str(), count)) ==
                sign(strncmp(from, b.c_str(), count)));
        REQUIRE(plain_strstr(from, b.c_str()) == strstr(from, b.c_str()));
        found += strstr(from, b.c_str()) != nullptr ? 1 : 0;
        REQUIRE(copied([&](char* to) { return plain_strcpy(to, from); }) ==
                copied([&](char* to) { return strcpy(to, from); }));
        REQUIRE(copied([&](char* to) { return plain_stpcpy(to, from); }) ==
                copied([&](char* to) { return stpcpy(to, from); }));
        REQUIRE(copied([&](char* to) { return plain_strncpy(to, from, count); }) ==
                copied([&](char* to) { return strncpy(to, from, count); }));
    }
    CHECK(found > 1000);
    CHECK(found < 19000);
}
