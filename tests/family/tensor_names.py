"""The names under which a checkpoint file holds a network's tensors.

Imported by `compare_onnxruntime.py`: it writes files in the names of several frameworks, so that
the compiler's naming tables and rename rules are tested too.
"""
from __future__ import annotations

import re
from typing import Callable

from spec_file import Spec

# Shipped specs with rename rules: from torchvision's names to those of the files they are for, as
# (pattern, replacement) of Python's re.
RENAMED: dict[str, list[tuple[str, str]]] = {
    "resnet20_projection": [(r"(conv|bn)([0-9])", r"\1_\2"), (r"^layer", "stage_")],
    "resnet8_mlperf": [(r"\.downsample\.0\.", ".shortcut."), (r"^conv1\.", "stem."),
                       (r"^bn1\.", "bn_stem.")],
}


def akamaster(name: str) -> str:
    """pytorch_resnet_cifar10: linear for fc, shortcut for downsample."""
    return re.sub(r"^fc\.", "linear.", name).replace(".downsample.", ".shortcut.")


def hugging_face(name: str) -> str:
    """ResNetForImageClassification; where it has no name, torchvision's stays."""
    def part(word: str) -> str:
        return "convolution" if word in ("conv", "0") else "normalization"

    if stem := re.match(r"(conv|bn)1\.(\w+)$", name):
        return f"resnet.embedder.embedder.{part(stem[1])}.{stem[2]}"
    if block := re.match(r"layer(\d+)\.(\d+)\.(conv|bn|downsample\.)(\d)\.(.*)", name):
        prefix = f"resnet.encoder.stages.{int(block[1]) - 1}.layers.{block[2]}"
        if block[3] == "downsample.":
            if block[4] not in "01":
                return name
            return f"{prefix}.shortcut.{part(block[4])}.{block[5]}"
        return f"{prefix}.layer.{int(block[4]) - 1}.{part(block[3])}.{block[5]}"
    return name.replace("fc.", "classifier.1.")


def _rename_backwards(spec: Spec) -> Callable[[str], str]:
    """The inverse of the spec's rename rules."""
    if spec.rename == [(r"^backbone\.", "")]:
        return lambda name: f"backbone.{name}"
    if spec.name not in RENAMED:
        raise ValueError(f"{spec.name} has rename rules whose inverse is not in RENAMED")

    def inverse(name: str) -> str:
        for pattern, replacement in RENAMED[spec.name]:
            name = re.sub(pattern, replacement, name)
        return name
    return inverse


def file_names(spec: Spec, names: list[str], data_parallel: bool) -> dict[str, str]:
    """From torchvision's name to the one in the file; all begin with `module.` if data_parallel."""
    translate: Callable[[str], str] = str
    if spec.naming == "akamaster":
        translate = akamaster
    elif spec.naming == "huggingface" and spec.shortcut == "projection":
        translate = hugging_face
    if spec.rename:
        translate = _rename_backwards(spec)
    return {name: ("module." if data_parallel else "") + translate(name) for name in names}
