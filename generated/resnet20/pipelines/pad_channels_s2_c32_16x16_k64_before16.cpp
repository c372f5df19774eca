// pad_channels_s2_c32_16x16_k64_before16: (1,32,16,16) -> (1,64,8,8)
//
// resnet20.yaml: layer3.0.downsample
// The shortcut without weights ("option A"): every pixel of stride 2, 16 channels of zeros
// before the input's and zeros behind. For layer3.0.downsample:
//   input    arena [98304, 131072)
//   output   arena [16384, 32768)
// Made by resnetc 0.1.0:
//   resnetc generate resnet20.yaml --weights resnet20_demo.safetensors --target x86-64-v4
//
//   input, output   (16 channels, x, y, block of channels, n)
#include "pipeline_support.h"

namespace {

using namespace Halide;

class pad_channels_s2_c32_16x16_k64_before16 : public Generator<pad_channels_s2_c32_16x16_k64_before16> {
  public:
    Input<Buffer<float, 5>> input{"input"};
    Output<Buffer<float, 5>> output{"output"};

    void generate() {
        set_dense(input, {16, 16, 16, 2, 1});
        set_dense(output, {16, 8, 8, 4, 1});

        // The zeros first, then the input's channels by runs of 16 that stay together on both sides.
        run = RDom(0, 16, 0, 2, "run");
        Expr from = run.y * 16, to = from + 16;
        output(v, x, y, o, n) = 0.0f;
        output(run.x + to % 16, x, y, to / 16, n) =
            input(run.x + from % 16, x * 2, y * 2, from / 16, n);
    }

    void schedule() {
        Func whole = output;
        whole.vectorize(v);
        // The runs do not overlap, which Halide cannot see.
        whole.update().reorder(run.x, x, y, run.y, n).allow_race_conditions().vectorize(run.x);
    }

  private:
    Var v{"v"}, x{"x"}, y{"y"}, o{"o"}, n{"n"};
    RDom run;
};

} // namespace

HALIDE_REGISTER_GENERATOR(pad_channels_s2_c32_16x16_k64_before16, pad_channels_s2_c32_16x16_k64_before16)
