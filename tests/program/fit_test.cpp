// From decoded pixels to the model's: scaled sizes, crops, padding, channel order. The arithmetic
// is torchvision's; compare_pillow.py checks the pixels of scaled images.
#include "program/preprocess.h"
#include "support.h"

#include <cstring>

using namespace resnetc_test;
using resnetc::Image;

namespace {

ResnetcModel model_of(int mode, int resize, int width, int height) {
    ResnetcModel model{};
    model.resize_mode = mode;
    model.resize = resize;
    model.width = width;
    model.height = height;
    model.channels = 3;
    return model;
}

// The image whose pixel (x, y) is (x, y, 77).
void make_ramp(int width, int height, Image& image) {
    resnetc::Error error;
    REQUIRE(resnetc::allocate_image(width, height, image, error));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            uint8_t* pixel = image.row(y) + size_t{3} * static_cast<size_t>(x);
            pixel[0] = static_cast<uint8_t>(x);
            pixel[1] = static_cast<uint8_t>(y);
            pixel[2] = 77;
        }
}

Bytes fit(const ResnetcModel& model, Image& image) {
    Bytes out(static_cast<size_t>(model.width * model.height * model.channels), 99);
    resnetc::Error error;
    REQUIRE(resnetc::fit_image(model, image, out.data(), error));
    return out;
}

// Which pixel of a width x height ramp is at the top left after a centre crop without scaling.
std::pair<int, int> corner(int width, int height, int crop_width, int crop_height) {
    Image image;
    make_ramp(width, height, image);
    const Bytes out = fit(model_of(RESNETC_RESIZE_CROP, 0, crop_width, crop_height), image);
    return {out[0], out[1]};
}

} // namespace

TEST_CASE("a centre crop rounds halves to even, as Python does", "[program]") {
    CHECK(corner(10, 10, 10, 10) == std::pair(0, 0));
    CHECK(corner(11, 12, 10, 10) == std::pair(0, 1)); // 0.5 -> 0
    CHECK(corner(13, 15, 10, 10) == std::pair(2, 2)); // 1.5 -> 2, 2.5 -> 2
    CHECK(corner(17, 19, 10, 10) == std::pair(4, 4)); // 3.5 -> 4, 4.5 -> 4
    CHECK(corner(21, 200, 4, 5) == std::pair(8, 98)); // 8.5 -> 8, 97.5 -> 98
}

TEST_CASE("a smaller image is padded with black, the odd pixel after it", "[program]") {
    Image image;
    make_ramp(3, 2, image);
    const Bytes out = fit(model_of(RESNETC_RESIZE_CROP, 0, 6, 5), image);
    for (int y = 0; y < 5; y++)
        for (int x = 0; x < 6; x++) {
            const uint8_t* pixel = &out[static_cast<size_t>(y * 6 + x) * 3];
            const bool inside = x >= 1 && x < 4 && y >= 1 && y < 3;
            CHECK(int{pixel[0]} == (inside ? x - 1 : 0));
            CHECK(int{pixel[1]} == (inside ? y - 1 : 0));
            CHECK(int{pixel[2]} == (inside ? 77 : 0));
        }
}

TEST_CASE("narrower but higher: padded one way, cropped the other", "[program]") {
    Image image;
    make_ramp(2, 9, image);
    const Bytes out = fit(model_of(RESNETC_RESIZE_CROP, 0, 4, 4), image);
    CHECK(int{out[0]} == 0);
    CHECK(int{out[2]} == 0);      // padding
    CHECK(int{out[3 + 2]} == 77); // the image's first column
    CHECK(int{out[3 + 1]} == 2);  // 2.5 -> 2
}

TEST_CASE("without scaling the size has to fit", "[program]") {
    Image image;
    make_ramp(8, 6, image);
    const Bytes whole(image.row(0), image.row(6));
    CHECK(fit(model_of(RESNETC_RESIZE_NONE, 0, 8, 6), image) == whole);
    resnetc::Error error;
    Bytes out(size_t{6} * 8 * 3);
    CHECK_FALSE(
        resnetc::fit_image(model_of(RESNETC_RESIZE_NONE, 0, 6, 8), image, out.data(), error));
    CHECK(std::string(error.text) == "is 8x6 pixels, expected 6x8 (width x height)");
    CHECK(error.code == resnetc::exit_input);
}

TEST_CASE("scaling keeps a constant image and halves a step exactly", "[program]") {
    Image image;
    REQUIRE(decode(ppm(plain(31, 47, 12, 200, 255)), image) == "");
    CHECK(fit(model_of(RESNETC_RESIZE_SHORT_SIDE, 16, 16, 16), image) ==
          plain(16, 16, 12, 200, 255).rgb);
    // Halving 0 0 255 255 255 255: the triangle weighs 1/8 3/8 3/8 1/8, renormalised at the edges.
    Image row;
    REQUIRE(decode(text_bytes("P2 6 1 255 0 0 255 255 255 255"), row) == "");
    const Bytes out = fit(model_of(RESNETC_RESIZE_EXACT, 0, 3, 1), row);
    CHECK(int{out[0]} == 36);  // 255 / 7
    CHECK(int{out[3]} == 223); // 255 * 7 / 8
    CHECK(int{out[6]} == 255);
}

TEST_CASE("an extreme shape scales only what is kept", "[program]") {
    Image image; // the whole scaled image would have 256 x 76,800,000 pixels
    REQUIRE(decode(ppm(plain(1, 300000, 9, 8, 7)), image) == "");
    CHECK(fit(model_of(RESNETC_RESIZE_SHORT_SIDE, 256, 24, 24), image) ==
          plain(24, 24, 9, 8, 7).rgb);
}

TEST_CASE("channels come in the model's order", "[program]") {
    ResnetcModel model = model_of(RESNETC_RESIZE_CROP, 0, 1, 1);
    Image image;
    REQUIRE(decode(ppm(plain(1, 1, 10, 20, 30)), image) == "");
    CHECK(fit(model, image) == Bytes{10, 20, 30});
    model.colour_order = RESNETC_COLOUR_BGR;
    CHECK(fit(model, image) == Bytes{30, 20, 10});
    model.colour_order = RESNETC_COLOUR_GREY;
    model.channels = 1;
    REQUIRE(decode(ppm(plain(1, 1, 10, 20, 30)), image) == "");
    CHECK(fit(model, image) == Bytes{18});
}
