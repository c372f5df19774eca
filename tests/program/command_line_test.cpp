// The fake programs as a user runs them on images: output, exact messages, exit codes.
#include "support.h"

#include <nlohmann/json.hpp>

#include <regex>

using namespace resnetc_test;
using nlohmann::json;

namespace {

const char* const kHint = "hint: 'fake --help' shows the options and examples\n";

void check_usage_error(const std::string& arguments, const std::string& message) {
    TempDir dir;
    const Run result = run(dir, "fake", arguments);
    INFO(arguments);
    CHECK(result.status == 2);
    CHECK(result.out == "");
    CHECK(result.err == "fake: error: " + message + "\n" + kHint);
}

} // namespace

TEST_CASE("usage errors", "[program]") {
    check_usage_error("", "no image given");
    check_usage_error("--jsn a.ppm", "unknown option '--jsn', did you mean '--json'?");
    check_usage_error("a.ppm --bnech=3", "unknown option '--bnech', did you mean '--bench'?");
    check_usage_error("--frobnicate", "unknown option '--frobnicate'");
    check_usage_error("-x a.ppm", "unknown option '-x'");
    check_usage_error("a.ppm -xy", "unknown option '-x'");
    check_usage_error("--json=yes a.ppm", "option '--json' takes no value");
    check_usage_error("a.ppm --top", "option '--top' needs a value");
    for (const char* number : {"0", "-1", "x", "3x", "1e3", "99999999999999999999", "+3"})
        check_usage_error(std::string("a.ppm --top ") + number,
                          std::string("--top ") + number +
                              ": expected a whole number from 1 to 2147483647");
    for (const char* number : {"0", "-2", "two", "65"})
        check_usage_error(std::string("a.ppm --threads ") + number,
                          std::string("--threads ") + number +
                              ": expected a whole number from 1 to 64");
    check_usage_error("a.ppm --thraeds=2", "unknown option '--thraeds', did you mean '--threads'?");
    check_usage_error("--bench 0", "--bench 0: expected a whole number from 1 to 10000000");
    check_usage_error("--npy a.npy", "--npy needs --logits FILE as well");
    check_usage_error("--logits a.npy b.ppm", "--logits needs --npy FILE as well");
    check_usage_error("--npy a --logits b --bench 3",
                      "--bench takes an image or nothing, not --npy");
    check_usage_error("--profile --npy a --logits b",
                      "--profile takes an image or nothing, not --npy");
    check_usage_error("--profile= a.ppm", "--profile=: expected the name of a file to write");
    check_usage_error("--porfile", "unknown option '--porfile', did you mean '--profile'?");
    check_usage_error("--npy a --logits b c.ppm", "unexpected image 'c.ppm' beside --npy");
}

TEST_CASE("help and version", "[program]") {
    TempDir dir;
    const Run help = run(dir, "fake", "--help");
    CHECK(help.status == 0);
    CHECK(help.err == "");
    for (const char* part :
         {"usage: fake ", "--top K", "--json", "--npy", "--logits", "--bench", "--profile",
          "--threads N", "--version", "examples:\n  fake dog.jpg cat.png\n", "exit status:"})
        CHECK(help.out.find(part) != std::string::npos);
    CHECK(run(dir, "fake", "-h").out == help.out);
    const std::string ones(64, '1'), twos(64, '2'), threes(64, '3');
    const Run version = run(dir, "fake", "--version");
    CHECK(version.out == "fake, compiled by resnetc 0.0.1-test\n"
                         "target   x86-64-linux\n"
                         "input    1 x 3 x 6 x 8 (N, C, H, W)\n"
                         "classes  7\n"
                         "spec     sha256 " +
                             ones +
                             "\n"
                             "weights  sha256 " +
                             twos +
                             ", 16 bytes\n"
                             "plan     sha256 " +
                             threes + ", arena 4096 bytes\n");
    for (const char* order : {"--version --json", "--json --version"}) {
        const json fields = json::parse(run(dir, "fake", order).out);
        CHECK(fields == json{{"model", "fake"},
                             {"tool_version", "0.0.1-test"},
                             {"target", "x86-64-linux"},
                             {"spec_sha256", ones},
                             {"weights_sha256", twos},
                             {"plan_sha256", threes},
                             {"input", {1, 3, 6, 8}},
                             {"classes", 7},
                             {"weights_bytes", 16},
                             {"arena_bytes", 4096}});
    }
}

