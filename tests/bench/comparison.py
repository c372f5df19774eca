"""Prepares a model, checks that all sides compute the same, and times them in alternation.

`peers.py` calls `compare()` for each model, inside the venv. Out comes a plain dictionary: the JSON
report, from which `table()` prints.
"""
from __future__ import annotations

import hashlib
import json
import statistics
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from models import evaluate, network, random_images, random_tensors
from onnx_file import save_onnx
from sides import BenchError, PeerSide, Placement, ProjectSide, Sample, Side

TOLERANCE = 1e-4  # of the largest logit
FEWEST, MOST = 3, 5000  # inferences in a slice
WEIGHTS_SEED, IMAGES_SEED = 1, 2


@dataclass(frozen=True)
class Files:
    """What a model is measured with; images (N,C,H,W) float32, reference (N,classes) float64."""
    onnx: Path
    weights: Path
    images: Path
    reference: Path


@dataclass(frozen=True)
class Project:
    """How to get the project's binary; specs is the folder of <name>.yaml."""
    compiler: Path
    specs: Path
    target: str | None


@dataclass(frozen=True)
class Plan:
    """How long to measure: slice_s is the time one side gets in one round."""
    rounds: int
    slice_s: float
    batch: int
    placement: Placement


def recipe(batch: int) -> str:
    """A fingerprint of everything the files of a model are made from."""
    here = Path(__file__).parent
    sources = [(here / name).read_bytes() for name in ("models.py", "onnx_file.py",
                                                       "requirements.txt")]
    seeds = f"{batch} {WEIGHTS_SEED} {IMAGES_SEED}".encode()
    return hashlib.sha256(b"\0".join([*sources, seeds])).hexdigest()


def prepare(name: str, batch: int, folder: Path) -> Files:
    """Makes the files of a model in `folder`, or finds them there from an earlier run."""
    files = Files(folder / "model.onnx", folder / f"{name}.safetensors", folder / "input.npy",
                  folder / "reference.npy")
    stamp = folder / "recipe.txt"
    if stamp.exists() and stamp.read_text() == recipe(batch):
        return files
    folder.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    net = network(name)
    tensors = random_tensors(net, WEIGHTS_SEED)
    images = random_images(net, batch, IMAGES_SEED)
    save_onnx(net, tensors, batch, files.onnx)
    save_file(tensors, files.weights)
    np.save(files.images, images)
    np.save(files.reference, evaluate(net, images.astype(np.float64), tensors))
    stamp.write_text(recipe(batch))
    return files


def build(project: Project, name: str, batch: int, weights: Path, folder: Path) -> Path:
    """Runs `resnetc build` and returns the standalone binary."""
    command = [str(project.compiler), "build", str(project.specs / f"{name}.yaml"),
               "--weights", str(weights), "-o", str(folder)]
    if project.target is not None:
        command += ["--target", project.target]
    if batch != 1:
        command += ["--batch", str(batch)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"'{' '.join(command)}' ended with exit code "
                         f"{done.returncode}:\n{done.stderr.strip()}")
    binary = folder / name
    if not binary.is_file():
        raise BenchError(f"'resnetc build' made no {binary}")
    return binary


