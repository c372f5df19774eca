"""The compiler and its program as processes, judged against ONNX Runtime.

Imported by `compare_onnxruntime.py`.
"""
from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from safetensors.numpy import save_file

from network import INPUT, Network
from onnx_model import STATISTICS, Tensors, model, random_images, random_tensors
from tensor_names import file_names

TOLERANCE = 1e-4  # of the largest absolute output
CALIBRATION_IMAGES = 4
TIME_LIMIT_S = 900
REFUSED = 1

# num_params in the tables of torchvision, timm, akamaster and MLPerf Tiny (Keras counts 78666: with
# the 480 running means and variances).
PUBLISHED_PARAMS = {
    "resnet18": 11689512, "resnet34": 21797672, "resnet50": 25557032, "resnet101": 44549160,
    "resnet152": 60192808, "resnext50_32x4d": 25028904, "resnext101_32x8d": 88791336,
    "resnext101_64x4d": 83455272, "wide_resnet50_2": 68883240, "wide_resnet101_2": 126886696,
    "resnet18d": 11708744, "resnet26": 15995176, "resnet26d": 16014408, "resnet34d": 21816904,
    "resnet50c": 25576264, "resnet50d": 25576264, "resnet50s": 25680808, "resnet50t": 25573728,
    "resnet101d": 44568392, "resnet152d": 60212040, "resnet200": 64673832, "resnet10t": 5435488,
    "resnet14t": 10081632, "resnet8_mlperf": 78186, "resnet20": 269722, "resnet32": 464154,
    "resnet44": 658586, "resnet56": 853018, "resnet110": 1727962, "resnet34_same": 21797672,
}


class Mismatch(Exception):
    """The compiler or its program did something wrong; the text says what."""


class Refused(Exception):
    """The compiler refused the spec with its exit code for bad input; the text is its message."""


@dataclass(frozen=True)
class Command:
    """How the compiler is called: program, options for every build, parallel jobs."""
    resnetc: Path
    target: str | None
    jobs: int


@dataclass(frozen=True)
class Result:
    """Of one spec. largest: |output|; error: largest |difference| as a share of it."""
    images: int
    largest: float
    error: float
    build_s: float


def session(onnx_file: bytes, jobs: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = jobs
    options.log_severity_level = 3
    return ort.InferenceSession(onnx_file, options, providers=["CPUExecutionProvider"])


def measure_statistics(net: Network, tensors: Tensors, images: NDArray[np.float32],
                       jobs: int) -> None:
    """Replaces the disturbances in `tensors` by the statistics of a forward pass of `images`."""
    names = [f"{node.name}.{suffix}" for node in net.nodes if node.op == "batch_norm"
             for suffix in STATISTICS]
    if not names:
        return
    outputs = [name.replace(".running", ".out_running") for name in names]
    measured = session(model(net, tensors, measuring=True), jobs).run(outputs, {INPUT: images})
    tensors.update(zip(names, measured, strict=True))


def check_params(net: Network, tensors: Tensors) -> None:
    """The reference itself: as many parameters as published."""
    count = sum(value.size for name, value in tensors.items() if not name.endswith(STATISTICS))
    published = PUBLISHED_PARAMS.get(net.spec.name, count)
    if count != published:
        raise AssertionError(f"{net.spec.name}: {count} parameters, published {published}")


def call(command: list[str], what: str) -> None:
    """Runs a command. Refused if it ends with exit code 1, Mismatch for any other failure."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=TIME_LIMIT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise Mismatch(f"{what} did not end within {TIME_LIMIT_S} s") from error
    text = done.stdout.decode(errors="replace").strip()
    if done.returncode == REFUSED:
        raise Refused(text)
    if done.returncode != 0:
        raise Mismatch(f"{what}: exit code {done.returncode}\n{text}")


def summarise(command: Command, spec: Path) -> None:
    """Refused if the compiler refuses the spec."""
    call([str(command.resnetc), "summary", str(spec)], "resnetc summary")


def save_checkpoint(net: Network, tensors: Tensors, data_parallel: bool, path: Path) -> None:
    """The tensors under the names that the spec's checkpoint section expects."""
    counters = {f"{node.name}.num_batches_tracked": np.array(1, np.int64)
                for node in net.nodes if node.op == "batch_norm"}
    names = file_names(net.spec, [*tensors, *counters], data_parallel)
    save_file({names[name]: value for name, value in {**tensors, **counters}.items()}, path)


def compare(net: Network, spec: Path, overrides: list[str], seed: int, images: int,
            command: Command, work: Path) -> Result:
    """Builds the program for `spec` in the folder `work`, runs it on random images and compares.

    net: what `spec` means together with the command-line options `overrides`. images: how many, any
    number. Raises Refused if the compiler refuses spec or weights, Mismatch for all other failures.
    """
    tensors = random_tensors(net, seed)
    measure_statistics(net, tensors, random_images(net, CALIBRATION_IMAGES, seed + 1), command.jobs)
    check_params(net, tensors)
    weights = work / "weights.safetensors"
    save_checkpoint(net, tensors, seed % 4 == 0, weights)
    x = random_images(net, images, seed + 2)
    np.save(work / "in.npy", x)
    expected = session(model(net, tensors), command.jobs).run(None, {INPUT: x})[0]
    if not np.isfinite(expected).all() or not expected.any():
        raise AssertionError(f"{net.spec.name}: the reference's output is zero or not finite")

    target = [] if command.target is None else ["--target", command.target]
    start = time.monotonic()
    call([str(command.resnetc), "build", str(spec), "--weights", str(weights), "-o",
          str(work / "out"), "--jobs", str(command.jobs), *target, *overrides], "resnetc build")
    build_s = time.monotonic() - start
    try:
        call([str(work / "out" / net.spec.name), "--npy", str(work / "in.npy"), "--logits",
              str(work / "out.npy")], "the program")
    except Refused as error:
        raise Mismatch(f"the program: exit code 1\n{error}") from error
    return judge(np.load(work / "out.npy"), expected, build_s)


def judge(actual: NDArray[np.float32], expected: NDArray[np.float32], build_s: float) -> Result:
    if actual.shape != expected.shape or actual.dtype != np.float32:
        raise Mismatch(f"output {actual.dtype} {actual.shape}, expected float32 {expected.shape}")
    largest = float(np.abs(expected).max())
    error = float(np.abs(actual.astype(np.float64) - expected).max()) / largest
    if not error <= TOLERANCE:  # a NaN fails
        image = int(np.abs(actual - expected).reshape(len(expected), -1).max(axis=1).argmax())
        raise Mismatch(f"image {image} of {len(expected)} differs by {error:.2e} of the largest "
                       f"|output| {largest:.3g}, allowed is {TOLERANCE:.0e}")
    return Result(len(expected), largest, error, build_s)