TEST_CASE("text output", "[program]") {
    TempDir dir;
    dir.write("red.ppm", ppm(plain(8, 6, 160, 80, 0)));
    dir.write("blue.ppm", ppm(plain(8, 6, 0, 80, 160)));
    const Run result = run(dir, "fake", "--top 2 red.ppm -- blue.ppm");
    CHECK(result.status == 0);
    CHECK(result.err == "");
    CHECK(result.out == "red.ppm\n"
                        "   33.28 %     6  seven\n"
                        "   33.18 %     3  a \"quoted\\label\"\n"
                        "\n"
                        "blue.ppm\n"
                        "   49.74 %     5  tab\\x09here\n"
                        "   49.59 %     2  blue\n");
    CHECK(run(dir, "fake_bgr", "--top 2 blue.ppm").out.find("seven") != std::string::npos);
    CHECK(run(dir, "fake", "blue.ppm").out.find("%     6") != std::string::npos); // five by default
    CHECK(run(dir, "fake_plain", "--top 1 blue.ppm").out == "blue.ppm\n   49.74 %     5  -\n");
}

TEST_CASE("JSON output", "[program]") {
    TempDir dir;
    dir.write("we\"ird\n.ppm", ppm(plain(8, 6, 0, 80, 160)));
    const Run result = run(dir, "fake", "--json --top 9 we*.ppm missing.png");
    CHECK(result.status == 1);
    CHECK(result.err == "fake: missing.png: error: cannot open: No such file or directory\n");
    const json top = json::parse(result.out);
    CHECK(top["model"] == "fake");
    REQUIRE(top["results"].size() == 2);
    CHECK(top["results"][0]["image"] == "we\"ird\n.ppm");
    const json best = top["results"][0]["top"];
    REQUIRE(best.size() == 7); // all there are
    CHECK(best[0]["index"] == 5);
    CHECK(best[0]["label"] == "tab\there");
    double total = 0;
    for (const json& entry : best)
        total += entry["probability"].get<double>();
    CHECK(total == Approx(1.0).epsilon(1e-7));
    CHECK(top["results"][1] ==
          json{{"image", "missing.png"}, {"error", "cannot open: No such file or directory"}});
    const json plain_model = json::parse(run(dir, "fake_plain", "--json we*.ppm").out);
    CHECK(plain_model["results"][0]["top"][0]["label"].is_null());
    CHECK(json::parse(run(dir, "fake", "--json missing.png").out)["results"].size() == 1);
}

TEST_CASE("a softmax head is printed as it is", "[program]") {
    TempDir dir;
    dir.write("dark.ppm", ppm(plain(8, 6, 8, 4, 0)));
    const json top = json::parse(run(dir, "fake_softmax", "--json --top 1 dark.ppm").out);
    CHECK(top["results"][0]["top"][0]["probability"] == Approx(0.5 + 6 / 1024.0));
}

TEST_CASE("bad images are reported and the others done", "[program]") {
    TempDir dir;
    dir.write("good.ppm", ppm(plain(16, 12, 160, 80, 0)));
    dir.write("empty.png", {});
    dir.write("text.jpg", text_bytes("hello\n"));
    dir.write("cut.ppm", text_bytes("P6 8 6 255\nxyz"));
    std::filesystem::create_directory(dir.path / "folder");
    dir.write("esc\x1b.ppm", text_bytes("no"));
    const Run result =
        run(dir, "fake", "--top 1 empty.png text.jpg good.ppm cut.ppm folder esc*.ppm /dev/null");
    CHECK(result.status == 1);
    CHECK(result.out == "good.ppm\n   33.28 %     6  seven\n");
    const std::string expected = ", expected a JPEG, PNG or PPM/PGM (P2, P3, P5, P6) image\n";
    CHECK(result.err == "fake: empty.png: error: is empty, expected an image\n"
                        "fake: text.jpg: error: is not an image" +
                            expected +
                            "fake: cut.ppm: error: truncated PNM: 3 bytes of pixels, expected 144\n"
                            "fake: folder: error: is a directory, expected an image\n"
                            "fake: esc\\x1b.ppm: error: is not an image" +
                            expected +
                            "fake: /dev/null: error: is not a regular file, expected an image\n");
    const Run size = run(dir, "fake_exact_size", "good.ppm");
    CHECK(size.status == 1);
    CHECK(size.err == "fake: good.ppm: error: is 16x12 pixels, expected 8x6 (width x height)\n");
}

