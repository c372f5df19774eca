// The strict template layer: what it renders, and what it refuses, word for word.
#include "template.h"

#include "catch.h"

#include <stdexcept>

using namespace resnetc;
using Json = nlohmann::ordered_json;

namespace {

std::string render(const std::string& text, const Json& data) {
    return render_template("t.cpp", text, data);
}

// What render_template says; "" if it accepts.
std::string complaint(const std::string& text, const Json& data) {
    try {
        render(text, data);
        return "";
    } catch (const std::logic_error& error) {
        return error.what();
    }
}

} // namespace

TEST_CASE("templates fill in strings and integers as they are") {
    CHECK(render("int <% name %> = <% value %>;\n", {{"name", "x"}, {"value", 42}}) ==
          "int x = 42;\n");
    CHECK(render("<% big %>", {{"big", int64_t{1} << 40}}) == "1099511627776");
    // No HTML escaping, and C++ braces mean nothing.
    CHECK(render("{{<% text %>}}", {{"text", "a<b> & \"c\" {{d}}"}}) == "{{a<b> & \"c\" {{d}}}}");
}

TEST_CASE("template sections show, hide and repeat their text") {
    const std::string text = "a\n<%#on%>\nshown\n<%/on%>\n<%^on%>\nhidden\n<%/on%>\nb\n";
    CHECK(render(text, {{"on", true}}) == "a\nshown\nb\n");
    CHECK(render(text, {{"on", false}}) == "a\nhidden\nb\n");
    const Json list = {{"model", "m"}, {"ops", {{{"name", "x"}}, {{"name", "y"}}}}};
    CHECK(render("<%#ops%>\n<% model %>_<% name %>();\n<%/ops%>\nend\n", list) ==
          "m_x();\nm_y();\nend\n");
    CHECK(render("f(<%#ops%><% name %><% model %> <%/ops%>)", list) == "f(xm ym )");
    CHECK(render("a<%#ops%>b<%/ops%>c", {{"ops", Json::array()}}) == "ac");
    CHECK(render("a<%^ops%>b<%/ops%>c", {{"ops", Json::array()}}) == "abc");
}

TEST_CASE("a section tag on a line of its own leaves no line, wherever it stands") {
    const std::string text = "<%#a%>\n1\n<%#b%>\n2\n<%/b%>\n<%/a%>\n<%^a%>\n3\n<%/a%>\n";
    CHECK(render(text, {{"a", true}, {"b", true}}) == "1\n2\n");
    CHECK(render(text, {{"a", true}, {"b", false}}) == "1\n");
    CHECK(render(text, {{"a", false}, {"b", false}}) == "3\n");
    CHECK(render("x\n\n<%#a%>\n\ny\n<%/a%>\n\nz\n", {{"a", true}}) == "x\n\n\ny\n\nz\n");
}

TEST_CASE("keys that a template and its data do not share are errors") {
    CHECK(complaint("\n\n<% nmae %>\n", {{"name", "x"}, {"value", 1}}) ==
          "t.cpp:3: error: unknown key 'nmae', expected one of name, value");
    CHECK(complaint("<% name %>", {{"name", "x"}, {"value", 1}}) ==
          "t.cpp:1: error: key 'value' is given but not used");
    CHECK(complaint("<%#ops%>\n<% nmae %>\n<%/ops%>", {{"ops", {{{"name", "x"}}}}}) ==
          "t.cpp:2: error: unknown key 'nmae', expected one of ops, name");
    CHECK(complaint("<%#ops%><% name %><%/ops%>", {{"ops", {{{"name", "x"}, {"spare", 1}}}}}) ==
          "t.cpp:1: error: key 'spare' is given but not used");
    // Each element is looked at, not only the first.
    CHECK(complaint("<%#ops%><% name %><%/ops%>", {{"ops", {{{"name", "x"}}, {{"label", "y"}}}}})
              .find("unknown key 'name'") != std::string::npos);
    // Keys that only a hidden section uses may be absent or there.
    CHECK(complaint("<%#on%><% name %><%/on%>", {{"on", false}}) == "");
    CHECK(complaint("<%#on%><% name %><%/on%>", {{"on", false}, {"name", "x"}}) == "");
    CHECK(complaint("<%#on%><% name %><%/on%>", {{"on", true}}) ==
          "t.cpp:1: error: unknown key 'name', expected one of on");
}

TEST_CASE("template tags that do not fit together are errors") {
    CHECK(complaint("a\n<%#on%>\nb\nc", {{"on", true}}) ==
          "t.cpp:2: error: section 'on' is not closed");
    CHECK(complaint("a\n<%#on%>\nb\nc", {{"on", false}}) ==
          "t.cpp:2: error: section 'on' is not closed");
    CHECK(complaint("a\n<%/on%>", {{"on", true}}) == "t.cpp:2: error: '/on' closes no section");
    CHECK(complaint("<%#a%>\n<%#b%>\n<%/a%>\n<%/b%>", {{"a", true}, {"b", true}}) ==
          "t.cpp:3: error: '/a' closes no section");
    CHECK(complaint("\n<% name", {{"name", "x"}}) ==
          "t.cpp:2: error: tag is not closed, expected '%>'");
    CHECK(complaint("<% ops %>", {{"ops", {{{"name", "x"}}}}}) ==
          "t.cpp:1: error: 'ops' is a section, expected a value");
    CHECK(complaint("<%#name%>a<%/name%>", {{"name", "x"}}) ==
          "t.cpp:1: error: 'name' is a value, expected a section");
}
