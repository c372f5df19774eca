"""The contestants: each peer in a child process that stays, and the project's binary.

`comparison.py` treats them alike: measure `count` inferences now, write the logits of the input
file, or start anew until the first result. Every process is started on the same CPUs.
"""
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Protocol

import numpy as np

from engines import ENGINES, version

PROJECT_BOUND = 1e-4  # of the largest logit


class BenchError(Exception):
    """Something that ends the comparison of a model; the text is for the user."""


@dataclass(frozen=True)
class Sample:
    """Milliseconds for one batch, over the inferences of one round."""
    median_ms: float
    p90_ms: float
    min_ms: float


@dataclass(frozen=True)
class Start:
    """From nothing to the first result: time, and the most resident memory until then.

    parts_ms: what ms is the sum of; base_kib: what of peak_kib is Python and NumPy, 0 for a program
    of its own.
    """
    parts_ms: dict[str, float]
    peak_kib: int
    base_kib: int

    @property
    def ms(self) -> float:
        return sum(self.parts_ms.values())


@dataclass(frozen=True)
class Shipped:
    """Bytes on disk of what a user gets: code, and files of the model beside it."""
    code_bytes: int
    model_bytes: int
    files: tuple[str, ...]


@dataclass(frozen=True)
class Placement:
    """Where and with how much every side runs."""
    threads: int
    cpus: tuple[int, ...]

    def pin(self) -> Callable[[], None]:
        """For subprocess' preexec_fn: binds the child to the CPUs before it starts."""
        return lambda: os.sched_setaffinity(0, self.cpus)


class Side(Protocol):
    """A contestant. version and settings go into the report; bound: see Engine."""
    name: str
    version: str
    settings: dict[str, str]
    bound: float
    shipped: Shipped

    def bench(self, count: int) -> Sample: ...

    def logits(self, out: Path) -> np.ndarray: ...

    def start(self) -> Start: ...

    def close(self) -> None: ...


class Worker:
    """A process of `peer_worker.py`: commands in, answers out, a JSON object a line."""

    def __init__(self, name: str, arguments: list[str], placement: Placement) -> None:
        self._name = name
        command = [sys.executable, str(Path(__file__).with_name("peer_worker.py")), *arguments]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         text=True, preexec_fn=placement.pin())

    def answer(self):
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise BenchError(f"{self._name} ended with exit code {self._process.wait()}")
        return json.loads(line)

    def ask(self, command: dict) -> dict:
        assert self._process.stdin is not None
        try:
            print(json.dumps(command), file=self._process.stdin, flush=True)
        except BrokenPipeError:
            raise BenchError(f"{self._name} ended with exit code {self._process.wait()}") from None
        return self.answer()

    def pause(self) -> None:
        """Stops all its threads: some engines' go on spinning after an inference."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Ends the process; harmless when it has ended already."""
        self._process.kill()
        self._process.communicate()


class PeerSide:
    """An engine of `engines.py`; its worker lives, paused between turns, until close()."""

    def __init__(self, name: str, files: list[Path], images: Path, picture: Path,
                 placement: Placement) -> None:
        self.name = name
        self.version = version(name)
        self.bound = ENGINES[name].bound
        self._arguments = [name, json.dumps([str(path) for path in files]), str(images),
                           str(placement.threads)]
        self._picture = picture
        self._placement = placement
        self._worker = Worker(name, ["serve", *self._arguments], placement)
        ready = self._worker.answer()
        self._worker.pause()
        self.settings: dict[str, str] = ready["settings"]
        libraries = [Path(path) for path in ready["libraries"]]
        self.shipped = Shipped(sum(path.stat().st_size for path in libraries),
                               sum(path.stat().st_size for path in files),
                               tuple(path.name for path in [*libraries, *files]))

    def _ask(self, command: dict) -> dict:
        self._worker.resume()
        answer = self._worker.ask(command)
        self._worker.pause()
        return answer

    def bench(self, count: int) -> Sample:
        times = self._ask({"bench": count})["times_ms"]
        return Sample(float(np.median(times)), float(np.percentile(times, 90)), min(times))

    def logits(self, out: Path) -> np.ndarray:
        self._ask({"save": str(out)})
        return np.load(out)

    def start(self) -> Start:
        """Of a second process, without what Python takes."""
        worker = Worker(self.name, ["start", *self._arguments, str(self._picture)],
                        self._placement)
        try:
            started = worker.answer()
        finally:
            worker.close()
        return Start(started["ms"], started["peak_kib"], started["python_kib"])

    def close(self) -> None:
        self._worker.close()


class ProjectSide:
    """The standalone binary that `resnetc build` made; a process for every round.

    launcher: the program of launch.c; picture: an image file, the input of a start.
    """

    name = "resnetc"
    bound = PROJECT_BOUND

    def __init__(self, binary: Path, launcher: Path, images: Path, picture: Path,
                 placement: Placement) -> None:
        self._binary = binary
        self._launcher = launcher
        self._images = images
        self._picture = picture
        self._placement = placement
        # One thread needs no option, so that a serial build without --threads can be measured too.
        self._threads = [] if placement.threads == 1 else ["--threads", str(placement.threads)]
        self.version = self._run([binary, "--version"]).splitlines()[0].strip()
        self.settings = {"threads": str(placement.threads)}
        self.shipped = Shipped(binary.stat().st_size, 0, (binary.name,))

    def _run(self, command: list[Path | str]) -> str:
        done = subprocess.run(command, capture_output=True, text=True,
                              preexec_fn=self._placement.pin())
        if done.returncode != 0:
            raise BenchError(f"'{' '.join(map(str, command))}' ended with exit code "
                             f"{done.returncode}:\n{done.stderr.strip()}")
        return done.stdout

    def bench(self, count: int) -> Sample:
        text = self._run([self._binary, "--bench", str(count), "--json", *self._threads])
        try:
            result = json.loads(text)
            return Sample(*(float(result[key]) for key in ("median_ms", "p90_ms", "min_ms")))
        except (ValueError, KeyError, TypeError) as error:
            raise BenchError(f"'{self._binary} --bench {count} --json' printed no JSON object with "
                             f"median_ms, p90_ms and min_ms ({error!r}):\n{text}") from None

    def logits(self, out: Path) -> np.ndarray:
        self._run([self._binary, "--npy", str(self._images), "--logits", str(out), *self._threads])
        return np.load(out)

    def start(self) -> Start:
        """The whole process: from its start to its end, the picture file decoded."""
        text = self._run([self._launcher, "1", self._binary, *self._threads, self._picture])
        launched = json.loads(text)
        return Start({"process": launched["ms"][0]}, launched["peak_kib"], 0)

    def close(self) -> None:
        """Nothing stays behind between rounds."""
