#include "resize.h"

#include <cmath>

namespace resnetc {
namespace {

// Pillow's PRECISION_BITS: 32 bits less 8 of the pixel and 2 of headroom.
constexpr int kPrecisionBits = 22;
constexpr int32_t kHalf = 1 << (kPrecisionBits - 1);

// The filter of one pass, for output positions first .. first + count - 1.
struct Taps {
    Array<int> start;      // first input position of each output position
    Array<int> length;     // number of input positions
    Array<int32_t> weight; // `stride` for each output position
    int stride = 0;
};

// Rounds as Pillow does, which truncates negative sums towards 0.
int round_half_up(double value) {
    return static_cast<int>(value + 0.5); // NOLINT(bugprone-incorrect-roundings): the same bits
}

uint8_t clip(int32_t sum) {
    int32_t value = sum >> kPrecisionBits;
    return static_cast<uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
}

// Weights of output position `position`, as doubles that add up to 1, in `w`.
void weigh(int in_size, double scale, double filter_scale, int64_t position, double* w, int& start,
           int& length) {
    double support = filter_scale; // the triangle reaches 1 to each side
    double center = (static_cast<double>(position) + 0.5) * scale;
    int low = round_half_up(center - support);
    if (low < 0)
        low = 0;
    int high = round_half_up(center + support);
    if (high > in_size)
        high = in_size;
    double total = 0.0;
    double inverse = 1.0 / filter_scale;
    for (int x = 0; x < high - low; x++) {
        double distance = std::fabs((x + low - center + 0.5) * inverse);
        w[x] = distance < 1.0 ? 1.0 - distance : 0.0;
        total += w[x];
    }
    if (total != 0.0)
        for (int x = 0; x < high - low; x++)
            w[x] /= total;
    start = low;
    length = high - low;
}

bool make_taps(int in_size, int64_t out_size, int64_t first, int count, Taps& taps, Error& error) {
    double scale = static_cast<double>(in_size) / static_cast<double>(out_size);
    double filter_scale = scale < 1.0 ? 1.0 : scale;
    taps.stride = static_cast<int>(std::ceil(filter_scale)) * 2 + 1;
    size_t outputs = static_cast<size_t>(count);
    size_t stride = static_cast<size_t>(taps.stride);
    Array<double> w;
    if (!taps.start.resize(outputs) || !taps.length.resize(outputs) ||
        !taps.weight.resize(outputs * stride) || !w.resize(stride))
        return fail(error, exit_model, "not enough memory to scale the image");
    for (size_t i = 0; i < outputs; i++) {
        weigh(in_size, scale, filter_scale, first + static_cast<int64_t>(i), w.data, taps.start[i],
              taps.length[i]);
        for (size_t x = 0; x < static_cast<size_t>(taps.length[i]); x++)
            taps.weight[i * stride + x] = round_half_up(w[x] * (1 << kPrecisionBits));
    }
    return true;
}

// One row, `channels` a constant so that the sums stay in registers.
template <int channels> void scale_row(const uint8_t* in, const Taps& taps, uint8_t* out) {
    for (size_t i = 0; i < taps.start.size; i++) {
        const uint8_t* pixel = in + static_cast<size_t>(taps.start[i]) * channels;
        const int32_t* weight = taps.weight.data + i * static_cast<size_t>(taps.stride);
        int32_t sum[channels];
        for (int c = 0; c < channels; c++)
            sum[c] = kHalf;
        for (int x = 0; x < taps.length[i]; x++)
            for (int c = 0; c < channels; c++)
                sum[c] += *pixel++ * weight[x];
        for (int c = 0; c < channels; c++)
            *out++ = clip(sum[c]);
    }
}

// The horizontal pass over input rows first .. first + rows - 1.
bool scale_rows(const Image& in, const Taps& taps, int first, int rows, Array<uint8_t>& out,
                Error& error) {
    size_t row_bytes = taps.start.size * static_cast<size_t>(in.channels);
    if (!out.resize(static_cast<size_t>(rows) * row_bytes))
        return fail(error, exit_model, "not enough memory to scale the image");
    for (int y = 0; y < rows; y++) {
        uint8_t* target = out.data + static_cast<size_t>(y) * row_bytes;
        if (in.channels == 1)
            scale_row<1>(in.row(first + y), taps, target);
        else
            scale_row<3>(in.row(first + y), taps, target);
    }
    return true;
}

// The vertical pass; `in` starts at input row `first`. Sums a row at a time in `sums`.
void scale_columns(const uint8_t* in, int first, const Taps& taps, size_t row_bytes, int32_t* sums,
                   uint8_t* out, size_t out_stride) {
    for (size_t i = 0; i < taps.start.size; i++, out += out_stride) {
        for (size_t x = 0; x < row_bytes; x++)
            sums[x] = kHalf;
        const uint8_t* row = in + static_cast<size_t>(taps.start[i] - first) * row_bytes;
        const int32_t* weight = taps.weight.data + i * static_cast<size_t>(taps.stride);
        for (int y = 0; y < taps.length[i]; y++, row += row_bytes)
            for (size_t x = 0; x < row_bytes; x++)
                sums[x] += row[x] * weight[y];
        for (size_t x = 0; x < row_bytes; x++)
            out[x] = clip(sums[x]);
    }
}

} // namespace

bool resize_region(const Image& in, int64_t width, int64_t height, const Region& region,
                   uint8_t* out, size_t out_stride, Error& error) {
    if (region.width < 1 || region.height < 1)
        return true;
    Taps across, down;
    if (!make_taps(in.width, width, region.left, region.width, across, error) ||
        !make_taps(in.height, height, region.top, region.height, down, error))
        return false;
    size_t last = down.start.size - 1;
    int first_row = down.start[0];
    int rows = down.start[last] + down.length[last] - first_row;
    size_t row_bytes = static_cast<size_t>(region.width) * static_cast<size_t>(in.channels);
    Array<uint8_t> scaled;
    Array<int32_t> sums;
    if (!scale_rows(in, across, first_row, rows, scaled, error))
        return false;
    if (!sums.resize(row_bytes))
        return fail(error, exit_model, "not enough memory to scale the image");
    scale_columns(scaled.data, first_row, down, row_bytes, sums.data, out, out_stride);
    return true;
}

} // namespace resnetc
