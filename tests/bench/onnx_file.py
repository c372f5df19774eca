"""Writes a network of `models.py` as an ONNX file.

Nothing is folded or fused here: convolutions and batch norms are separate nodes, as an export
from PyTorch has them, and every peer does its own folding.
"""
from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from models import BN_EPS, INPUT, Network, Node, Tensors

OPSET = 17
IR_VERSION = 8  # the one of opset 17, which every peer reads
OUTPUT = "logits"


def option_a_nodes(node: Node, output: str) -> tuple[list[onnx.NodeProto], dict[str, np.ndarray]]:
    """Every stride-th pixel, then zero channels on both sides.

    Taken with a maximum of one pixel, not with Slice: ncnn has no slice with steps.
    """
    side = (node.cout - node.cin) // 2
    pads, kept = f"{node.name}.pads", f"{node.name}.kept"
    return [helper.make_node("MaxPool", list(node.inputs), [kept], kernel_shape=[1, 1],
                             strides=[node.stride] * 2),
            helper.make_node("Pad", [kept, pads], [output], mode="constant")], {
                pads: np.array([0, side, 0, 0, 0, side, 0, 0], np.int64)}


def onnx_nodes(node: Node, output: str) -> tuple[list[onnx.NodeProto], dict[str, np.ndarray]]:
    """The ONNX nodes of one layer and the constants they need beside the network's tensors."""
    inputs = list(node.inputs)
    window: dict[str, Any] = {"kernel_shape": [node.kernel] * 2, "strides": [node.stride] * 2,
                              "pads": [node.pad] * 4}

    def tensors(*suffixes: str) -> list[str]:
        return [f"{node.name}.{suffix}" for suffix in suffixes]

    match node.op:
        case "conv":
            made = [helper.make_node("Conv", inputs + tensors("weight"), [output],
                                     group=node.groups, **window)]
        case "batch_norm":
            names = tensors("weight", "bias", "running_mean", "running_var")
            made = [helper.make_node("BatchNormalization", inputs + names, [output],
                                     epsilon=BN_EPS)]
        case "relu":
            made = [helper.make_node("Relu", inputs, [output])]
        case "add":
            made = [helper.make_node("Add", inputs, [output])]
        case "max_pool":
            made = [helper.make_node("MaxPool", inputs, [output], **window)]
        case "option_a":
            return option_a_nodes(node, output)
        case "global_avg_pool":
            pooled = f"{node.name}.pooled"
            made = [helper.make_node("GlobalAveragePool", inputs, [pooled]),
                    helper.make_node("Flatten", [pooled], [output])]
        case "fc":
            made = [helper.make_node("Gemm", inputs + tensors("weight", "bias"), [output],
                                     transB=1)]
        case _:
            raise ValueError(f"unknown op '{node.op}' of node '{node.name}'")
    return made, {}


def save_onnx(net: Network, tensors: Tensors, batch: int, path: Path) -> None:
    """Writes `path` whole or not at all; input float32 (batch,C,H,W), output (batch,classes)."""
    nodes: list[onnx.NodeProto] = []
    initializers = dict(tensors)
    for node in net.nodes:
        made, constants = onnx_nodes(node, OUTPUT if node is net.nodes[-1] else node.name)
        nodes += made
        initializers.update(constants)
    graph = helper.make_graph(
        nodes, net.name,
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [batch, *net.input_shape])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [batch, net.classes])],
        [numpy_helper.from_array(value, name) for name, value in initializers.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)],
                              ir_version=IR_VERSION)
    onnx.checker.check_model(model, full_check=True)
    partial = path.with_suffix(".partial")
    onnx.save(model, partial)
    os.replace(partial, path)