def largest_difference(logits: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference over the largest expected logit; NaN counts as infinite."""
    if logits.shape != expected.shape:
        raise BenchError(f"logits of shape {logits.shape}, expected {expected.shape}")
    difference = float(np.abs(logits.astype(np.float64) - expected).max() / np.abs(expected).max())
    return difference if np.isfinite(difference) else float("inf")


def check_agreement(sides: list[Side], files: Files, folder: Path) -> dict[str, dict[str, float]]:
    """Relative differences of each side to the float64 reference and to the first side.

    Raises BenchError where one exceeds TOLERANCE: times of wrong results mean nothing.
    """
    reference = np.load(files.reference)
    logits = {side.name: side.logits(folder / f"logits_{side.name}.npy") for side in sides}
    first = logits[sides[0].name]
    found = {name: {"to_reference": largest_difference(values, reference),
                    f"to_{sides[0].name}": largest_difference(values, first)}
             for name, values in logits.items()}
    for name, differences in found.items():
        for other, difference in differences.items():
            if difference > TOLERANCE:
                raise BenchError(f"outputs disagree: {name} {other.replace('_', ' ')}: "
                                 f"{difference:.2e} of the largest logit, "
                                 f"expected at most {TOLERANCE:.0e}")
    return found


def slice_count(side: Side, slice_s: float) -> int:
    """How many inferences fill a slice."""
    side.bench(FEWEST)
    return min(MOST, max(FEWEST, round(slice_s * 1000 / side.bench(FEWEST).median_ms)))


def alternate(sides: list[Side], counts: list[int], rounds: int, label: str) -> list[list[Sample]]:
    """Samples per side and round; who begins changes every round, so that drift hits all."""
    samples: list[list[Sample]] = [[] for _ in sides]
    for turn in range(rounds):
        if sys.stderr.isatty():
            print(f"\r{label}: round {turn + 1} of {rounds}", end="", file=sys.stderr, flush=True)
        for step in range(len(sides)):
            i = (turn + step) % len(sides)
            samples[i].append(sides[i].bench(counts[i]))
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    return samples


def side_report(side: Side, count: int, samples: list[Sample]) -> dict:
    """Medians over the rounds of each round's median and p90, and the least time of all."""
    return {
        "name": side.name, "version": side.version, "settings": side.settings,
        "median_ms": statistics.median(s.median_ms for s in samples),
        "p90_ms": statistics.median(s.p90_ms for s in samples),
        "min_ms": min(s.min_ms for s in samples),
        "inferences_per_round": count,
        "rounds": [asdict(s) for s in samples],
    }


def ratio_report(ours: list[Sample], theirs: list[Sample]) -> dict[str, float]:
    """Our median over their median in the same round: the median over the rounds, and quartiles."""
    ratios = [a.median_ms / b.median_ms for a, b in zip(ours, theirs, strict=True)]
    q1, median, q3 = (float(q) for q in np.percentile(ratios, [25, 50, 75]))
    return {"median": median, "q1": q1, "q3": q3}


def compare(name: str, peers: list[str], project: Project | None, plan: Plan, work: Path) -> dict:
    """The report of one model: agreement, times and ratios. Raises BenchError."""
    folder = work / f"{name}-n{plan.batch}"
    files = prepare(name, plan.batch, folder)
    sides: list[Side] = []
    with ExitStack() as stack:
        if project is not None:
            binary = build(project, name, plan.batch, files.weights, folder / "resnetc")
            sides.append(ProjectSide(binary, files.images, plan.placement))
        for peer in peers:
            side = PeerSide(peer, files.onnx, files.images, plan.placement)
            stack.callback(side.close)
            sides.append(side)
        agreement = check_agreement(sides, files, folder)
        counts = [slice_count(side, plan.slice_s) for side in sides]
        samples = alternate(sides, counts, plan.rounds, name)
    ratios = {}
    if project is not None:
        ratios = {s.name: ratio_report(samples[0], samples[i])
                  for i, s in enumerate(sides) if i > 0}
    return {
        "model": name, "batch": plan.batch, "threads": plan.placement.threads,
        "cpus": list(plan.placement.cpus), "rounds": plan.rounds, "agreement": agreement,
        "sides": [side_report(*row) for row in zip(sides, counts, samples, strict=True)],
        "ratios": ratios,
    }


def table(reports: list[dict]) -> str:
    """A line per model and side; ratio is resnetc's time over the peer's, [its quartiles]."""
    form = "{:<10} {:<34} {:>10} {:>10} {:>10}  {}"
    if not reports:
        return "nothing measured"
    lines = [form.format("model", "side", "median ms", "p90 ms", "min ms", "ratio [quartiles]")]
    for report in reports:
        for side in report["sides"]:
            ratio = report["ratios"].get(side["name"])
            shown = "{median:.3f} [{q1:.3f}, {q3:.3f}]".format(**ratio) if ratio else ""
            version = side["version"].splitlines()[0].removeprefix(side["name"]).split("-")[0]
            times = (f"{side[key]:.3f}" for key in ("median_ms", "p90_ms", "min_ms"))
            lines.append(form.format(report["model"], f"{side['name']} {version.strip()}"[:34],
                                     *times, shown).rstrip())
    return "\n".join(lines)


def write_json(report: dict, path: Path) -> None:
    """Writes the report whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(report, indent=2) + "\n")
    partial.replace(path)
