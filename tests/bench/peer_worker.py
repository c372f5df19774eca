"""One peer in a process of its own; started by `sides.py`, not for the command line.

    peer_worker.py convert PEER MODEL.onnx FOLDER     writes the peer's own model files into FOLDER
      answers             ["FOLDER/model.xml", ...]

    peer_worker.py serve PEER FILES INPUT.npy THREADS   FILES: that answer, a JSON list
      answers at once     {"settings": {...}, "start": {...}}    after its first result
    {"bench": N}          {"times_ms": [...]}     N timed inferences after two untimed ones
    {"save": "OUT.npy"}   {"saved": "OUT.npy"}    the logits, float32 (N, classes)
    end of input          the worker ends

One JSON object a line; commands on standard input, answers on standard output. `start`: `ms` from
after the imports to the first result; `peak_kib` of resident memory until then, and
`python_kib`, what Python, NumPy and the input took before the engine was imported; the
`libraries` that were loaded and must be shipped, and their `libraries_bytes`.
"""
from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import TextIO

import numpy as np

from engines import ENGINES, Engine

WARM_UP = 2


def memory_kib(key: str) -> int:
    """VmRSS (now) or VmHWM (the most so far) of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1])
    raise RuntimeError(f"/proc/self/status has no {key}")


def loaded_libraries(beginnings: tuple[str, ...]) -> list[Path]:
    """The mapped shared libraries whose path below site-packages begins with one of these."""
    paths = {line.split(maxsplit=5)[5] for line in Path("/proc/self/maps").read_text().splitlines()
             if ".so" in line}
    return sorted(Path(path) for path in paths
                  if path.rpartition("/site-packages/")[2].startswith(beginnings))


def start(name: str, files: list[Path], images: np.ndarray, threads: int) -> tuple[Engine, dict]:
    """The engine after its first result, and what that took."""
    python_kib = memory_kib("VmRSS")
    engine = ENGINES[name]
    importlib.import_module(engine.module)
    begin = time.perf_counter_ns()
    peer = engine(files, images, threads)
    peer.run()
    peer.output()
    ms = (time.perf_counter_ns() - begin) / 1e6
    peak_kib = memory_kib("VmHWM")
    libraries = loaded_libraries(engine.libraries)
    return peer, {"ms": ms, "peak_kib": peak_kib, "python_kib": python_kib,
                  "libraries": [path.name for path in libraries],
                  "libraries_bytes": sum(path.stat().st_size for path in libraries)}


def bench(peer: Engine, count: int) -> list[float]:
    """Milliseconds of `count` inferences, each timed by itself."""
    for _ in range(WARM_UP):
        peer.run()
    times = []
    for _ in range(count):
        begin = time.perf_counter_ns()
        peer.run()
        times.append((time.perf_counter_ns() - begin) / 1e6)
    return times


def save(peer: Engine, path: str) -> None:
    peer.run()
    np.save(path, np.ascontiguousarray(peer.output(), np.float32))


def serve(peer: Engine, answers: TextIO) -> None:
    """Answers commands until the input ends."""
    for line in sys.stdin:
        command = json.loads(line)
        if "bench" in command:
            answer = {"times_ms": bench(peer, command["bench"])}
        elif "save" in command:
            save(peer, command["save"])
            answer = {"saved": command["save"]}
        else:
            raise ValueError(f"unknown command {line.strip()}")
        print(json.dumps(answer), file=answers, flush=True)


def main(argv: list[str]) -> int:
    verb, name, model, *rest = argv
    # Ctrl-C reaches the whole process group; the parent ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What libraries print must not get between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if verb == "convert":
        files = ENGINES[name].convert(Path(model), Path(rest[0]))
        print(json.dumps([str(path) for path in files]), file=answers, flush=True)
        return 0
    files = [Path(path) for path in json.loads(model)]
    peer, started = start(name, files, np.load(rest[0]), int(rest[1]))
    print(json.dumps({"settings": peer.settings, "start": started}), file=answers, flush=True)
    serve(peer, answers)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
