"""The networks that are measured, written down without a line of the compiler.

Who imports it: `peers.py`, and whoever wants a random ResNet as ONNX + safetensors:

    python models.py resnet18 resnet20 -o models

A network is a list of nodes as torchvision (ImageNet) or akamaster (CIFAR) names them. From that
list come the random tensors, a plain NumPy evaluation in double precision (the reference of the
output check) and, in `onnx_file.py`, the ONNX model that the peers read.
"""
from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Tensors = dict[str, Array]

INPUT = "input"
BN_EPS = 1e-5
CALIBRATION_BATCH = 4

# num_params and MACs (conv + fc, 224x224) as torchvision publishes them; akamaster's num_params.
PUBLISHED_PARAMS = {
    "resnet18": 11689512, "resnet34": 21797672, "resnet50": 25557032,
    "resnet101": 44549160, "resnet152": 60192808,
    "resnext50_32x4d": 25028904, "resnext101_32x8d": 88791336, "resnext101_64x4d": 83455272,
    "wide_resnet50_2": 68883240, "wide_resnet101_2": 126886696,
    "resnet20": 269722, "resnet32": 464154, "resnet44": 658586, "resnet56": 853018,
    "resnet110": 1727962,
}
PUBLISHED_MACS = {
    "resnet18": 1814073344, "resnet34": 3663761408, "resnet50": 4089184256,
    "resnet101": 7801405440, "resnet152": 11513626624,
    "resnext50_32x4d": 4230479872, "resnext101_32x8d": 16414015488,
    "resnext101_64x4d": 15460270080,
    "wide_resnet50_2": 11398021120, "wide_resnet101_2": 22753050624,
}


@dataclass(frozen=True)
class Family:
    """What tells the ImageNet networks apart, in torchvision's terms.

    A bottleneck's 3x3 has planes * width_per_group / 64 channels a group.
    """
    block: str
    depths: tuple[int, ...]
    groups: int = 1
    width_per_group: int = 64


IMAGENET = {
    "resnet18": Family("basic", (2, 2, 2, 2)),
    "resnet34": Family("basic", (3, 4, 6, 3)),
    "resnet50": Family("bottleneck", (3, 4, 6, 3)),
    "resnet101": Family("bottleneck", (3, 4, 23, 3)),
    "resnet152": Family("bottleneck", (3, 8, 36, 3)),
    "resnext50_32x4d": Family("bottleneck", (3, 4, 6, 3), 32, 4),
    "resnext101_32x8d": Family("bottleneck", (3, 4, 23, 3), 32, 8),
    "resnext101_64x4d": Family("bottleneck", (3, 4, 23, 3), 64, 4),
    "wide_resnet50_2": Family("bottleneck", (3, 4, 6, 3), 1, 128),
    "wide_resnet101_2": Family("bottleneck", (3, 4, 23, 3), 1, 128),
}
CIFAR_BLOCKS = {"resnet20": 3, "resnet32": 5, "resnet44": 7, "resnet56": 9, "resnet110": 18}
NAMES = (*IMAGENET, *CIFAR_BLOCKS)


@dataclass(frozen=True)
class Node:
    """One layer. `name` is also the name of its output value and the prefix of its tensors.

    op: conv, batch_norm, relu, max_pool, add, option_a, global_avg_pool or fc.
    cin, cout: channels in and out; kernel, stride, pad: square, equal on all sides.
    """
    op: str
    name: str
    inputs: tuple[str, ...]
    cin: int
    cout: int
    kernel: int = 1
    stride: int = 1
    pad: int = 0
    groups: int = 1


@dataclass(frozen=True)
class Conv:
    """A convolution of a block."""
    cout: int
    kernel: int
    stride: int
    groups: int = 1


@dataclass
class Network:
    """A list of nodes in execution order with their totals; input_shape is (C, H, W)."""
    name: str
    input_shape: tuple[int, int, int]
    nodes: list[Node] = field(default_factory=list)
    params: int = 0
    macs: int = 0

    @property
    def classes(self) -> int:
        return self.nodes[-1].cout


