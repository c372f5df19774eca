// --npy IN --logits OUT: values, exact messages, and that OUT appears complete or not at all.
// Messages about malformed arrays: errors_test.cpp; damage to every bit of one:
// npy_damage_test.cpp.
#include "support.h"

#include <cstring>
#include <nlohmann/json.hpp>

using namespace resnetc_test;

namespace {

constexpr int kHeight = 6, kWidth = 8, kClasses = 7;

// N images of the fake model's input as u8 N,H,W,C: channel c of image n is 20 n + 3 c.
Bytes pixels(int images) {
    Bytes bytes;
    for (int n = 0; n < images; n++)
        for (int i = 0; i < kHeight * kWidth; i++)
            for (int c = 0; c < 3; c++)
                bytes.push_back(static_cast<uint8_t>(20 * n + 3 * c));
    return bytes;
}

// The same as floats N,C,H,W.
Bytes floats(int images) {
    std::vector<float> values;
    for (int n = 0; n < images; n++)
        for (int c = 0; c < 3; c++)
            values.insert(values.end(), size_t{kHeight} * kWidth,
                          static_cast<float>(20 * n + 3 * c));
    return float_bytes(values);
}

// What the model gives for these, as the bytes of the .npy file.
std::string expected_file(int images) {
    std::vector<float> values;
    for (int n = 0; n < images; n++)
        for (int k = 0; k < kClasses; k++)
            values.push_back(static_cast<float>(20 * n + 3 * (k % 3)) / 16.0f +
                             static_cast<float>(k) / 1024.0f);
    const std::string shape = "(" + std::to_string(images) + ", 7)";
    const Bytes bytes = npy("<f4", shape, float_bytes(values));
    return {bytes.begin(), bytes.end()};
}

// The same from the fake model on several threads, which adds their number less one.
std::string expected_file_of(int threads) {
    std::vector<float> values;
    for (int k = 0; k < kClasses; k++)
        values.push_back(static_cast<float>(3 * (k % 3)) / 16.0f + static_cast<float>(k) / 1024.0f +
                         static_cast<float>(threads - 1));
    const Bytes bytes = npy("<f4", "(1, 7)", float_bytes(values));
    return {bytes.begin(), bytes.end()};
}

std::string shape_u8(int images) {
    return "(" + std::to_string(images) + ", 6, 8, 3)";
}

// Runs on `file`, which has to be refused with `message` and leave nothing behind.
void check_refused(const Bytes& file, const std::string& message,
                   const std::string& program = "fake") {
    TempDir dir;
    dir.write("in.npy", file);
    const Run result = run(dir, program, "--npy in.npy --logits out.npy");
    CHECK(result.status == 1);
    CHECK(result.out == "");
    CHECK(result.err == "fake: in.npy: error: " + message + "\n");
    CHECK(dir.list() == std::vector<std::string>{"in.npy"});
}

} // namespace

TEST_CASE("any number of images of both types, in groups or not", "[program]") {
    for (const char* program : {"fake", "fake_batch"}) {
        for (int images : {0, 1, 2, 3, 7}) {
            TempDir dir;
            dir.write("u8.npy", npy("|u1", shape_u8(images), pixels(images)));
            dir.write("f32.npy",
                      npy("<f4", "(" + std::to_string(images) + ", 3, 6, 8)", floats(images)));
            for (const char* type : {"u8", "f32"}) {
                const Run result =
                    run(dir, program, std::string("--npy ") + type + ".npy --logits out.npy");
                CHECK(result.status == 0);
                CHECK(result.err == "");
                CHECK(result.out == "out.npy: float32 (" + std::to_string(images) + ", 7)\n");
                CHECK(dir.read("out.npy") == expected_file(images));
                CHECK(dir.list() == std::vector<std::string>{"f32.npy", "out.npy", "u8.npy"});
            }
        }
    }
}

