// What the user wrote in specs/models/*.yaml, checked and with defaults filled in. Included by the
// Network builder and by whatever needs preprocessing, labels or checkpoint naming.
//
// In: YAML text (field reference: specs/README.md). Out: a Spec whose every field knows its place
// in the text, so that later stages (a shape that reaches zero, say) can point at it.
#pragma once

#include "diagnostics.h"
#include "shape.h"

#include <optional>
#include <string>
#include <vector>

namespace resnetc {

// How the padding of a window is found.
enum class PaddingRule {
    symmetric, // (kernel - 1) / 2 on every side, PyTorch's habit
    same,      // TensorFlow's rule, asymmetric at stride 2
    valid,     // none
    numbers    // given as `padding: 1` or `padding: [top, left, bottom, right]`
};

struct PaddingSpec {
    PaddingRule rule = PaddingRule::symmetric;
    Padding numbers; // only for PaddingRule::numbers
};

// Max pooling after the stem's convolutions.
struct StemPool {
    Located<int> kernel{3};
    Located<int> stride{2};
    Located<PaddingSpec> padding;
};

// Convolutions before the first stage: one 7x7 (torchvision), one 3x3 (CIFAR), three 3x3 (timm's
// c/d/s/t). The stride belongs to the first of them.
struct StemSpec {
    Located<int> kernel{7};
    Located<int> stride{2};
    std::vector<Located<int>> widths; // output channels of each convolution, never empty
    Located<PaddingSpec> padding;
    std::optional<StemPool> pool;
    SourceLocation where;
};

enum class BlockKind { basic, bottleneck };

// What runs beside a block whose shape changes. Blocks that keep their shape always use identity.
enum class ShortcutKind {
    projection,          // 1x1 convolution with the block's stride (option B)
    avg_pool_projection, // 2x2 average pool (ceil mode, padding not counted), 1x1 stride 1
                         // (ResNet-D)
    pad,                 // every stride-th pixel, zero channels half before, half after (option A)
    avg_pool_pad,        // 2x2 average pool, zero channels after
    identity             // no change of shape is allowed
};

struct ShortcutSpec {
    Located<ShortcutKind> kind;
    Located<bool> batch_norm{true}; // batch norm after the projection
};

// Which convolution of a bottleneck carries the block's stride.
enum class StridePlace { conv2, conv1 }; // conv2: v1.5 (torchvision), conv1: v1 (the paper)

struct HeadSpec {
    Located<int> classes{1000};
    Located<bool> softmax{false};
    SourceLocation where;
};

enum class ResizeMode {
    none,       // pictures must have the network's size already
    short_side, // the short side becomes `short_side` pixels, then the centre is cropped
    exact       // straight to the network's H x W
};

enum class ColourOrder { rgb, bgr, grey };

// From a decoded picture (0..255) to the network's input: (pixel / scale - mean[c]) / stddev[c].
struct PreprocessingSpec {
    ResizeMode resize = ResizeMode::none;
    int short_side = 0; // pixels, for ResizeMode::short_side
    ColourOrder colour = ColourOrder::rgb;
    double scale = 255.0;
    std::vector<double> mean;   // one a channel
    std::vector<double> stddev; // one a channel, none zero
    SourceLocation where;
};

// A rule `rename: [{match: REGEX, replace: TEXT}]`: ECMAScript regex, applied with $1 references to
// the checkpoint's tensor names, all rules in order, to get our canonical (torchvision) names.
struct RenameRule {
    Located<std::string> match;
    Located<std::string> replace;
};

enum class CheckpointNaming { automatic, torchvision, huggingface, akamaster };

struct CheckpointSpec {
    Located<CheckpointNaming> naming;
    std::vector<RenameRule> rename;
};

struct Spec {
    std::string path; // as given by the user
    std::string text; // the whole source, for diagnostics of later stages and for the manifest
    Located<std::string> name; // a C identifier in lower case, equal to the file's stem
    Located<std::string> description;

    Located<int> batch{1};
    Located<int> channels{3};
    Located<int> height{224};
    Located<int> width{224};

    std::optional<StemSpec> stem; // none: the first block reads the input
    Located<BlockKind> block;
    std::vector<Located<int>> depths;  // blocks of each stage
    std::vector<Located<int>> widths;  // channels of each stage before expansion
    std::vector<Located<int>> strides; // of the first block of each stage
    Located<int> expansion{1};         // output channels = width * expansion (bottleneck: 4)
    Located<int> groups{1};            // of the 3x3 convolution of a bottleneck
    Located<int> width_per_group{64};  // torchvision's: inner width = width * this / 64 * groups
    Located<StridePlace> stride_in;
    ShortcutSpec shortcut;
    Located<PaddingSpec> padding; // of the 3x3 convolutions of the blocks
    Located<bool> batch_norm{true};
    Located<double> bn_eps{1e-5};
    Located<bool> conv_bias{false}; // convolutions (projections too) carry a bias

    std::optional<HeadSpec> head;                   // none: the last block's map is the output
    std::optional<PreprocessingSpec> preprocessing; // none: float input only
    std::vector<std::string> labels;                // empty, or one a class
    std::string labels_file;                        // that they were read from; empty: none
    CheckpointSpec checkpoint;
};

// Changes that a command line may ask for (`summary --input 3x320x256 --batch 4 --classes 10`).
struct SpecOverrides {
    std::optional<int> batch, channels, height, width, classes;
};

// Reads and checks a spec. Throws DiagnosticError with every error of the text. `labels` files
// named by the spec are read relative to the spec's folder; "imagenet1k" and "cifar10" are built
// in.
Spec load_spec(const std::string& path);
Spec parse_spec(SourceFile file);

// Applies the overrides; throws DiagnosticError if one is out of range or has no place (classes
// without a head). A changed class count drops labels that no longer match.
void apply_overrides(Spec& spec, const SpecOverrides& overrides);

} // namespace resnetc
