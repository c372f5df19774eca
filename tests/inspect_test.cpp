// `resnetc inspect`: the table and the JSON of a small file.
#include "commands.h"

#include "diagnostics.h"

#include "catch.h"

#include <nlohmann/json.hpp>

#include <sstream>

using namespace resnetc;

namespace {

const std::string kCases = std::string(RESNETC_SOURCE_DIR) + "/tests/errors/safetensors/";

} // namespace

TEST_CASE("inspect: the table", "[inspect]") {
    std::ostringstream out;
    CHECK(run_inspect({kCases + "valid.safetensors", false}, out) == exit_ok);
    const std::string expected = "name         dtype  shape            values\n"
                                 "brain        BF16   (1,3)                 3\n"
                                 "conv.weight  F32    (2,1,1,2)             4\n"
                                 "half         F16    (3)                   3\n"
                                 "nothing      F32    (0,4)                 0\n"
                                 "steps        I64    ()                    1\n\n";
    CHECK(out.str() == expected + kCases +
                           "valid.safetensors: safetensors, 5 tensors, 11 values\nSHA-256 "
                           "a252fdce3893e54ce72de03c760a7b89e47de41309222bec3557252516c37387\n");
}

TEST_CASE("inspect: JSON", "[inspect]") {
    std::ostringstream out;
    CHECK(run_inspect({kCases + "valid.safetensors", true}, out) == exit_ok);
    const nlohmann::json json = nlohmann::json::parse(out.str());
    CHECK(json["path"] == kCases + "valid.safetensors");
    CHECK(json["format"] == "safetensors");
    CHECK(json["sha256"] == "a252fdce3893e54ce72de03c760a7b89e47de41309222bec3557252516c37387");
    CHECK(json["parameters"] == 10);
    REQUIRE(json["tensors"].size() == 5);
    CHECK(json["tensors"][1] ==
          nlohmann::json::parse(R"({"name":"conv.weight","dtype":"F32","shape":[2,1,1,2]})"));
    CHECK(json["tensors"][4]["shape"] == nlohmann::json::array());
    CHECK_THROWS_AS(run_inspect({kCases + "gap_at_end.safetensors", true}, out), DiagnosticError);
}