TEST_CASE("--threads chooses how the network is run", "[program]") {
    TempDir dir;
    dir.write("u8.npy", npy("|u1", shape_u8(1), pixels(1)));
    dir.write("f32.npy", npy("<f4", "(1, 3, 6, 8)", floats(1)));
    for (const char* type : {"u8", "f32"}) {
        for (int threads : {1, 2, 64}) {
            const std::string options =
                "--threads " + std::to_string(threads) + " --logits out.npy --npy " + type + ".npy";
            CHECK(run(dir, "fake_threads", options).status == 0);
            CHECK(dir.read("out.npy") == expected_file_of(threads));
        }
    }
}

TEST_CASE("logits as JSON, from and to pipes, over themselves", "[program]") {
    TempDir dir;
    dir.write("in.npy", npy("|u1", shape_u8(4), pixels(4)));
    const Run json = run(dir, "fake", "--json --npy in.npy --logits out.npy");
    CHECK(nlohmann::json::parse(json.out) ==
          nlohmann::json{{"model", "fake"}, {"images", 4}, {"classes", 7}, {"logits", "out.npy"}});
    CHECK(run(dir, "fake", "--npy - --logits piped.npy < in.npy").status == 0);
    CHECK(dir.read("piped.npy") == expected_file(4));
    CHECK(run(dir, "fake", "--npy in.npy --logits /dev/null").status == 0);
    CHECK(std::filesystem::is_character_file("/dev/null"));
    std::filesystem::create_symlink("out.npy", dir.path / "link.npy");
    CHECK(run(dir, "fake", "--npy in.npy --logits link.npy").status == 0);
    CHECK(std::filesystem::is_symlink(dir.path / "link.npy"));
    CHECK(run(dir, "fake", "--npy in.npy --logits in.npy").status == 0);
    CHECK(dir.read("in.npy") == expected_file(4));
}

TEST_CASE("a network without a head gives maps", "[program]") {
    TempDir dir;
    dir.write("in.npy", npy("|u1", shape_u8(2), pixels(2)));
    const Run text = run(dir, "fake_map", "--npy in.npy --logits out.npy");
    CHECK(text.out == "out.npy: float32 (2, 7, 1, 1)\n");
    const std::string rows = expected_file(2);
    const Bytes map = npy("<f4", "(2, 7, 1, 1)", {rows.end() - size_t{2} * 7 * 4, rows.end()});
    CHECK(dir.read("out.npy") == std::string(map.begin(), map.end()));
    const Run json = run(dir, "fake_map", "--json --npy in.npy --logits out.npy");
    CHECK(nlohmann::json::parse(json.out) ==
          nlohmann::json{
              {"model", "fake"}, {"images", 2}, {"map", {7, 1, 1}}, {"logits", "out.npy"}});
    CHECK(run(dir, "fake_map", "--version").out.find("output   1 x 7 x 1 x 1 (N, C, H, W)\n") !=
          std::string::npos);
    CHECK(nlohmann::json::parse(run(dir, "fake_map", "--version --json").out)["map"] ==
          nlohmann::json{7, 1, 1});
    dir.write("a.ppm", ppm(plain(8, 6, 160, 80, 0)));
    const Run picture = run(dir, "fake_map", "a.ppm");
    CHECK(picture.status == 2);
    CHECK(picture.err == "fake: error: this network has no head and so no classes, expected --npy "
                         "and --logits\n");
    CHECK(run(dir, "fake_map", "--bench 2 a.ppm").status == 0);
}

TEST_CASE("arrays that do not fit the model", "[program]") {
    const std::string both = "uint8 (N, 6, 8, 3) or float32 (N, 3, 6, 8)";
    check_refused(npy("<f8", "(1, 3, 6, 8)", Bytes(size_t{144} * 8)),
                  "holds the type '<f8', expected " + both);
    check_refused(npy("|i1", "(1, 6, 8, 3)", Bytes(144)), "holds the type '|i1', expected " + both);
    check_refused(npy(">f4", "(1, 3, 6, 8)", Bytes(size_t{144} * 4)),
                  "holds big-endian numbers ('>f4'), expected little-endian " + both);
    check_refused(npy("|u1", shape_u8(1), Bytes(144), "True"),
                  "is in Fortran order, expected C order (numpy.ascontiguousarray)");
    check_refused(npy("|u1", "(1, 3, 6, 8)", Bytes(144)),
                  "holds uint8 of shape (1, 3, 6, 8), expected (N, 6, 8, 3)");
    check_refused(npy("<f4", "(3, 6, 8)", Bytes(size_t{144} * 4)),
                  "holds float32 of shape (3, 6, 8), expected (N, 3, 6, 8)");
    check_refused(npy("<f4", "()", Bytes(4)), "holds float32 of shape (), expected (N, 3, 6, 8)");
    check_refused(npy("|u1", shape_u8(1), Bytes(144)),
                  "holds the type '|u1', expected float32 (N, 3, 6, 8)", "fake_float_only");
}

