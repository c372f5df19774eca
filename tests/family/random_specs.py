"""Random small specs over the whole field set of specs/README.md.

Imported by `compare_onnxruntime.py`. A draw may describe no network (blocks whose paths do not
fit, maps that vanish, an identity that changes the shape): the compiler has to refuse just those.
"""
from __future__ import annotations

import random
from typing import Any

DEFAULT = "default"  # leave the key out
GROUP_WIDTHS = (1, 2, 3, 4, 4, 6, 8, 8, 16, 20)  # channels of a group; ResNeXt's are 4 and 8
# top, left, bottom, right with two pixels along each axis: a 3x3 keeps the size.
KEEPS_SIZE = ([2, 2, 0, 0], [0, 0, 2, 2], [2, 0, 0, 2], [1, 2, 1, 0], [0, 1, 2, 1])
# With other sums: it does not, at stride 1.
RESIZES = ((0, 0, 0, 0), (2, 2, 2, 2), (0, 1, 0, 1), (2, 0, 1, 1))


def fitting_sizes(padding: int, stride: int) -> list[int]:
    """Sizes of a map whose 3x3 with this much padding ends like its 1x1 shortcut."""
    return [size for size in range(5, 46)
            if (size + padding - 3) // stride == (size - 1) // stride]


class Drawer:
    """Draws the parts of one spec."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def window_padding(self, largest: int) -> Any:
        """Padding of a stem's convolution or pool; `largest` on any side."""
        side = self.rng.randint
        return self.rng.choice([DEFAULT, "symmetric", "same", "same", "valid", side(0, largest),
                                [side(0, largest) for _ in range(4)]])

    def stem(self) -> Any:
        rng = self.rng
        kind = rng.choice(["plain", "plain", "pool", "pool", "pool", "deep", "deep", "none"])
        if kind == "none":
            return "none"
        widths = [rng.choice([rng.randint(1, 40), 16, 32])
                  for _ in range(rng.randint(2, 3) if kind == "deep" else 1)]
        kernel = rng.randint(1, 5 if kind == "deep" else 7)
        if kind != "deep" and self.chance(0.05):
            kernel = rng.randint(8, 31)
        stem: dict[str, Any] = {"kernel": kernel, "stride": rng.choice([1, 2, 2, 3, 5]),
                                "widths": widths, "padding": self.window_padding(kernel - 1),
                                "pool": "none"}
        if kind == "pool" or (kind == "deep" and self.chance(0.5)):
            size = rng.randint(1, 5)
            stem["pool"] = given({"kernel": size, "stride": rng.randint(1, 3),
                                  "padding": self.window_padding(size // 2)})
            if self.chance(0.15):
                stem["pool"] = DEFAULT
        return given(stem)

    def widths(self, stages: int) -> list[int]:
        return sorted(self.rng.choice([self.rng.randint(1, 48), 16, 24, 32])
                      for _ in range(stages))

    def block_padding(self) -> Any:
        return self.rng.choice([DEFAULT, DEFAULT, "symmetric", "same", "same", 1,
                                *self.rng.sample(KEEPS_SIZE, 2)])

    def body(self) -> dict[str, Any]:
        rng = self.rng
        stages = rng.randint(1, 3)
        kind = rng.choice(["projection", "avg_pool_projection", "pad", "avg_pool_pad"])
        shortcut: Any = kind
        if kind.endswith("projection") and self.chance(0.4):
            shortcut = {"kind": kind, "batch_norm": self.chance(0.5)}
        body = {"block": rng.choice(["basic", "bottleneck", "bottleneck"]),
                "depths": [rng.randint(1, 2) for _ in range(stages)],
                "widths": self.widths(stages),
                "strides": [rng.choice([1, 2, 2, 3]) for _ in range(stages)],
                "shortcut": shortcut, "padding": self.block_padding()}
        if body["block"] == "bottleneck":
            body["expansion"] = rng.choice([DEFAULT, 1, 2, 3])
            body["stride_in"] = rng.choice([DEFAULT, "conv2", "conv1"])
            if self.chance(0.6):
                wanted = rng.choice(GROUP_WIDTHS)
                body["groups"] = rng.choice([2, 3, 4, 5, 8, 16, 32])
                body["width_per_group"] = -(-64 * wanted // body["widths"][-1])
        return body

    def unusual_padding(self, spec: dict[str, Any]) -> None:
        """3x3 convolutions that change the size: at a large stride they fit nevertheless."""
        top, left, bottom, right = pads = self.rng.choice(RESIZES)
        stride = self.rng.randint(3, 4)
        spec["body"] |= {"block": "bottleneck", "stride_in": "conv2", "depths": [1],
                         "widths": spec["body"]["widths"][-1:], "strides": [stride]}
        plain: dict[Any, list[Any]] = {(0, 0, 0, 0): ["valid", 0], (2, 2, 2, 2): [2]}
        spec["body"]["padding"] = self.rng.choice(plain.get(pads, [list(pads)]))
        spec["stem"] = self.rng.choice(["none", {"kernel": 3, "stride": 1, "pool": "none"}])
        spec["input"] |= {"height": self.rng.choice(fitting_sizes(top + bottom, stride)),
                          "width": self.rng.choice(fitting_sizes(left + right, stride))}

    def identity(self, spec: dict[str, Any]) -> None:
        """Only identity shortcuts: one width all over."""
        body = spec["body"]
        expansion = 1
        if body["block"] == "bottleneck":
            expansion = body["expansion"] = self.rng.choice([1, 2])
        width = body["widths"][0]
        body["widths"] = [width] * len(body["widths"])
        body["strides"] = [1] * len(body["widths"])
        body["shortcut"] = "identity"
        if spec["stem"] == "none":
            spec["input"]["channels"] = width * expansion
        elif not self.chance(0.1):  # else: refused
            spec["stem"]["widths"][-1] = width * expansion

    def checkpoint(self) -> Any:
        prefix = {"rename": [{"match": r"^backbone\.", "replace": ""}]}
        return self.rng.choice([DEFAULT, {"naming": "torchvision"}, {"naming": "akamaster"},
                                {"naming": "huggingface"}, prefix])


def given(tree: dict[str, Any]) -> dict[str, Any]:
    """Without the keys that are left out."""
    return {key: value for key, value in tree.items() if value != DEFAULT}


def random_spec(seed: int, name: str) -> dict[str, Any]:
    """The YAML document of one draw."""
    rng = random.Random(seed)
    draw = Drawer(rng)
    spec: dict[str, Any] = {
        "input": {"batch": rng.choice([1, 1, 2, 3, 4, 5]), "channels": rng.randint(1, 20),
                  "height": rng.randint(5, 45), "width": rng.randint(5, 45)},
        "stem": draw.stem(), "body": draw.body()}
    variant = rng.random()
    if variant < 0.12:
        draw.unusual_padding(spec)
    elif variant < 0.27:
        draw.identity(spec)
    head: Any = {"classes": rng.randint(1, 70), "softmax": draw.chance(0.4)}
    if head["softmax"]:  # of one class it is always 1
        head["classes"] += 1
    has_bn = draw.chance(0.75)
    return given({
        "version": 1, "name": name, "input": spec["input"], "stem": spec["stem"], **spec["body"],
        "batch_norm": DEFAULT if has_bn else False,
        "bn_eps": rng.choice([DEFAULT, 1e-3, 0.1]),
        "conv_bias": True if draw.chance(0.4 if has_bn else 0.8) else DEFAULT,
        "head": "none" if draw.chance(0.2) else head, "preprocessing": "none",
        "checkpoint": draw.checkpoint()})
