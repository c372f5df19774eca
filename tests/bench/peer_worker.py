"""One peer in a process of its own: loads an ONNX model and obeys its parent over a pipe.

Started by `sides.py`; not for the command line. One JSON object a line: commands on standard
input, answers on standard output.

    peer_worker.py PEER MODEL.onnx INPUT.npy THREADS
      answers at once     {"version": "2026.4.1", "settings": {...}}
    {"bench": N}          {"times_ms": [...]}     N timed inferences after two untimed ones
    {"save": "OUT.npy"}   {"saved": "OUT.npy"}    the logits, float32 (N, classes)
    end of input          the worker ends

To add a peer: write a class with the members of `Peer`, add it to PEERS, pin its package in
requirements.txt.
"""
from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Protocol, TextIO

import numpy as np

WARM_UP = 2


class Peer(Protocol):
    """An inference engine with a model and its input in place.

    version: of the package; settings: what the engine says it really uses.
    """
    version: str
    settings: dict[str, str]

    def __init__(self, model: Path, images: np.ndarray, threads: int) -> None: ...

    def run(self) -> None:
        """One inference of the whole batch, f32, input and output in buffers that stay."""

    def output(self) -> np.ndarray:
        """The logits of the last run, float32 (N, classes)."""


class OpenVino:
    """OpenVINO's CPU plugin, one stream, set for latency.

    Its own pinning is off: the caller's affinity decides the core.
    """

    def __init__(self, model: Path, images: np.ndarray, threads: int) -> None:
        import openvino

        config = {
            "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": "1",
            "INFERENCE_NUM_THREADS": str(threads), "ENABLE_CPU_PINNING": "NO",
        }
        core = openvino.Core()
        compiled = core.compile_model(core.read_model(model), "CPU", config)
        self.version = openvino.__version__
        self.settings = {key: str(compiled.get_property(key)) for key in config}
        precision = compiled.get_property("INFERENCE_PRECISION_HINT")
        if precision != openvino.Type.f32:
            raise RuntimeError(f"OpenVINO computes in {precision.get_type_name()}, expected f32")
        self._request = compiled.create_infer_request()
        self._request.set_input_tensor(openvino.Tensor(images))

    def run(self) -> None:
        self._request.infer(share_outputs=True)

    def output(self) -> np.ndarray:
        return self._request.get_output_tensor().data


class OnnxRuntime:
    """ONNX Runtime's CPU provider, all graph optimisations, buffers bound once.

    A stated number of threads also keeps it from pinning them: the caller's affinity decides.
    """

    def __init__(self, model: Path, images: np.ndarray, threads: int) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.version = ort.__version__
        self.settings = {"intra_op_num_threads": str(threads), "precision": "f32 (as the model)"}
        shape = self._session.get_outputs()[0].shape
        self._images = ort.OrtValue.ortvalue_from_numpy(images)
        self._logits = ort.OrtValue.ortvalue_from_numpy(np.zeros(shape, np.float32))
        self._binding = self._session.io_binding()
        self._binding.bind_ortvalue_input(self._session.get_inputs()[0].name, self._images)
        self._binding.bind_ortvalue_output(self._session.get_outputs()[0].name, self._logits)

    def run(self) -> None:
        self._session.run_with_iobinding(self._binding)

    def output(self) -> np.ndarray:
        return self._logits.numpy()


PEERS: dict[str, type[Peer]] = {"openvino": OpenVino, "onnxruntime": OnnxRuntime}


def bench(peer: Peer, count: int) -> list[float]:
    """Milliseconds of `count` inferences, each timed by itself."""
    for _ in range(WARM_UP):
        peer.run()
    times = []
    for _ in range(count):
        start = time.perf_counter_ns()
        peer.run()
        times.append((time.perf_counter_ns() - start) / 1e6)
    return times


def save(peer: Peer, path: str) -> None:
    peer.run()
    np.save(path, np.ascontiguousarray(peer.output(), np.float32))


def serve(peer: Peer, answers: TextIO) -> None:
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
    name, model, images, threads = argv
    # Ctrl-C reaches the whole process group; the parent ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What libraries print must not get between the answers: descriptor 1 becomes standard error.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    peer = PEERS[name](Path(model), np.load(images), int(threads))
    ready = {"version": peer.version, "settings": peer.settings}
    print(json.dumps(ready), file=answers, flush=True)
    serve(peer, answers)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