TEST_CASE("arrays that are cut short or too long", "[program]") {
    Bytes cut = npy("|u1", shape_u8(2), pixels(2));
    cut.pop_back();
    check_refused(cut, "truncated .npy: 287 bytes of data, expected 2 x 144");
    check_refused(npy("|u1", "(999999999999999999, 6, 8, 3)", Bytes(144)),
                  "truncated .npy: 144 bytes of data, expected 999999999999999999 x 144");
    Bytes more = npy("|u1", shape_u8(1), pixels(1));
    more.push_back(0);
    check_refused(more, "1 byte too many after the array's data, expected the end of the file");
    check_refused(text_bytes("hello"),
                  "is not an .npy file, expected an array saved with numpy.save");
    check_refused({}, "is empty, expected an array saved with numpy.save");
    TempDir dir;
    dir.write("cut.npy", cut);
    const Run piped = run(dir, "fake", "--npy - --logits out.npy < cut.npy");
    CHECK(piped.status == 1); // redirected: its length is known
    const Run pipe =
        run(dir, "fake",
            "--version > /dev/null; cat cut.npy | '" FAKE_DIR "/fake' --npy - --logits out.npy");
    CHECK(pipe.status == 1);
    CHECK(pipe.err == "fake: -: error: truncated .npy: the file ends inside the data\n");
    CHECK(dir.list() == std::vector<std::string>{"cut.npy"});
}

TEST_CASE("outputs that cannot be written", "[program]") {
    TempDir dir;
    dir.write("in.npy", npy("|u1", shape_u8(2), pixels(2)));
    dir.write("old.npy", text_bytes("precious"));
    std::filesystem::create_directory(dir.path / "folder");
    auto error_of = [&](const std::string& out) {
        const Run result = run(dir, "fake", "--npy in.npy --logits " + out);
        CHECK(result.status == 1);
        CHECK(result.out == "");
        return result.err;
    };
    CHECK(error_of("folder") == "fake: folder: error: is a directory, expected a file to write\n");
    CHECK(error_of("nowhere/out.npy") ==
          "fake: nowhere/out.npy: error: cannot create: No such file or directory\n");
    CHECK(error_of("/dev/full") ==
          "fake: /dev/full: error: cannot write: No space left on device\n");
    // What was there before stays if anything goes wrong.
    Bytes unlucky = npy("|u1", shape_u8(1), Bytes(144, 13));
    dir.write("in.npy", unlucky);
    const Run failed = run(dir, "fake", "--npy in.npy --logits old.npy");
    CHECK(failed.status == 3);
    CHECK(failed.err == "fake: error: the model failed: the picture is unlucky\n");
    CHECK(dir.read("old.npy") == "precious");
    CHECK(dir.list() == std::vector<std::string>{"folder", "in.npy", "old.npy"});
    // So it does when the program is stopped: it waits for input when the signal comes.
    const Run killed =
        run(dir, "fake",
            "--version > /dev/null; mkfifo wait; '" FAKE_DIR
            "/fake' --npy wait --logits old.npy & exec 3> wait; head -c 128 in.npy >&3; "
            "while ! ls old.npy.tmp-* 2> /dev/null; do sleep 0.01; done; kill $!; "
            "wait $!");
    CHECK(killed.status == 128 + 15);
    CHECK(dir.read("old.npy") == "precious");
    CHECK(dir.list() == std::vector<std::string>{"folder", "in.npy", "old.npy", "wait"});
}
