// Every truncation and every single-bit flip of small .npy files, through all of --npy: the header,
// the checks against the model, the data and the run.
#include "program/logits.h"
#include "support.h"

#include <algorithm>
#include <cstdio>

using namespace resnetc_test;

namespace {

// A model of two pixels with one channel whose output is their sum.
int sum_bytes(const void*, const uint8_t* nhwc, float* logits, void*) {
    logits[0] = static_cast<float>(nhwc[0] + nhwc[1]);
    return 0;
}

int sum_floats(const void*, const float* nchw, float* logits, void*) {
    logits[0] = nchw[0] + nchw[1];
    return 0;
}

ResnetcModel small_model() {
    static const float weights[1] = {0};
    ResnetcModel model{};
    model.name = "small";
    model.batch = model.channels = model.height = model.classes = 1;
    model.width = 2;
    model.arena_alignment = 64;
    model.embedded_weights = weights;
    model.run_u8 = sum_bytes;
    model.run_f32 = sum_floats;
    return model;
}

// Runs the model on `file`. Returns the message, or "" and the number of images.
std::string run_on(const TempDir& dir, const Bytes& file, int64_t& images) {
    dir.write("in.npy", file);
    const ResnetcModel model = small_model();
    resnetc::Session session;
    resnetc::Error error;
    const char* culprit = nullptr;
    REQUIRE(resnetc::open_session(model, 1, session, error));
    const bool ok = resnetc::write_logits(session, (dir.path / "in.npy").c_str(), "/dev/null",
                                          images, culprit, error);
    CHECK(ok == (error.text[0] == 0));
    CHECK(ok == (error.code == resnetc::exit_ok));
    return error.text;
}

// Most bits of the header say something; those of the data any value.
void survive_damage(const Bytes& file, size_t data_bytes) {
    const TempDir dir;
    int64_t images = 0;
    REQUIRE(run_on(dir, file, images) == "");
    REQUIRE(images == 3);
    for (size_t length = 0; length < file.size(); length++) {
        INFO("first " << length << " bytes");
        CHECK(run_on(dir, {file.begin(), file.begin() + static_cast<long>(length)}, images) != "");
    }
    size_t accepted = 0;
    for (size_t bit = 0; bit < file.size() * 8; bit++) {
        INFO("bit " << bit);
        Bytes flipped = file;
        flipped[bit / 8] = static_cast<uint8_t>(flipped[bit / 8] ^ (1 << bit % 8));
        if (run_on(dir, flipped, images) != "")
            continue;
        CHECK(images == 3); // other numbers do not go with the length of the file
        accepted++;
    }
    CHECK(accepted >= data_bytes * 8);
    CHECK(accepted < data_bytes * 8 + 64); // the version's second byte, one space for another
}

} // namespace

TEST_CASE("no truncation or flipped bit of an array breaks --npy", "[program]") {
    survive_damage(npy("|u1", "(3, 1, 2, 1)", {1, 2, 3, 4, 5, 6}), 6);
    survive_damage(npy("<f4", "(3, 1, 1, 2)", float_bytes({1, 2, 3, 4, 5, 6})), 24);
}
