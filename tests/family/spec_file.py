"""A spec of `specs/models` with every default filled in, after specs/README.md.

Imported by `network.py` and `random_specs.py`. Reads valid specs only: errors in one are the
compiler's business. Nothing here comes from the compiler's code.
"""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Padding = str | int | list[int]


@dataclass(frozen=True)
class Pool:
    """stem.pool"""
    kernel: int
    stride: int
    padding: Padding


@dataclass(frozen=True)
class Stem:
    """stem: its convolutions and what pools after them."""
    kernel: int
    stride: int
    widths: list[int]
    padding: Padding
    pool: Pool | None


@dataclass(frozen=True)
class Spec:
    """The fields of specs/README.md that change the network; `stem` and `classes` None: none."""
    name: str
    batch: int
    channels: int
    height: int
    width: int
    stem: Stem | None
    block: str
    depths: list[int]
    widths: list[int]
    strides: list[int]
    expansion: int
    groups: int
    width_per_group: int
    stride_in: str
    shortcut: str
    shortcut_batch_norm: bool
    padding: Padding
    batch_norm: bool
    bn_eps: float
    conv_bias: bool
    classes: int | None
    softmax: bool
    naming: str
    rename: list[tuple[str, str]]


def _stem(value: Any) -> Stem | None:
    if value == "none":
        return None
    value = value or {}
    pool = value.get("pool", {})
    return Stem(
        kernel=value.get("kernel", 7), stride=value.get("stride", 2),
        widths=value.get("widths", [64]), padding=value.get("padding", "symmetric"),
        pool=None if pool == "none" else Pool(pool.get("kernel", 3), pool.get("stride", 2),
                                              pool.get("padding", "symmetric")))


def resolve(tree: dict[str, Any]) -> Spec:
    """The spec that a YAML document says. A float may be text: PyYAML reads 1e-3 so (YAML 1.1)."""
    input_ = tree.get("input", {})
    stages = len(tree["depths"])
    shortcut = tree.get("shortcut", "projection")
    shortcut = shortcut if isinstance(shortcut, dict) else {"kind": shortcut}
    batch_norm = tree.get("batch_norm", True)
    head = tree.get("head", {})
    has_head = head != "none"
    checkpoint = tree.get("checkpoint", {})
    return Spec(
        name=tree["name"],
        batch=input_.get("batch", 1), channels=input_.get("channels", 3),
        height=input_.get("height", 224), width=input_.get("width", 224),
        stem=_stem(tree.get("stem")), block=tree["block"], depths=tree["depths"],
        widths=tree.get("widths", [64 << i for i in range(stages)]),
        strides=tree.get("strides", [1] + [2] * (stages - 1)),
        expansion=tree.get("expansion", 4) if tree["block"] == "bottleneck" else 1,
        groups=tree.get("groups", 1), width_per_group=tree.get("width_per_group", 64),
        stride_in=tree.get("stride_in", "conv2"),
        shortcut=shortcut["kind"], shortcut_batch_norm=shortcut.get("batch_norm", batch_norm),
        padding=tree.get("padding", "symmetric"), batch_norm=batch_norm,
        bn_eps=float(tree.get("bn_eps", 1e-5)), conv_bias=tree.get("conv_bias", False),
        classes=head.get("classes", 1000) if has_head else None,
        softmax=has_head and head.get("softmax", False),
        naming=checkpoint.get("naming", "automatic"),
        rename=[(rule["match"], rule["replace"]) for rule in checkpoint.get("rename", [])])


def describe(spec: Spec) -> str:
    """A random spec in a line: 2x12x42x6, stem 4/1 [19] same, bottleneck [1, 2] [23, 32] ..."""
    stem = "stem none"
    if spec.stem is not None:
        stem = f"stem {spec.stem.kernel}/{spec.stem.stride} {spec.stem.widths} {spec.stem.padding}"
        if spec.stem.pool is not None:
            pool = spec.stem.pool
            stem += f", pool {pool.kernel}/{pool.stride} {pool.padding}"
    block = f"{spec.block} {spec.depths} {spec.widths}/{spec.strides} {spec.padding}"
    if spec.block == "bottleneck":
        block += f" x{spec.expansion} {spec.stride_in}"
        block += f" groups {spec.groups}x{spec.width_per_group}" if spec.groups > 1 else ""
    without = spec.batch_norm and not spec.shortcut_batch_norm
    shortcut = spec.shortcut + (" without bn" if without else "")
    layers = ("bn" if spec.batch_norm else "no bn") + (", bias" if spec.conv_bias else "")
    head = "no head" if spec.classes is None else f"{spec.classes} classes"
    head += " softmax" if spec.softmax else ""
    return (f"{spec.batch}x{spec.channels}x{spec.height}x{spec.width}, {stem}, {block}, "
            f"{shortcut}, {layers}, {head}")


def read_spec(path: Path) -> Spec:
    """The spec in a file."""
    return resolve(yaml.safe_load(path.read_text(encoding="utf-8")))
