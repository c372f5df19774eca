// Writes the pixels that a model would be given for an image to standard output, for
// compare_pillow.py.
//
//     dump_crop MODE RESIZE WIDTH HEIGHT COLOUR FILE
//
// MODE is a ResnetcResize and COLOUR a ResnetcColour as a number. Output: HEIGHT*WIDTH*C bytes.
#include "program/preprocess.h"

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    if (argc != 7) {
        fputs("usage: dump_crop MODE RESIZE WIDTH HEIGHT COLOUR FILE\n", stderr);
        return 2;
    }
    ResnetcModel model{};
    model.resize_mode = atoi(argv[1]);
    model.resize = atoi(argv[2]);
    model.width = atoi(argv[3]);
    model.height = atoi(argv[4]);
    model.colour_order = atoi(argv[5]);
    model.channels = model.colour_order == RESNETC_COLOUR_GREY ? 1 : 3;
    resnetc::Array<uint8_t> pixels;
    size_t count = static_cast<size_t>(model.width * model.height * model.channels);
    resnetc::Error error;
    char warning[200];
    if (!pixels.resize(count) ||
        !resnetc::load_image(model, argv[6], pixels.data, warning, error)) {
        resnetc::print_message("dump_crop", argv[6], "error", error.text);
        return 1;
    }
    return fwrite(pixels.data, 1, count, stdout) == count ? 0 : 1;
}