TEST_CASE("a warning does not stop an image", "[program]") {
    TempDir dir;
    Bytes file = jpeg(plain(8, 6, 160, 80, 0), Jpeg::baseline);
    file.resize(file.size() - 2);
    file.resize(file.size() + 20); // zeros for the end marker
    dir.write("a.jpg", file);
    const Run result = run(dir, "fake", "--top 1 a.jpg");
    CHECK(result.status == 0);
    CHECK(result.err == "fake: a.jpg: warning: the JPEG has no end marker\n");
    CHECK(result.out.find("seven") != std::string::npos);
    CHECK(run(dir, "fake", "--bench 1 a.jpg").err == result.err);
}

TEST_CASE("standard input is an image", "[program]") {
    TempDir dir;
    dir.write("a.ppm", ppm(plain(8, 6, 160, 80, 0)));
    CHECK(run(dir, "fake", "--top 1 - < a.ppm").out == "-\n   33.28 %     6  seven\n");
    CHECK(run(dir, "fake", "--top 1 /dev/stdin < a.ppm").status == 0);
    CHECK(run(dir, "fake", "- < /dev/null").err == "fake: -: error: is empty, expected an image\n");
    CHECK(run(dir, "fake", "- <&-").status == 1);
}

TEST_CASE("a group of images gives the results of single ones, in order", "[program]") {
    TempDir dir;
    std::string names;
    for (int i = 0; i < 7; i++) {
        dir.write("i" + std::to_string(i) + ".ppm", ppm(plain(8, 6, 30 * i, 200 - 25 * i, 10)));
        names += " i" + std::to_string(i) + ".ppm" + (i % 2 ? " nothing" : "");
    }
    const Run single = run(dir, "fake", "--json" + names);
    const Run grouped = run(dir, "fake_batch", "--json" + names);
    CHECK(single.status == 1);
    CHECK(single.out == grouped.out);
    CHECK(json::parse(grouped.out)["results"].size() == 10);
}

TEST_CASE("a failing model is exit code 3", "[program]") {
    TempDir dir;
    dir.write("unlucky.ppm", ppm(plain(8, 6, 13, 13, 13)));
    dir.write("nan.ppm", ppm(plain(8, 6, 14, 14, 14)));
    dir.write("good.ppm", ppm(plain(8, 6, 160, 80, 0)));
    const Run result = run(dir, "fake", "--top 1 unlucky.ppm good.ppm nan.ppm nothing");
    CHECK(result.status == 3);
    CHECK(result.out == "good.ppm\n   33.28 %     6  seven\n");
    CHECK(result.err == "fake: unlucky.ppm: error: the model failed: the picture is unlucky\n"
                        "fake: nan.ppm: error: the model's output is not finite (class 0)\n"
                        "fake: nothing: error: cannot open: No such file or directory\n");
    CHECK(run(dir, "fake_no_weights", "good.ppm").err ==
          "fake: error: this program carries no weights\n");
    CHECK(run(dir, "fake_no_weights", "good.ppm").status == 3);
    const Run huge = run(dir, "fake_huge", "good.ppm");
    CHECK(huge.status == 3);
    CHECK(huge.err.find("fake: error: not enough memory: the model needs an arena of "
                        "4611686018427387904 bytes\n") != std::string::npos);
}

TEST_CASE("models that take no photographs say so", "[program]") {
    TempDir dir;
    dir.write("a.ppm", ppm(plain(8, 6, 160, 80, 0)));
    const Run floats = run(dir, "fake_float_only", "a.ppm");
    CHECK(floats.status == 2);
    CHECK(floats.err == "fake: error: this model was compiled without preprocessing, expected "
                        "--npy with float32 input\n");
    CHECK(run(dir, "fake_five_channels", "a.ppm").err ==
          "fake: error: this model's input is not a photograph, expected --npy input\n");
    CHECK(run(dir, "fake_grey", "--top 1 a.ppm").status == 0);
    CHECK(run(dir, "fake_float_only", "--bench 2").status == 0);
}

