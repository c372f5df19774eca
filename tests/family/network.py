"""From a spec to a list of layers, as torchvision and timm build them.

Imported by `onnx_model.py` and `compare_onnxruntime.py`. Layers carry the names of torchvision's
modules (timm's for a deep stem and average pool shortcuts), explicit padding, and the shape of
what they return. Rules that are not torchvision's are in specs/README.md.
"""
from __future__ import annotations

from dataclasses import dataclass, field

from spec_file import Padding, Spec

INPUT = "input"
Shape = tuple[int, int, int]  # C, H, W
Pads = tuple[int, int, int, int]  # top, left, bottom, right
NO_PADS: Pads = (0, 0, 0, 0)


class InvalidNetwork(Exception):
    """The spec describes no network; the compiler has to refuse it too."""


@dataclass(frozen=True)
class Node:
    """One layer. `name` is also its output value and the prefix of its tensors.

    op: conv, batch_norm, relu, max_pool, avg_pool, subsample, pad_channels, add, global_avg_pool,
    fc or softmax. shape: of the output. pads: in pixels. bias: whether a conv has one. before,
    after: the zero channels that pad_channels adds.
    """
    op: str
    name: str
    inputs: tuple[str, ...]
    shape: Shape
    kernel: int = 1
    stride: int = 1
    pads: Pads = NO_PADS
    groups: int = 1
    bias: bool = False
    before: int = 0
    after: int = 0


