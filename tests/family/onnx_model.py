"""A network as an ONNX model, and its random weights.

Imported by `compare_onnxruntime.py`. Nothing is folded or fused: convolutions and batch norms stay
separate nodes, as an export from PyTorch has them.

The statistics of the batch norms are measured: `measuring_model` normalises with those of its
batch and returns them, so that activations keep a normal scale in a network of any depth.
"""
from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from network import INPUT, Network, Node

Tensors = dict[str, NDArray[Any]]
OPSET = 17
IR_VERSION = 8  # the one of opset 17
STATISTICS = ("running_mean", "running_var")


def fan_in(net: Network, node: Node) -> int:
    return net.shape_of(node.inputs[0])[0] // node.groups * node.kernel**2


def random_tensors(net: Network, seed: int) -> Tensors:
    """He-normal weights and disturbances for the statistics, which are still to be measured.

    A measured mean is moved by `running_mean`, a measured variance multiplied by `running_var`, as
    a trained network's never fit one batch exactly. The last batch norm beside a shortcut has a
    small weight, as trained ones tend to: with 1, a difference in the last bit of an input grows to
    4e-4 of the outputs of resnet200, and nothing could be compared.
    """
    rng = np.random.default_rng(seed)
    tensors: Tensors = {}
    residuals = {node.inputs[0] for node in net.nodes if node.op == "add"}

    def put(node: Node, suffix: str, value: NDArray[Any]) -> None:
        tensors[f"{node.name}.{suffix}"] = value.astype(np.float32)

    for node in net.nodes:
        cout = node.shape[0]
        if node.op == "conv":
            size = fan_in(net, node)
            shape = (cout, size // node.kernel**2, node.kernel, node.kernel)
            weight = rng.standard_normal(shape, np.float32)
            put(node, "weight", weight * np.float32(np.sqrt(2 / size)))
            if node.bias:
                put(node, "bias", rng.normal(0, 0.2, cout))
        elif node.op == "batch_norm":
            gain = 0.3 if node.name in residuals else 1.0
            put(node, "weight", rng.uniform(0.5, 1.5, cout) * gain)
            put(node, "bias", rng.normal(0, 0.2, cout))
            put(node, "running_mean", rng.normal(0, 0.1, cout))
            put(node, "running_var", rng.uniform(0.8, 1.25, cout))
        elif node.op == "fc":
            cin = net.shape_of(node.inputs[0])[0]
            put(node, "weight", rng.standard_normal((cout, cin), np.float32) / np.sqrt(cin))
            put(node, "bias", rng.normal(0, 0.1, cout))
    return tensors


def random_images(net: Network, count: int, seed: int) -> NDArray[np.float32]:
    """(count, C, H, W): soft blobs, each image its own, with noise on top.

    White noise alone would be averaged away by the global pool, and all outputs would look alike.
    """
    rng = np.random.default_rng(seed)
    channels, height, width = net.input_shape

    def waves(size: int) -> NDArray[Any]:
        return np.stack([np.cos(np.pi * k * np.linspace(0, 1, size)) for k in range(6)])

    coefficients = rng.normal(0, 0.5, (count, channels, 6, 6))
    smooth = np.einsum("ncij,iy,jx->ncyx", coefficients, waves(height), waves(width))
    return (smooth + rng.normal(0, 0.3, smooth.shape)).astype(np.float32)


class ModelWriter:
    """Turns layers into ONNX nodes; `constants` are what they need beside the tensors."""

    def __init__(self, net: Network, measuring: bool) -> None:
        self.net = net
        self.measuring = measuring
        self.nodes: list[onnx.NodeProto] = []
        self.constants: Tensors = {}
        self.outputs: list[tuple[str, list[Any]]] = []

    def add(self, op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    def constant(self, name: str, value: NDArray[Any] | list[int]) -> str:
        self.constants[name] = np.asarray(value, np.int64 if isinstance(value, list) else None)
        return name

    def layer(self, node: Node) -> None:
        x = list(node.inputs)
        name = node.name
        window = {"kernel_shape": [node.kernel] * 2, "strides": [node.stride] * 2,
                  "pads": list(node.pads)}
        match node.op:
            case "conv":
                tensors = [f"{name}.weight"] + ([f"{name}.bias"] if node.bias else [])
                self.add("Conv", x + tensors, name, group=node.groups, **window)
            case "batch_norm" if self.measuring:
                self.measured_batch_norm(node)
            case "batch_norm":
                tensors = [f"{name}.{suffix}" for suffix in ("weight", "bias", *STATISTICS)]
                self.add("BatchNormalization", x + tensors, name, epsilon=self.net.spec.bn_eps)
            case "relu":
                self.add("Relu", x, name)
            case "add":
                self.add("Add", x, name)
            case "max_pool":
                self.add("MaxPool", x, name, **window)
            case "avg_pool":
                self.add("AveragePool", x, name, count_include_pad=0, **window)
            case "subsample":
                bounds = {"starts": [0, 0], "ends": [2**31 - 1] * 2, "axes": [2, 3],
                          "steps": [node.stride] * 2}
                self.add("Slice", x + [self.constant(f"{name}.{key}", value)
                                       for key, value in bounds.items()], name)
            case "pad_channels":
                pads = [0, node.before, 0, 0, 0, node.after, 0, 0]
                self.add("Pad", x + [self.constant(f"{name}.pads", pads)], name, mode="constant")
            case "global_avg_pool":
                pooled = self.add("GlobalAveragePool", x, f"{name}.pooled")
                self.add("Flatten", [pooled], name)
            case "fc":
                self.add("Gemm", x + [f"{name}.weight", f"{name}.bias"], name, transB=1)
            case "softmax":
                self.add("Softmax", x, name, axis=1)
            case _:
                raise ValueError(f"unknown op '{node.op}' of node '{name}'")

    def measured_batch_norm(self, node: Node) -> None:
        """BatchNormalization with the disturbed statistics of this batch, which are returned."""
        x = node.inputs[0]
        name = node.name
        epsilon = np.array(0.01, np.float32)  # a channel may be constant
        mean = self.add("ReduceMean", [x], f"{name}.mean", axes=[0, 2, 3])
        deviation = self.add("Sub", [x, mean], f"{name}.deviation")
        square = self.add("Mul", [deviation, deviation], f"{name}.square")
        variance = self.add("ReduceMean", [square], f"{name}.variance", axes=[0, 2, 3])
        flat = self.constant(f"{name}.flat", [-1])
        mean = self.add("Reshape", [mean, flat], f"{name}.mean_flat")
        variance = self.add("Reshape", [variance, flat], f"{name}.variance_flat")
        moved = self.add("Add", [mean, f"{name}.running_mean"], f"{name}.out_running_mean")
        scaled = self.add("Mul", [variance, f"{name}.running_var"], f"{name}.scaled")
        scaled = self.add("Add", [scaled, self.constant(f"{name}.floor", epsilon)],
                          f"{name}.out_running_var")
        self.outputs += [(moved, [node.shape[0]]), (scaled, [node.shape[0]])]
        self.add("BatchNormalization", [x, f"{name}.weight", f"{name}.bias", moved, scaled], name,
                 epsilon=self.net.spec.bn_eps)


def model(net: Network, tensors: Tensors, measuring: bool = False) -> bytes:
    """The ONNX file: input (N, C, H, W) for any N; the network's output is the last one."""
    writer = ModelWriter(net, measuring)
    for node in net.nodes:
        writer.layer(node)
    outputs = [*writer.outputs, (net.nodes[-1].name, ["N", *net.output_shape])]
    graph = helper.make_graph(
        writer.nodes, net.spec.name,
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["N", *net.input_shape])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs],
        [numpy_helper.from_array(value, name)
         for name, value in {**tensors, **writer.constants}.items()])
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)],
                              ir_version=IR_VERSION)
    onnx.checker.check_model(proto, full_check=True)
    return proto.SerializeToString()
