// The small parts: best classes, timing statistics, JSON text, .npy headers.
#include "program/bench.h"
#include "program/npy.h"
#include "program/report.h"
#include "support.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

using namespace resnetc;
using namespace resnetc_test;

namespace {

// What `print` writes to a stream.
template <typename Print> std::string printed(Print print) {
    char* text = nullptr;
    size_t size = 0;
    FILE* stream = open_memstream(&text, &size);
    print(stream);
    fclose(stream);
    std::string result(text, size);
    free(text);
    return result;
}

std::string json(const std::string& text) {
    return printed([&](FILE* out) { print_json_string(out, text.c_str()); });
}

// Reads a header from bytes; the error's text or "".
std::string read_header(Bytes bytes, NpyHeader& header) {
    FILE* file = fmemopen(bytes.data(), bytes.size(), "rb");
    Error error;
    const bool ok = read_npy_header(file, header, error);
    if (ok)
        CHECK(ftell(file) == header.bytes);
    fclose(file);
    return ok ? "" : error.text;
}

std::string header_error(const std::string& dict) {
    Bytes bytes = text_bytes("\x93NUMPY\x01");
    bytes.insert(bytes.end(), {0, static_cast<uint8_t>(dict.size()), 0});
    bytes.insert(bytes.end(), dict.begin(), dict.end());
    NpyHeader header;
    return read_header(bytes, header);
}

} // namespace

TEST_CASE("the best classes, with softmax", "[program]") {
    const float logits[5] = {1, 3, -2, 3, 2};
    Score best[5];
    Error error;
    REQUIRE(best_scores(logits, 5, false, 5, best, error));
    const int order[5] = {1, 3, 4, 0, 2}; // equal ones by index
    double total = 0;
    for (int i = 0; i < 5; i++) {
        CHECK(best[i].index == order[i]);
        total += best[i].probability;
    }
    CHECK(total == Approx(1.0).epsilon(1e-12));
    CHECK(best[2].probability / best[3].probability == Approx(std::exp(1.0)));
    REQUIRE(best_scores(logits, 5, false, 2, best, error));
    CHECK(best[1].index == 3);
    CHECK(best[1].probability ==
          Approx(1 / (2 + std::exp(-1.0) + std::exp(-2.0) + std::exp(-5.0))));
}

TEST_CASE("large logits do not overflow, probabilities stay as they are", "[program]") {
    const float logits[2] = {1000, 999};
    Score best[2];
    Error error;
    REQUIRE(best_scores(logits, 2, false, 1, best, error));
    CHECK(best[0].probability == Approx(1 / (1 + std::exp(-1.0))));
    const float probabilities[2] = {0.25f, 0.75f};
    REQUIRE(best_scores(probabilities, 2, true, 1, best, error));
    CHECK(best[0].index == 1);
    CHECK(best[0].probability == 0.75);
}

TEST_CASE("output that is not finite is refused", "[program]") {
    Score best[3];
    for (float bad :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        const float logits[3] = {1, 2, bad};
        Error error;
        CHECK_FALSE(best_scores(logits, 3, false, 1, best, error));
        CHECK(std::string(error.text) == "the model's output is not finite (class 2)");
        CHECK(error.code == exit_model);
    }
}