@dataclass
class Network:
    """Nodes in execution order; the last one is the output."""
    spec: Spec
    input_shape: Shape
    nodes: list[Node] = field(default_factory=list)

    def shape_of(self, value: str) -> Shape:
        if value == INPUT:
            return self.input_shape
        return next(node.shape for node in reversed(self.nodes) if node.name == value)

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Of one image: (classes,) or, without a head, (C, H, W)."""
        shape = self.nodes[-1].shape
        return shape if self.spec.classes is None else shape[:1]


def same_pads(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """TensorFlow's SAME along one axis: ceil(size / stride) outputs, the odd pixel after."""
    outputs = -(-size // stride)
    total = max((outputs - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def explicit_pads(padding: Padding, kernel: int, stride: int, shape: Shape) -> Pads:
    """Any spelling of padding as (top, left, bottom, right)."""
    if padding == "same":
        top, bottom = same_pads(shape[1], kernel, stride)
        left, right = same_pads(shape[2], kernel, stride)
        return top, left, bottom, right
    if padding == "symmetric":
        padding = (kernel - 1) // 2
    elif padding == "valid":
        padding = 0
    if isinstance(padding, int):
        return padding, padding, padding, padding
    if isinstance(padding, str):
        raise ValueError(f"unknown padding '{padding}'")
    top, left, bottom, right = padding
    return top, left, bottom, right


def window_count(size: int, before: int, after: int, kernel: int, stride: int) -> int:
    """Positions of a window along one axis, as in PyTorch's Conv2d and MaxPool2d."""
    count = (size + before + after - kernel) // stride + 1
    if size + before + after < kernel or count < 1:
        raise InvalidNetwork(f"a window of {kernel} does not fit into {size} pixels")
    return count


def ceil_mode_windows(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Windows along one axis and the pixels missing behind the last: AvgPool2d(ceil_mode=True).

    Without padding; the last window has to start inside the input.
    """
    count = -(-(size - kernel) // stride) + 1
    if (count - 1) * stride >= size:
        count -= 1
    return count, max((count - 1) * stride + kernel - size, 0)


class Builder:
    """Appends layers; every method returns the name of the value it makes."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.net = Network(spec, (spec.channels, spec.height, spec.width))

    def append(self, node: Node) -> str:
        self.net.nodes.append(node)
        return node.name

    def conv(self, x: str, name: str, cout: int, kernel: int, stride: int, padding: Padding,
             groups: int = 1) -> str:
        cin, height, width = shape = self.net.shape_of(x)
        if cin % groups or cout % groups:
            raise InvalidNetwork(f"{name}: {cin} to {cout} channels in {groups} groups")
        pads = explicit_pads(padding, kernel, stride, shape) if kernel > 1 else NO_PADS
        out = (cout, window_count(height, pads[0], pads[2], kernel, stride),
               window_count(width, pads[1], pads[3], kernel, stride))
        return self.append(Node("conv", name, (x,), out, kernel, stride, pads, groups,
                                self.spec.conv_bias))

    def keep(self, op: str, name: str, *inputs: str) -> str:
        """A layer that keeps the shape: batch_norm, relu, add, softmax."""
        shapes = [self.net.shape_of(x) for x in inputs]
        if any(shape != shapes[0] for shape in shapes):
            raise InvalidNetwork(f"{name}: {' and '.join(map(str, shapes))}")
        return self.append(Node(op, name, inputs, shapes[0]))

    def batch_norm(self, x: str, name: str) -> str:
        return self.keep("batch_norm", name, x) if self.spec.batch_norm else x

    def stem(self, x: str) -> str:
        """ResNet.conv1, bn1, act1, maxpool; timm's deep_stem is a Sequential called conv1."""
        stem = self.spec.stem
        if stem is None:
            return x
        last = len(stem.widths) - 1
        for i, width in enumerate(stem.widths):
            name = f"conv1.{3 * i}" if last > 0 else "conv1"
            x = self.conv(x, name, width, stem.kernel, stem.stride if i == 0 else 1, stem.padding)
            x = self.batch_norm(x, "bn1" if i == last else f"conv1.{3 * i + 1}")
            x = self.keep("relu", "act1" if i == last else f"conv1.{3 * i + 2}", x)
        if stem.pool is not None:
            x = self.max_pool(x, stem.pool.kernel, stem.pool.stride, stem.pool.padding)
        return x

    def max_pool(self, x: str, kernel: int, stride: int, padding: Padding) -> str:
        channels, height, width = shape = self.net.shape_of(x)
        pads = explicit_pads(padding, kernel, stride, shape)
        out = (channels, window_count(height, pads[0], pads[2], kernel, stride),
               window_count(width, pads[1], pads[3], kernel, stride))
        return self.append(Node("max_pool", "maxpool", (x,), out, kernel, stride, pads))

    def avg_pool(self, x: str, name: str, stride: int) -> str:
        """timm's downsample_avg: AvgPool2d(2, stride, ceil_mode=True, count_include_pad=False)."""
        if stride == 1:
            return x
        channels, height, width = self.net.shape_of(x)
        rows, bottom = ceil_mode_windows(height, 2, stride)
        columns, right = ceil_mode_windows(width, 2, stride)
        return self.append(Node("avg_pool", name, (x,), (channels, rows, columns), 2, stride,
                                (0, 0, bottom, right)))

    def pad_channels(self, x: str, name: str, before: int, after: int) -> str:
        channels, height, width = self.net.shape_of(x)
        if before < 0 or after < 0:
            raise InvalidNetwork(f"{name}: {channels} channels would have to shrink")
        shape = (channels + before + after, height, width)
        return self.append(Node("pad_channels", name, (x,), shape, before=before, after=after))

    def shortcut(self, x: str, prefix: str, cout: int, stride: int) -> str:
        cin, height, width = self.net.shape_of(x)
        missing = cout - cin
        if stride == 1 and missing == 0:
            return x
        match self.spec.shortcut:
            case "projection":
                return self.projection(x, f"{prefix}.downsample", 0, cout, stride)
            case "avg_pool_projection":
                pooled = self.avg_pool(x, f"{prefix}.downsample.0", stride)
                return self.projection(pooled, f"{prefix}.downsample", 1, cout, 1)
            case "pad":  # akamaster's LambdaLayer
                if stride > 1:
                    shape = (cin, -(-height // stride), -(-width // stride))
                    x = self.append(Node("subsample", f"{prefix}.subsample", (x,), shape,
                                         stride=stride))
                before = missing // 2
                return self.pad_channels(x, f"{prefix}.pad", before, missing - before)
            case "avg_pool_pad":
                pooled = self.avg_pool(x, f"{prefix}.avg_pool", stride)
                return self.pad_channels(pooled, f"{prefix}.pad", 0, missing)
        raise InvalidNetwork(f"{prefix}: an identity cannot change {cin} channels, stride {stride}")

    def projection(self, x: str, prefix: str, index: int, cout: int, stride: int) -> str:
        x = self.conv(x, f"{prefix}.{index}", cout, 1, stride, 0)
        if not self.spec.shortcut_batch_norm:
            return x
        return self.keep("batch_norm", f"{prefix}.{index + 1}", x)

    def block(self, x: str, prefix: str, width: int, stride: int) -> str:
        """BasicBlock or Bottleneck."""
        spec = self.spec
        padding = spec.padding
        if spec.block == "basic":
            cout = width
            convs = [(cout, 3, stride, 1), (cout, 3, 1, 1)]
        else:
            cout = width * spec.expansion
            inner = width * spec.width_per_group // 64 * spec.groups
            if inner < 1:
                raise InvalidNetwork(f"{prefix}: no channels in its 3x3")
            first = spec.stride_in == "conv1"
            convs = [(inner, 1, stride if first else 1, 1),
                     (inner, 3, 1 if first else stride, spec.groups), (cout, 1, 1, 1)]
        y = x
        for i, (channels, kernel, conv_stride, groups) in enumerate(convs, start=1):
            y = self.conv(y, f"{prefix}.conv{i}", channels, kernel, conv_stride, padding, groups)
            y = self.batch_norm(y, f"{prefix}.bn{i}")
            if i < len(convs):
                y = self.keep("relu", f"{prefix}.relu{i}", y)
        residual = self.shortcut(x, prefix, cout, stride)
        return self.keep("relu", f"{prefix}.relu", self.keep("add", f"{prefix}.add", y, residual))

    def head(self, x: str) -> None:
        spec = self.spec
        if spec.classes is None:
            return
        channels = self.net.shape_of(x)[0]
        x = self.append(Node("global_avg_pool", "avgpool", (x,), (channels, 1, 1)))
        x = self.append(Node("fc", "fc", (x,), (spec.classes, 1, 1)))
        if spec.softmax:
            self.keep("softmax", "softmax", x)


def build_network(spec: Spec) -> Network:
    """The layers of a spec; InvalidNetwork where shapes do not fit together."""
    builder = Builder(spec)
    x = builder.stem(INPUT)
    for stage, depth in enumerate(spec.depths):
        for i in range(depth):
            stride = spec.strides[stage] if i == 0 else 1
            x = builder.block(x, f"layer{stage + 1}.{i}", spec.widths[stage], stride)
    builder.head(x)
    return builder.net
