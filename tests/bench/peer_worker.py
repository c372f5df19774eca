"""One peer in a process of its own; started by `sides.py`, not for the command line.

    peer_worker.py convert PEER MODEL.onnx FOLDER     writes the peer's own model files into FOLDER
      answers             ["FOLDER/model.xml", ...]

    peer_worker.py start PEER FILES INPUT.npy THREADS PICTURE   FILES: that answer, a JSON list
      answers             {"ms": {...}, ...}    see start(); then the worker ends

    peer_worker.py serve PEER FILES INPUT.npy THREADS
      answers at once     {"settings": {...}, "libraries": ["PATH", ...]}   after its first result
    {"bench": N}          {"times_ms": [...]}     N timed inferences after two untimed ones
    {"save": "OUT.npy"}   {"saved": "OUT.npy"}    the logits, float32 (N, classes)
    end of input          the worker ends

One JSON object a line; commands on standard input, answers on standard output. `libraries`: those
that were loaded and must be shipped.
"""
from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
import sys
import sysconfig
import time
from pathlib import Path
from typing import TextIO

import numpy as np
from PIL import Image

from engines import ENGINES, Engine

WARM_UP = 2
# What a spec of three channels has by default, for pictures.
MEAN, STDDEV = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def site_packages() -> Path:
    return Path(sysconfig.get_path("platlib"))


def memory_kib(key: str) -> int:
    """VmRSS (now) or VmHWM (the most so far) of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1])
    raise RuntimeError(f"/proc/self/status has no {key}")


def loaded_libraries(beginnings: tuple[str, ...]) -> list[str]:
    """The mapped shared libraries whose path below site-packages begins with one of these."""
    paths = {line.split(maxsplit=5)[5] for line in Path("/proc/self/maps").read_text().splitlines()
             if ".so" in line}
    return sorted(path for path in paths
                  if path.rpartition("/site-packages/")[2].startswith(beginnings))


def decode(picture: Path, height: int, width: int) -> np.ndarray:
    """A picture as a network's input (1,3,H,W): short side scaled, centre cropped, normalised."""
    image = Image.open(picture).convert("RGB")
    scale = max(height, width) * 256 / 224 / min(image.size)
    image = image.resize((round(image.width * scale), round(image.height * scale)),
                         Image.Resampling.BILINEAR)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    pixels = np.asarray(image.crop((left, top, left + width, top + height)), np.float32)
    normalised = (pixels / 255 - np.float32(MEAN)) / np.float32(STDDEV)
    return np.ascontiguousarray(normalised.transpose(2, 0, 1)[None])


def start(name: str, files: list[Path], shape: tuple[int, ...], threads: int,
          picture: Path) -> dict:
    """From nothing to the logits of a picture: milliseconds of each part, and memory.

    Loading the engine's library counts, as it would without Python; importing it does not.
    peak_kib: the most resident memory until then; python_kib: before the engine was loaded.
    """
    Image.init()  # Pillow imports its formats when they are first needed
    engine = ENGINES[name]
    native = next(site_packages().glob(engine.native))
    python_kib = memory_kib("VmRSS")
    marks = [time.perf_counter_ns()]

    def lap() -> float:
        marks.append(time.perf_counter_ns())
        return (marks[-1] - marks[-2]) / 1e6

    ctypes.CDLL(str(native))
    ms = {"library": lap()}
    importlib.import_module(engine.module)
    lap()
    image = decode(picture, *shape[2:])
    images = np.repeat(image, shape[0], axis=0)
    ms["picture"] = lap()
    peer = engine(files, images, threads)
    ms["model"] = lap()
    peer.run()
    peer.output()
    ms["inference"] = lap()
    return {"ms": ms, "peak_kib": memory_kib("VmHWM"), "python_kib": python_kib}


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


def answer(verb: str, name: str, arguments: list[str], answers: TextIO) -> object:
    """Does what the command line says and returns what is to be answered at the end."""
    if verb == "convert":
        files = ENGINES[name].convert(Path(arguments[0]), Path(arguments[1]))
        return [str(path) for path in files]
    files = [Path(path) for path in json.loads(arguments[0])]
    images, threads = np.load(arguments[1]), int(arguments[2])
    if verb == "start":
        return start(name, files, images.shape, threads, Path(arguments[3]))
    peer = ENGINES[name](files, images, threads)
    peer.run()
    ready = {"settings": peer.settings, "libraries": loaded_libraries(ENGINES[name].libraries)}
    print(json.dumps(ready), file=answers, flush=True)
    serve(peer, answers)
    return None


def main(argv: list[str]) -> int:
    verb, name, *rest = argv
    # Ctrl-C reaches the whole process group; the parent ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What libraries print must not get between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    last = answer(verb, name, rest, answers)
    if last is not None:
        print(json.dumps(last), file=answers, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