TEST_CASE("timing statistics", "[program]") {
    double one[1] = {3};
    CHECK(summarise(one, 1).median_ms == 3);
    CHECK(summarise(one, 1).p90_ms == 3);
    double ten[10] = {10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
    const Timing timing = summarise(ten, 10);
    CHECK(timing.median_ms == 5.5);
    CHECK(timing.p90_ms == 9);
    CHECK(timing.min_ms == 1);
    CHECK(timing.runs == 10);
    double eleven[11] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    CHECK(summarise(eleven, 11).median_ms == 6);
    CHECK(summarise(eleven, 11).p90_ms == 10);
}

TEST_CASE("JSON strings are escaped and valid UTF-8", "[program]") {
    CHECK(json("dog.jpg") == "\"dog.jpg\"");
    CHECK(json("a\"b\\c\n\x01\x7f") == "\"a\\\"b\\\\c\\u000a\\u0001\\u007f\"");
    CHECK(json("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x95") ==
          "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x95\"");
    // Latin-1, overlong, surrogate, beyond U+10FFFF, cut short
    CHECK(json("\xe9") == "\"\\ufffd\"");
    CHECK(json("\xc0\xaf") == "\"\\ufffd\\ufffd\"");
    CHECK(json("\xed\xa0\x80") == "\"\\ufffd\\ufffd\\ufffd\"");
    CHECK(json("\xf4\x90\x80\x80") == "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
    CHECK(json("x\xe2\x82") == "\"x\\ufffd\\ufffd\"");
}

TEST_CASE("control bytes do not reach the terminal", "[program]") {
    CHECK(printed([](FILE* out) { print_plain(out, "a\x1b[2Jb\n\xc3\xa9"); }) ==
          "a\\x1b[2Jb\\x0a\xc3\xa9");
}

TEST_CASE(".npy headers as NumPy and others write them", "[program]") {
    NpyHeader header;
    REQUIRE(read_header(npy("|u1", "(20, 6, 8, 3)", {}), header) == "");
    CHECK(std::string(header.type) == "|u1");
    CHECK_FALSE(header.fortran_order);
    REQUIRE(header.dims == 4);
    CHECK(header.shape[0] == 20);
    CHECK(header.shape[3] == 3);
    CHECK(header.bytes % 64 == 0);
    char text[64];
    print_shape(header, text, sizeof text);
    CHECK(std::string(text) == "(20, 6, 8, 3)");
    for (const char* dict : {"{'shape':(5L,),'fortran_order':True,'descr':'<f4'}",
                             "{ \"descr\" : \"<f4\", 'fortran_order':True , 'shape': (5,), } \n"}) {
        CHECK(header_error(dict) == "");
        NpyHeader other;
        Bytes bytes = text_bytes("\x93NUMPY\x02");
        bytes.insert(bytes.end(), {0, static_cast<uint8_t>(strlen(dict)), 0, 0, 0});
        bytes.insert(bytes.end(), dict, dict + strlen(dict));
        REQUIRE(read_header(bytes, other) == "");
        CHECK(other.fortran_order);
        print_shape(other, text, sizeof text);
        CHECK(std::string(text) == "(5,)");
    }
    NpyHeader scalar;
    REQUIRE(read_header(npy("<f8", "()", {}), scalar) == "");
    print_shape(scalar, text, sizeof text);
    CHECK(std::string(text) == "()");
}

// Malformed dicts: errors_test.cpp.
TEST_CASE("malformed frames of .npy headers", "[program]") {
    NpyHeader header;
    CHECK(read_header(text_bytes("PK\x03\x04 zip"), header) ==
          "is a zip archive (.npz?), expected a single array saved with numpy.save");
    CHECK(read_header(text_bytes("\x93NUMPY\x01"), header) ==
          "truncated .npy: the file ends inside the header");
    CHECK(read_header(text_bytes("\x93NUMPY\x04\x02....."), header) ==
          ".npy version 4.2, expected 1.0, 2.0 or 3.0");
    Bytes huge = text_bytes("\x93NUMPY\x02");
    huge.insert(huge.end(), {0, 255, 255, 255, 255});
    CHECK(read_header(huge, header) ==
          "damaged .npy: a header of 4294967295 bytes, expected at most 65536");
    Bytes cut = npy("|u1", "(1,)", {});
    cut.pop_back();
    CHECK(read_header(cut, header) == "truncated .npy: the file ends inside the header");
}

TEST_CASE("the header that is written is read back", "[program]") {
    for (int64_t rows : {int64_t{0}, int64_t{500}, int64_t{999999999999999999}}) {
        const int64_t shape[4] = {rows, 1000, 2147483647, 2147483647};
        for (int dims : {1, 2, 4}) {
            char bytes[128];
            const int length = make_npy_header(shape, dims, bytes);
            CHECK(length % 64 == 0);
            NpyHeader header;
            REQUIRE(read_header(Bytes(bytes, bytes + length), header) == "");
            CHECK(std::string(header.type) == "<f4");
            REQUIRE(header.dims == dims);
            for (int i = 0; i < dims; i++)
                CHECK(header.shape[i] == shape[i]);
        }
    }
    const int64_t largest[4] = {INT64_MAX, 2147483647, 2147483647, 2147483647};
    char bytes[128];
    CHECK(make_npy_header(largest, 4, bytes) == 128);
    CHECK(bytes[127] == '\n');
}
