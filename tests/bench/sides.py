"""The contestants: each peer in a child process that stays, and the project's binary.

`comparison.py` treats them alike: measure `count` inferences now, or write the logits of the input
file. Every process is started on the same CPUs.
"""
from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Protocol

import numpy as np


class BenchError(Exception):
    """Something that ends the comparison of a model; the text is for the user."""


@dataclass(frozen=True)
class Sample:
    """Milliseconds for one batch, over the inferences of one round."""
    median_ms: float
    p90_ms: float
    min_ms: float


@dataclass(frozen=True)
class Placement:
    """Where and with how much every side runs."""
    threads: int
    cpus: tuple[int, ...]

    def pin(self) -> Callable[[], None]:
        """For subprocess' preexec_fn: binds the child to the CPUs before it starts."""
        return lambda: os.sched_setaffinity(0, self.cpus)


class Side(Protocol):
    """A contestant. version and settings go into the report."""
    name: str
    version: str
    settings: dict[str, str]

    def bench(self, count: int) -> Sample: ...

    def logits(self, out: Path) -> np.ndarray: ...

    def close(self) -> None: ...


class PeerSide:
    """A peer of `peer_worker.py`, alive from construction to close()."""

    def __init__(self, name: str, model: Path, images: Path, placement: Placement) -> None:
        self.name = name
        worker = Path(__file__).with_name("peer_worker.py")
        command = [sys.executable, str(worker), name, str(model), str(images),
                   str(placement.threads)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         text=True, preexec_fn=placement.pin())
        ready = self._answer()
        self.version: str = ready["version"]
        self.settings: dict[str, str] = ready["settings"]

    def _answer(self) -> dict:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise BenchError(f"{self.name} ended with exit code {self._process.wait()}")
        return json.loads(line)

    def _ask(self, command: dict) -> dict:
        assert self._process.stdin is not None
        try:
            print(json.dumps(command), file=self._process.stdin, flush=True)
        except BrokenPipeError:
            raise BenchError(f"{self.name} ended with exit code {self._process.wait()}") from None
        return self._answer()

    def bench(self, count: int) -> Sample:
        times = self._ask({"bench": count})["times_ms"]
        return Sample(float(np.median(times)), float(np.percentile(times, 90)), min(times))

    def logits(self, out: Path) -> np.ndarray:
        self._ask({"save": str(out)})
        return np.load(out)

    def close(self) -> None:
        """Ends the worker; harmless when it has ended already."""
        self._process.kill()
        self._process.communicate()


class ProjectSide:
    """The standalone binary that `resnetc build` made; a process for every round."""

    name = "resnetc"

    def __init__(self, binary: Path, images: Path, placement: Placement) -> None:
        self._binary = binary
        self._images = images
        self._placement = placement
        # One thread needs no option, so that a serial build without --threads can be measured too.
        self._threads = [] if placement.threads == 1 else ["--threads", str(placement.threads)]
        self.version = self._run("--version").strip()
        self.settings = {"threads": str(placement.threads)}

    def _run(self, *arguments: str) -> str:
        command = [str(self._binary), *arguments]
        done = subprocess.run(command, capture_output=True, text=True,
                              preexec_fn=self._placement.pin())
        if done.returncode != 0:
            raise BenchError(f"'{' '.join(command)}' ended with exit code {done.returncode}:\n"
                             f"{done.stderr.strip()}")
        return done.stdout

    def bench(self, count: int) -> Sample:
        text = self._run("--bench", str(count), "--json", *self._threads)
        try:
            result = json.loads(text)
            return Sample(*(float(result[key]) for key in ("median_ms", "p90_ms", "min_ms")))
        except (ValueError, KeyError, TypeError) as error:
            raise BenchError(f"'{self._binary} --bench {count} --json' printed no JSON object with "
                             f"median_ms, p90_ms and min_ms ({error!r}):\n{text}") from None

    def logits(self, out: Path) -> np.ndarray:
        self._run("--npy", str(self._images), "--logits", str(out), *self._threads)
        return np.load(out)

    def close(self) -> None:
        """Nothing stays behind between rounds."""
