#include "network.h"

#include "network_builder.h"

#include <initializer_list>

namespace resnetc {

namespace {

// The first place that the user wrote; {0,0} if all are defaults.
SourceLocation first_written(std::initializer_list<SourceLocation> places) {
    for (const SourceLocation& place : places) {
        if (place.line > 0) {
            return place;
        }
    }
    return {};
}

// What one residual block is asked to do.
struct BlockPlan {
    std::string name; // "layer2.0"
    int64_t width = 0;
    int stride = 1;
    SourceLocation where; // of its stage, for errors
};

// The stem's convolutions. One is called conv1; of several all but the last carry their batch norm
// and ReLU inside the sequence conv1, as in timm: conv1.0, .1 (bn), .2 (relu), .3, ... and bn1.
int build_stem_convolutions(NetworkBuilder& builder, const Spec& spec, int input) {
    const StemSpec& stem = *spec.stem;
    const size_t count = stem.widths.size();
    int last = input;
    for (size_t i = 0; i < count; ++i) {
        const bool only = count == 1;
        const bool is_last = i + 1 == count;
        const auto name = [&](size_t k) { return "conv1." + std::to_string(3 * i + k); };
        const WindowSpec window{
            stem.kernel.value, i == 0 ? stem.stride.value : 1, stem.padding.value,
            first_written({stem.padding.where, stem.kernel.where, stem.widths[i].where, stem.where,
                           spec.height.where, spec.width.where})};
        last = builder.conv(only ? "conv1" : name(0), last, stem.widths[i].value, window);
        if (spec.batch_norm.value) {
            last = builder.batch_norm(is_last ? "bn1" : name(1), last);
        }
        last = builder.relu(is_last ? "relu" : name(2), last);
    }
    return last;
}

int build_stem(NetworkBuilder& builder, const Spec& spec) {
    if (!spec.stem) {
        return kNetworkInput;
    }
    builder.begin_stage(0);
    const int last = build_stem_convolutions(builder, spec, kNetworkInput);
    if (!spec.stem->pool) {
        return last;
    }
    const StemPool& pool = *spec.stem->pool;
    const WindowSpec window{pool.kernel.value, pool.stride.value, pool.padding.value,
                            first_written({pool.padding.where, pool.kernel.where, spec.stem->where,
                                           spec.height.where, spec.width.where})};
    return builder.max_pool("maxpool", last, window);
}

// A 3x3 convolution of a block, with the spec's padding.
WindowSpec block_window(const Spec& spec, const BlockPlan& plan, int stride) {
    return {3, stride, spec.padding.value, first_written({spec.padding.where, plan.where})};
}

WindowSpec pointwise(const BlockPlan& plan, int stride) {
    return {1, stride, {PaddingRule::valid, {}}, plan.where};
}

// A convolution of a block, its batch norm, and unless it is the last, its ReLU.
int build_unit(NetworkBuilder& builder, const Spec& spec, const BlockPlan& plan, int number,
               int input, int64_t channels, const WindowSpec& window, int groups, bool relu) {
    const std::string digit = std::to_string(number);
    int last = builder.conv(plan.name + ".conv" + digit, input, channels, window, groups);
    if (spec.batch_norm.value) {
        last = builder.batch_norm(plan.name + ".bn" + digit, last);
    }
    return relu ? builder.relu(plan.name + ".relu" + digit, last) : last;
}

// 1x1 convolution [and batch norm] of a shortcut, named as the elements of torchvision's and timm's
// Sequential `downsample` from index `first` on.
int build_projection(NetworkBuilder& builder, const Spec& spec, const BlockPlan& plan, int input,
                     int64_t channels, int stride, int first) {
    const std::string name = plan.name + ".downsample.";
    const int conv =
        builder.conv(name + std::to_string(first), input, channels, pointwise(plan, stride));
    if (!spec.shortcut.batch_norm.value) {
        return conv;
    }
    return builder.batch_norm(name + std::to_string(first + 1), conv);
}

// The shortcut of a block that makes `channels` channels. Nothing to do where it keeps its shape.
int build_shortcut(NetworkBuilder& builder, const Spec& spec, const BlockPlan& plan, int input,
                   int64_t channels) {
    const int64_t from = builder.shape_of(input).c;
    if (plan.stride == 1 && from == channels) {
        return input;
    }
    const ShortcutKind kind = spec.shortcut.kind.value;
    const SourceLocation where = first_written({spec.shortcut.kind.where, plan.where});
    const bool pads = kind == ShortcutKind::pad || kind == ShortcutKind::avg_pool_pad;
    if (pads && channels < from) {
        builder.refuse(where,
                       plan.name + " makes " + std::to_string(channels) + " channels of " +
                           std::to_string(from) +
                           ", expected no fewer for a shortcut that pads with zeros",
                       "use shortcut: projection");
    }
    const std::string pool_name = plan.name + ".downsample.0";
    switch (kind) {
    case ShortcutKind::projection:
        return build_projection(builder, spec, plan, input, channels, plan.stride, 0);
    case ShortcutKind::avg_pool_projection:
        if (plan.stride > 1) {
            input = builder.average_pool(pool_name, input, plan.stride, where);
        }
        return build_projection(builder, spec, plan, input, channels, 1, 1);
    case ShortcutKind::pad:
        return builder.pad_channels(plan.name + ".downsample", input, channels,
                                    (channels - from) / 2, plan.stride, where);
    case ShortcutKind::avg_pool_pad:
        if (plan.stride > 1) {
            input = builder.average_pool(pool_name, input, plan.stride, where);
        }
        return from == channels ? input
                                : builder.pad_channels(plan.name + ".downsample.1", input, channels,
                                                       0, 1, where);
    case ShortcutKind::identity:
        break;
    }
    builder.refuse(where,
                   plan.name + " makes " + std::to_string(channels) + " channels of " +
                       std::to_string(from) + " with stride " + std::to_string(plan.stride) +
                       ", expected no change of shape for shortcut: identity",
                   "use shortcut: projection");
}

int build_add(NetworkBuilder& builder, const Spec& spec, const BlockPlan& plan, int main,
              int shortcut) {
    const Shape& a = builder.shape_of(main);
    const Shape& b = builder.shape_of(shortcut);
    if (!(a == b)) {
        builder.refuse(first_written({spec.padding.where, plan.where}),
                       plan.name + ".add adds " + to_string(a) + " and " + to_string(b) +
                           ", expected equal shapes",
                       "3x3 convolutions must keep the size of the map: use padding: symmetric");
    }
    return builder.add(plan.name + ".add", main, shortcut);
}

// Two 3x3 convolutions, the stride in the first. The shortcut comes right before the last
// convolution, which adds it in place: the input's storage is free by then.
int build_basic_block(NetworkBuilder& builder, const Spec& spec, const BlockPlan& plan, int input) {
    const int first = build_unit(builder, spec, plan, 1, input, plan.width,
                                 block_window(spec, plan, plan.stride), 1, true);
    const int shortcut = build_shortcut(builder, spec, plan, input, plan.width);
    const int second = build_unit(builder, spec, plan, 2, first, plan.width,
                                  block_window(spec, plan, 1), 1, false);
    const int sum = build_add(builder, spec, plan, second, shortcut);
    return builder.relu(plan.name + ".relu2", sum);
}

// Channels of a bottleneck's 3x3 convolution (torchvision.models.resnet.Bottleneck).
int64_t inner_width(NetworkBuilder& builder, const Spec& spec, const BlockPlan& plan) {
    const int64_t per_group = plan.width * spec.width_per_group.value / 64;
    if (per_group == 0) {
        builder.refuse(first_written({spec.width_per_group.where, plan.where}),
                       plan.name + " has groups of 0 channels (width " +
                           std::to_string(plan.width) + " * width_per_group " +
                           std::to_string(spec.width_per_group.value) +
                           " / 64, rounded down), expected at least 1");
    }
    return per_group * spec.groups.value;
}

// 1x1, 3x3 and 1x1 convolution. The shortcut as in the basic block.
int build_bottleneck(NetworkBuilder& builder, const Spec& spec, const BlockPlan& plan, int input) {
    const int64_t inner = inner_width(builder, spec, plan);
    const int64_t outer = plan.width * spec.expansion.value;
    const bool early = spec.stride_in.value == StridePlace::conv1;
    const int first = build_unit(builder, spec, plan, 1, input, inner,
                                 pointwise(plan, early ? plan.stride : 1), 1, true);
    const int second =
        build_unit(builder, spec, plan, 2, first, inner,
                   block_window(spec, plan, early ? 1 : plan.stride), spec.groups.value, true);
    const int shortcut = build_shortcut(builder, spec, plan, input, outer);
    const int third =
        build_unit(builder, spec, plan, 3, second, outer, pointwise(plan, 1), 1, false);
    const int sum = build_add(builder, spec, plan, third, shortcut);
    return builder.relu(plan.name + ".relu3", sum);
}

int build_stages(NetworkBuilder& builder, const Spec& spec, int input) {
    int last = input;
    for (size_t stage = 0; stage < spec.depths.size(); ++stage) {
        builder.begin_stage(static_cast<int>(stage) + 1);
        for (int block = 0; block < spec.depths[stage].value; ++block) {
            const BlockPlan plan{"layer" + std::to_string(stage + 1) + "." + std::to_string(block),
                                 spec.widths[stage].value,
                                 block == 0 ? spec.strides[stage].value : 1,
                                 first_written({spec.widths[stage].where, spec.strides[stage].where,
                                                spec.depths[stage].where})};
            last = spec.block.value == BlockKind::basic
                       ? build_basic_block(builder, spec, plan, last)
                       : build_bottleneck(builder, spec, plan, last);
        }
    }
    return last;
}

void build_head(NetworkBuilder& builder, const Spec& spec, int input) {
    if (!spec.head) {
        return;
    }
    builder.begin_stage(0);
    const int pooled = builder.global_average_pool("avgpool", input);
    const int logits =
        builder.fully_connected("fc", pooled, spec.head->classes.value,
                                first_written({spec.head->classes.where, spec.head->where}));
    if (spec.head->softmax.value) {
        builder.softmax("softmax", logits);
    }
}

} // namespace

Network build_network(const Spec& spec) {
    NetworkBuilder builder(spec);
    const int stem = build_stem(builder, spec);
    const int body = build_stages(builder, spec, stem);
    build_head(builder, spec, body);
    return builder.take();
}

} // namespace resnetc