TEST_CASE("timing", "[program]") {
    TempDir dir;
    dir.write("a.ppm", ppm(plain(8, 6, 160, 80, 0)));
    for (const char* image : {"", " a.ppm", " a.ppm missing.ppm"}) {
        const Run result = run(dir, "fake_batch", std::string("--json --bench 20") + image);
        CHECK(result.status == 0);
        const json timing = json::parse(result.out);
        CHECK(timing["model"] == "fake");
        CHECK(timing["batch"] == 3);
        CHECK(timing["runs"] == 20);
        CHECK(timing["threads"] == 1);
        CHECK(timing["min_ms"].get<double>() > 0);
        CHECK(timing["min_ms"] <= timing["median_ms"]);
        CHECK(timing["median_ms"] <= timing["p90_ms"]);
        CHECK(timing["p90_ms"] <= timing["max_ms"]);
        CHECK(timing["min_ms"] <= timing["mean_ms"]);
        CHECK(timing["mean_ms"] <= timing["max_ms"]);
        CHECK(timing["warm_up_runs"] >= 3);
        CHECK(timing["images_per_s"].get<double>() ==
              Approx(3000 / timing["median_ms"].get<double>()).epsilon(1e-4));
    }
    const std::string text = run(dir, "fake", "--bench 3").out;
    const std::regex line("median [0-9.]+ ms, p90 [0-9.]+ ms, min [0-9.]+ ms, [0-9.]+ images/s "
                          "\\(3 runs after [0-9]+ to warm up, batch 1, 1 thread\\)\n");
    CHECK(std::regex_match(text, line));
    const Run missing = run(dir, "fake", "--bench 3 missing.ppm");
    CHECK(missing.status == 1);
    CHECK(missing.err == "fake: missing.ppm: error: cannot open: No such file or directory\n");
}

TEST_CASE("threads", "[program]") {
    TempDir dir;
    dir.write("a.ppm", ppm(plain(8, 6, 160, 80, 0)));
    const Run serial = run(dir, "fake", "--threads 2 a.ppm");
    CHECK(serial.status == 2);
    CHECK(serial.out == "");
    CHECK(serial.err == "fake: error: --threads 2: this program was built for one thread (resnetc "
                        "build --serial)\n");
    CHECK(run(dir, "fake", "--threads 1 a.ppm").status == 0);

    const Run unlucky = run(dir, "fake_threads", "--threads 13 a.ppm");
    CHECK(unlucky.status == 3);
    CHECK(unlucky.err == "fake: error: --threads 13: the threads are unlucky\n");
    CHECK(run(dir, "fake_threads", "--bench 3 --threads 2").out.find("batch 1, 2 threads)\n") !=
          std::string::npos);
    const Run bench = run(dir, "fake_threads", "--bench 3 --threads 4 --json");
    CHECK(json::parse(bench.out)["threads"] == 4);
}

TEST_CASE("standard output that fails is reported", "[program]") {
    TempDir dir;
    dir.write("a.ppm", ppm(plain(8, 6, 160, 80, 0)));
    const std::string message = "fake: error: cannot write to standard output: ";
    for (const char* job : {"a.ppm a.ppm", "--json a.ppm", "--version", "--help", "--bench 2"}) {
        const Run full = run(dir, "fake", std::string(job) + " > /dev/full");
        CHECK(full.status == 1);
        CHECK(full.err == message + "No space left on device\n");
        const Run closed = run(dir, "fake", std::string(job) + " >&-");
        CHECK(closed.status == 1);
        CHECK(closed.err == message + "Bad file descriptor\n");
    }
    // The reader of the pipe is gone before the program writes.
    const Run pipe =
        run(dir, "fake",
            "--version > /dev/null; { sleep 0.2; '" FAKE_DIR "/fake' a.ppm; echo $? >&2; } | true");
    CHECK(pipe.err == message + "Broken pipe\n1\n");
}