class Builder:
    """Appends nodes to a network and follows the channels and the height of every value."""

    def __init__(self, name: str, input_shape: tuple[int, int, int]) -> None:
        self.net = Network(name, input_shape)
        self._shape: dict[str, tuple[int, int]] = {INPUT: (input_shape[0], input_shape[1])}

    def _append(self, node: Node, height: int) -> str:
        self.net.nodes.append(node)
        self._shape[node.name] = (node.cout, height)
        return node.name

    def conv_bn(self, x: str, conv: str, bn: str, shape: Conv) -> str:
        """A convolution without bias, padded by kernel // 2, and its batch norm."""
        cin, height = self._shape[x]
        height = (height - 1) // shape.stride + 1
        weights = cin // shape.groups * shape.cout * shape.kernel**2
        self.net.params += weights + 2 * shape.cout
        self.net.macs += weights * height * height
        y = self._append(Node("conv", conv, (x,), cin, shape.cout, shape.kernel, shape.stride,
                              shape.kernel // 2, shape.groups), height)
        return self._append(Node("batch_norm", bn, (y,), shape.cout, shape.cout), height)

    def same(self, op: str, name: str, *inputs: str) -> str:
        """A node that keeps the shape of its first input: relu, add."""
        channels, height = self._shape[inputs[0]]
        return self._append(Node(op, name, inputs, channels, channels), height)

    def max_pool(self, x: str) -> str:
        channels, height = self._shape[x]
        node = Node("max_pool", "maxpool", (x,), channels, channels, 3, 2, 1)
        return self._append(node, (height - 1) // 2 + 1)

    def shortcut(self, x: str, prefix: str, cout: int, stride: int, option_a: bool) -> str:
        """Identity where the shape stays, else option A or 1x1 conv + BN (torchvision)."""
        cin, height = self._shape[x]
        if stride == 1 and cin == cout:
            return x
        if option_a:
            node = Node("option_a", f"{prefix}.shortcut", (x,), cin, cout, 1, stride)
            return self._append(node, (height - 1) // stride + 1)
        return self.conv_bn(x, f"{prefix}.downsample.0", f"{prefix}.downsample.1",
                            Conv(cout, 1, stride))

    def block(self, x: str, prefix: str, layers: list[Conv], option_a: bool) -> str:
        """A residual block of these convolutions."""
        y = x
        for i, layer in enumerate(layers, start=1):
            y = self.conv_bn(y, f"{prefix}.conv{i}", f"{prefix}.bn{i}", layer)
            if i < len(layers):
                y = self.same("relu", f"{prefix}.relu{i}", y)
        stride = max(layer.stride for layer in layers)
        residual = self.shortcut(x, prefix, layers[-1].cout, stride, option_a)
        return self.same("relu", f"{prefix}.relu", self.same("add", f"{prefix}.add", y, residual))

    def head(self, x: str, fc: str, classes: int) -> Network:
        channels, _ = self._shape[x]
        y = self._append(Node("global_avg_pool", "avgpool", (x,), channels, channels), 1)
        self._append(Node("fc", fc, (y,), channels, classes), 1)
        self.net.params += channels * classes + classes
        self.net.macs += channels * classes
        return self.net


def block_convs(family: Family, planes: int, stride: int) -> list[Conv]:
    """The convolutions of an ImageNet block (v1.5: a bottleneck strides in its 3x3)."""
    if family.block == "basic":
        return [Conv(planes, 3, stride), Conv(planes, 3, 1)]
    width = planes * family.width_per_group // 64 * family.groups
    return [Conv(width, 1, 1), Conv(width, 3, stride, family.groups), Conv(4 * planes, 1, 1)]


def imagenet_resnet(name: str) -> Network:
    """torchvision's ResNet, ResNeXt or Wide ResNet at 3x224x224."""
    family = IMAGENET[name]
    b = Builder(name, (3, 224, 224))
    x = b.max_pool(b.same("relu", "relu", b.conv_bn(INPUT, "conv1", "bn1", Conv(64, 7, 2))))
    for stage, depth in enumerate(family.depths):
        for i in range(depth):
            layers = block_convs(family, 64 << stage, 2 if stage > 0 and i == 0 else 1)
            x = b.block(x, f"layer{stage + 1}.{i}", layers, option_a=False)
    return b.head(x, "fc", 1000)


def cifar_resnet(name: str) -> Network:
    """akamaster's CIFAR ResNet at 3x32x32: three stages, option A shortcuts without weights."""
    b = Builder(name, (3, 32, 32))
    x = b.same("relu", "relu", b.conv_bn(INPUT, "conv1", "bn1", Conv(16, 3, 1)))
    for stage in range(3):
        width = 16 << stage
        for i in range(CIFAR_BLOCKS[name]):
            stride = 2 if stage > 0 and i == 0 else 1
            layers = [Conv(width, 3, stride), Conv(width, 3, 1)]
            x = b.block(x, f"layer{stage + 1}.{i}", layers, option_a=True)
    return b.head(x, "linear", 10)


def network(name: str) -> Network:
    """The network of this name, its totals compared with the published ones."""
    if name not in NAMES:
        raise ValueError(f"unknown model '{name}', expected one of {', '.join(NAMES)}")
    net = imagenet_resnet(name) if name in IMAGENET else cifar_resnet(name)
    if net.params != PUBLISHED_PARAMS[name]:
        raise AssertionError(f"{name}: {net.params} parameters, published {PUBLISHED_PARAMS[name]}")
    if net.macs != PUBLISHED_MACS.get(name, net.macs):
        raise AssertionError(f"{name}: {net.macs} MACs, published {PUBLISHED_MACS[name]}")
    return net


def conv2d(x: Array, w: Array, stride: int, pad: int) -> Array:
    """Convolution of x (N,C,H,W) with w (O,C/G,K,K) as K*K matrix products for each group."""
    n, c, h, width = x.shape
    groups, outputs = c // w.shape[1], w.shape[0]
    kernel = w.shape[2]
    oh, ow = (h + 2 * pad - kernel) // stride + 1, (width + 2 * pad - kernel) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    w = w.reshape(groups, outputs // groups, *w.shape[1:])
    y = np.zeros((n, groups, outputs // groups, oh * ow), x.dtype)
    for ky in range(kernel):
        for kx in range(kernel):
            taps = padded[:, :, ky:ky + stride * (oh - 1) + 1:stride,
                          kx:kx + stride * (ow - 1) + 1:stride]
            y += w[:, :, :, ky, kx] @ taps.reshape(n, groups, c // groups, -1)
    return y.reshape(n, outputs, oh, ow)


def max_pool2d(x: Array, kernel: int, stride: int, pad: int) -> Array:
    """Max pooling of x (N,C,H,W); padding never wins."""
    _, _, h, width = x.shape
    oh, ow = (h + 2 * pad - kernel) // stride + 1, (width + 2 * pad - kernel) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), constant_values=-np.inf)
    taps = [padded[:, :, ky:ky + stride * (oh - 1) + 1:stride, kx:kx + stride * (ow - 1) + 1:stride]
            for ky in range(kernel) for kx in range(kernel)]
    return np.maximum.reduce(taps)


def batch_norm(x: Array, node: Node, tensors: Tensors) -> Array:
    gamma, beta, mean, var = (tensors[f"{node.name}.{t}"].astype(x.dtype)[:, None, None] for t in
                              ("weight", "bias", "running_mean", "running_var"))
    return (x - mean) / np.sqrt(var + BN_EPS) * gamma + beta


def execute(node: Node, args: list[Array], tensors: Tensors) -> Array:
    """One node in the precision of its first argument."""
    x = args[0]
    match node.op:
        case "conv":
            weight = tensors[f"{node.name}.weight"].astype(x.dtype)
            return conv2d(x, weight, node.stride, node.pad)
        case "batch_norm":
            return batch_norm(x, node, tensors)
        case "relu":
            return np.maximum(x, 0)
        case "max_pool":
            return max_pool2d(x, node.kernel, node.stride, node.pad)
        case "add":
            return x + args[1]
        case "option_a":
            side = (node.cout - node.cin) // 2
            kept = x[:, :, ::node.stride, ::node.stride]
            return np.pad(kept, ((0, 0), (side, side), (0, 0), (0, 0)))
        case "global_avg_pool":
            return x.mean(axis=(2, 3))
        case "fc":
            weight, bias = (tensors[f"{node.name}.{t}"].astype(x.dtype) for t in ("weight", "bias"))
            return x @ weight.T + bias
    raise ValueError(f"unknown op '{node.op}' of node '{node.name}'")


def evaluate(net: Network, x: Array, tensors: Tensors,
             before: Callable[[Node, Array], None] | None = None) -> Array:
    """The logits (N, classes) for x (N,C,H,W), in the precision of x.

    `before` sees each node with its first argument just before it runs. Any H and W will do.
    """
    last_use = {name: i for i, node in enumerate(net.nodes) for name in node.inputs}
    values: dict[str, Array] = {INPUT: x}
    for i, node in enumerate(net.nodes):
        if before is not None:
            before(node, values[node.inputs[0]])
        values[node.name] = execute(node, [values[name] for name in node.inputs], tensors)
        for name in set(node.inputs):
            if last_use[name] == i:
                del values[name]
    return values[net.nodes[-1].name]


def random_images(net: Network, batch: int, seed: int, height: int | None = None) -> Array:
    """Normalised float32 pictures (N,C,H,W): soft blobs of their own colours, with noise on top.

    White noise alone would be averaged away by the global pool, and all logits would look the same.
    """
    rng = np.random.default_rng(seed)
    channels, full, _ = net.input_shape
    size = height or full
    axis = np.linspace(0, 1, size)
    waves = np.stack([np.cos(np.pi * k * axis) for k in range(6)])
    coefficients = rng.normal(0, 0.5, (batch, channels, 6, 6))
    smooth = np.einsum("ncij,iy,jx->ncyx", coefficients, waves, waves)
    return (smooth + rng.normal(0, 0.3, smooth.shape)).astype(np.float32)


def random_tensors(net: Network, seed: int) -> Tensors:
    """He-normal weights, and batch norm statistics measured on random pictures.

    The statistics come from a forward pass of small pictures, so that the activations of a network
    of any depth keep a normal scale; they are then disturbed, as a trained network's never fit one
    batch exactly.
    """
    rng = np.random.default_rng(seed)
    tensors: Tensors = {}

    def draw(node: Node, x: Array) -> None:
        def put(suffix: str, value: Array) -> None:
            tensors[f"{node.name}.{suffix}"] = value.astype(np.float32)

        if node.op == "conv":
            shape = (node.cout, node.cin // node.groups, node.kernel, node.kernel)
            put("weight", rng.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape))
        elif node.op == "batch_norm":
            put("weight", rng.uniform(0.5, 1.5, node.cout))
            put("bias", rng.normal(0, 0.2, node.cout))
            put("running_mean", x.mean(axis=(0, 2, 3)) + rng.normal(0, 0.1, node.cout))
            put("running_var", x.var(axis=(0, 2, 3)) * rng.uniform(0.8, 1.25, node.cout) + 0.01)
        elif node.op == "fc":
            put("weight", rng.normal(0, 1 / np.sqrt(node.cin), (node.cout, node.cin)))
            put("bias", rng.normal(0, 0.1, node.cout))

    height = min(net.input_shape[1], 96)
    evaluate(net, random_images(net, CALIBRATION_BATCH, seed, height), tensors, draw)
    return tensors


def main(argv: list[str]) -> int:
    from onnx_file import save_onnx
    from safetensors.numpy import save_file

    parser = argparse.ArgumentParser(
        description="Write ResNets with random weights as ONNX and safetensors.",
        epilog="example: models.py resnet18 -o models")
    parser.add_argument("models", nargs="+", choices=NAMES, metavar="MODEL",
                        help=f"one of {', '.join(NAMES)}")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder, made if absent")
    parser.add_argument("--batch", type=int, default=1, help="N of the ONNX model (default 1)")
    parser.add_argument("--seed", type=int, default=1, help="of the random weights (default 1)")
    args = parser.parse_args(argv)
    args.output.mkdir(parents=True, exist_ok=True)
    for name in args.models:
        net = network(name)
        tensors = random_tensors(net, args.seed)
        save_onnx(net, tensors, args.batch, args.output / f"{name}.onnx")
        save_file(tensors, args.output / f"{name}.safetensors")
        print(f"{name}: {net.params} parameters, {net.macs} MACs")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
