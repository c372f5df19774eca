#include "preprocess.h"

#include "file.h"
#include "resize.h"

#include <cstring>

namespace resnetc {
namespace {

struct Size {
    int64_t width, height;
};

// torchvision 0.14, transforms.functional: _compute_resized_output_size.
Size scaled_size(const ResnetcModel& model, const Image& image) {
    if (model.resize_mode == RESNETC_RESIZE_EXACT)
        return {model.width, model.height};
    if (model.resize_mode != RESNETC_RESIZE_SHORT_SIDE)
        return {image.width, image.height};
    bool upright = image.width <= image.height;
    int64_t shorter = upright ? image.width : image.height;
    int64_t longer = upright ? image.height : image.width;
    // int(size * long / short): Python divides as doubles, then truncates.
    int64_t scaled = static_cast<int64_t>(static_cast<double>(model.resize * longer) /
                                          static_cast<double>(shorter));
    return upright ? Size{model.resize, scaled} : Size{scaled, model.resize};
}

// One axis of a centre crop: `take` pixels of the scaled image from `from`, put at `put`.
struct Span {
    int64_t from;
    int put, take;
};

// torchvision 0.14, transforms.functional: center_crop. Where the image is smaller it is padded
// with (crop - size) // 2 before it; where larger, int(round((size - crop) / 2.0)) is cut, and
// Python rounds halves to even.
Span centre(int64_t size, int crop) {
    if (size <= crop)
        return {0, static_cast<int>((crop - size) / 2), static_cast<int>(size)};
    int64_t excess = size - crop;
    int64_t cut = excess / 2;
    if (excess % 2 == 1 && cut % 2 == 1)
        cut++;
    return {cut, 0, crop};
}

void copy_region(const Image& image, const Region& region, uint8_t* out, size_t out_stride) {
    size_t channels = static_cast<size_t>(image.channels);
    for (int y = 0; y < region.height; y++)
        memcpy(out + static_cast<size_t>(y) * out_stride,
               image.row(static_cast<int>(region.top) + y) +
                   static_cast<size_t>(region.left) * channels,
               static_cast<size_t>(region.width) * channels);
}

void swap_red_and_blue(uint8_t* pixels, size_t count) {
    for (; count > 0; count--, pixels += 3) {
        uint8_t red = pixels[0];
        pixels[0] = pixels[2];
        pixels[2] = red;
    }
}

} // namespace

const char* no_images_reason(const ResnetcModel& model) {
    if (!model.run_u8)
        return "this model was compiled without preprocessing, expected --npy with float32 input";
    if (model.channels != (model.colour_order == RESNETC_COLOUR_GREY ? 1 : 3))
        return "this model's input is not a photograph, expected --npy input";
    return nullptr;
}

bool fit_image(const ResnetcModel& model, Image& image, uint8_t* out, Error& error) {
    if (model.resize_mode == RESNETC_RESIZE_NONE &&
        (image.width != model.width || image.height != model.height))
        return fail(error, "is %dx%d pixels, expected %dx%d (width x height)", image.width,
                    image.height, model.width, model.height);
    if (model.colour_order == RESNETC_COLOUR_GREY)
        convert_to_grey(image);
    Size size = scaled_size(model, image);
    Span across = centre(size.width, model.width);
    Span down = centre(size.height, model.height);
    size_t channels = static_cast<size_t>(model.channels);
    size_t stride = static_cast<size_t>(model.width) * channels;
    size_t pixels = static_cast<size_t>(model.width) * static_cast<size_t>(model.height);
    if (across.take < model.width || down.take < model.height)
        memset(out, 0, pixels * channels);
    Region region{across.from, down.from, across.take, down.take};
    uint8_t* corner =
        out + static_cast<size_t>(down.put) * stride + static_cast<size_t>(across.put) * channels;
    if (size.width == image.width && size.height == image.height)
        copy_region(image, region, corner, stride);
    else if (!resize_region(image, size.width, size.height, region, corner, stride, error))
        return false;
    if (model.colour_order == RESNETC_COLOUR_BGR)
        swap_red_and_blue(out, pixels);
    return true;
}

bool load_image(const ResnetcModel& model, const char* path, uint8_t* out, char* warning,
                Error& error) {
    warning[0] = 0;
    Image image;
    {
        Array<uint8_t> bytes; // freed before scaling
        if (!read_file(path, "an image", bytes, error) ||
            !decode_image(bytes.data, bytes.size, image, error))
            return false;
    }
    memcpy(warning, image.warning, sizeof image.warning);
    return fit_image(model, image, out, error);
}

} // namespace resnetc
