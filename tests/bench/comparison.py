"""Checks that all sides compute the same, and measures them in alternation.

`peers.py` calls `compare()` for each model, inside the venv. Out comes a plain dictionary: the JSON
report, from which `report.py` prints and draws.
"""
from __future__ import annotations

import statistics
import sys
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Callable, Iterator, TypeVar

import numpy as np

from preparation import HERE, Files, Project, build, compile_c, convert, prepare
from sides import BenchError, PeerSide, Placement, ProjectSide, Sample, Side, Start

FEWEST, MOST = 3, 5000  # inferences in a slice

Measured = TypeVar("Measured")


@dataclass(frozen=True)
class Plan:
    """How long to measure: slice_s is the time one side gets in one round; starts: processes."""
    rounds: int
    slice_s: float
    starts: int
    batch: int
    placement: Placement


def largest_difference(logits: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference over the largest expected logit; NaN counts as infinite."""
    if logits.shape != expected.shape:
        raise BenchError(f"logits of shape {logits.shape}, expected {expected.shape}")
    difference = float(np.abs(logits.astype(np.float64) - expected).max() / np.abs(expected).max())
    return difference if np.isfinite(difference) else float("inf")


def check_agreement(sides: list[Side], files: Files, folder: Path) -> dict[str, float]:
    """Relative difference of each side to the float64 reference.

    Raises BenchError where one exceeds the side's bound: times of wrong results mean nothing.
    """
    reference = np.load(files.reference)
    found = {}
    for side in sides:
        logits = side.logits(folder / f"logits_{side.name}.npy")
        difference = largest_difference(logits, reference)
        if difference > side.bound:
            raise BenchError(f"outputs disagree: {side.name} to the float64 reference: "
                             f"{difference:.2e} of the largest logit, "
                             f"expected at most {side.bound:.0e}")
        found[side.name] = difference
    return found


def slice_count(side: Side, slice_s: float) -> int:
    """How many inferences fill a slice."""
    side.bench(FEWEST)
    return min(MOST, max(FEWEST, round(slice_s * 1000 / side.bench(FEWEST).median_ms)))


def turns(sides: list[Side], rounds: int, label: str) -> Iterator[int]:
    """Indices of sides, each once a round; who begins rotates, so that drift hits all."""
    for turn in range(rounds):
        if sys.stderr.isatty():
            print(f"\r{label} {turn + 1} of {rounds}", end="", file=sys.stderr, flush=True)
        yield from ((turn + step) % len(sides) for step in range(len(sides)))
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def alternate(sides: list[Side], rounds: int, label: str,
              measure: Callable[[int], Measured]) -> list[list[Measured]]:
    """measure(index of a side) for each side in each round: results per side and round."""
    results: list[list[Measured]] = [[] for _ in sides]
    for i in turns(sides, rounds, label):
        results[i].append(measure(i))
    return results


def time_report(samples: list[Sample], batch: int) -> dict:
    """Medians over the rounds of each round's median and p90, and the least; per image."""
    return {
        "median_ms": statistics.median(s.median_ms for s in samples) / batch,
        "p90_ms": statistics.median(s.p90_ms for s in samples) / batch,
        "min_ms": min(s.min_ms for s in samples) / batch,
        "rounds": [asdict(s) for s in samples],
    }


def start_report(starts: list[Start]) -> dict:
    """Medians over the starts."""
    return {
        "ms": statistics.median(s.ms for s in starts),
        "peak_kib": statistics.median(s.peak_kib for s in starts),
        "peak_without_base_kib": statistics.median(s.peak_kib - s.base_kib for s in starts),
        "parts_ms": {part: statistics.median(s.parts_ms[part] for s in starts)
                     for part in starts[0].parts_ms},
        "processes": [asdict(s) for s in starts],
    }


def ratio_report(ours: list[Sample], theirs: list[Sample]) -> dict[str, float]:
    """Our median over their median in the same round: the median over the rounds, and quartiles."""
    ratios = [a.median_ms / b.median_ms for a, b in zip(ours, theirs, strict=True)]
    q1, median, q3 = (float(q) for q in np.percentile(ratios, [25, 50, 75]))
    return {"median": median, "q1": q1, "q3": q3}


def open_sides(name: str, peers: list[str], project: Project | None, plan: Plan, files: Files,
               work: Path, stack: ExitStack) -> list[Side]:
    """All contestants, ours first; the stack closes them."""
    folder = work / f"{name}-n{plan.batch}"
    sides: list[Side] = []
    if project is not None:
        binary = build(project, name, plan.batch, files.weights, project.folder(folder))
        launcher = compile_c(HERE / "launch.c", work / "launch", [])
        sides.append(ProjectSide(binary, launcher, files.images, files.picture, plan.placement))
    for peer in peers:
        converted = convert(peer, files, folder / peer, plan.placement)
        side = PeerSide(peer, converted, files.images, files.picture, plan.placement)
        stack.callback(side.close)
        sides.append(side)
    return sides


def best_peer(sides: list[dict]) -> str | None:
    """The name of the peer with the least median time."""
    peers = [side for side in sides if side["name"] != ProjectSide.name]
    return min(peers, key=lambda side: side["median_ms"])["name"] if peers else None


def compare(name: str, peers: list[str], project: Project | None, plan: Plan, work: Path) -> dict:
    """The report of one model: agreement, times, starts, ratios. Raises BenchError."""
    folder = work / f"{name}-n{plan.batch}"
    files = prepare(name, plan.batch, folder)
    with ExitStack() as stack:
        sides = open_sides(name, peers, project, plan, files, work, stack)
        agreement = check_agreement(sides, files, folder)
        counts = [slice_count(side, plan.slice_s) for side in sides]
        samples = alternate(sides, plan.rounds, f"{name}: round",
                            lambda i: sides[i].bench(counts[i]))
        starts = alternate(sides, plan.starts, f"{name}: start", lambda i: sides[i].start())
    reports = [{"name": side.name, "version": side.version, "settings": side.settings,
                "difference": agreement[side.name], "bound": side.bound,
                **time_report(samples[i], plan.batch), "inferences_per_round": counts[i],
                "start": start_report(starts[i]), "shipped": asdict(side.shipped)}
               for i, side in enumerate(sides)]
    ratios = {}
    if project is not None:
        ratios = {side.name: ratio_report(samples[0], samples[i])
                  for i, side in enumerate(sides) if i > 0}
    return {"model": name, "batch": plan.batch, "threads": plan.placement.threads,
            "cpus": list(plan.placement.cpus), "rounds": plan.rounds,
            "best_peer": best_peer(reports), "sides": reports, "ratios": ratios}
