"""The peers: inference engines from public wheels, each with the settings that are best for it.

`peer_worker.py` runs one of them in a process of its own. An engine has two halves: `convert` turns
an ONNX model into the engine's own format ahead of time, as its users would; the constructor loads
that, and its time is part of the engine's start. How each is set, and why: README.md.

To add a peer: write a class with the members of `Engine`, add it to ENGINES, pin its package in
requirements.txt.
"""
from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Protocol

import numpy as np



class Engine(Protocol):
    """An inference engine with a model and its input in place.

    package: the distribution; module: what is imported.
    native: the library that a program without Python would be linked with, a pattern below
    site-packages; libraries: beginnings of paths there of the shared libraries to be shipped with a
    model, of which those count that are loaded.
    bound: largest difference of a logit from float64, relative to the largest logit (wider for
    Winograd).
    needs_single: converts a model of batch 1, whatever the batch.
    settings: what the engine says it really uses.
    """
    package: str
    module: str
    native: str
    libraries: tuple[str, ...]
    bound: float
    needs_single: bool
    settings: dict[str, str]

    @staticmethod
    def convert(onnx: Path, folder: Path) -> list[Path]:
        """Writes the engine's own files of the model into `folder` and returns them."""

    def __init__(self, files: list[Path], images: np.ndarray, threads: int) -> None: ...

    def run(self) -> None:
        """One inference of the whole batch, f32, input and output in buffers that stay."""

    def output(self) -> np.ndarray:
        """The logits of the last run, float32 (N, classes)."""


class OpenVino:
    """OpenVINO's CPU plugin, one stream, set for latency; the model as IR, with f32 weights.

    Its own pinning is off: the caller's affinity decides the core.
    """
    package, module = "openvino", "openvino"
    native = "openvino/libs/libopenvino.so.*"
    # Not the frontends for other formats, which its Python package loads.
    libraries = tuple(f"openvino/libs/lib{name}" for name in (
        "openvino.so", "openvino_intel_cpu", "openvino_ir", "tbb", "hwloc"))
    bound = 1e-4
    needs_single = False

    @staticmethod
    def convert(onnx: Path, folder: Path) -> list[Path]:
        import openvino

        xml = folder / "model.xml"
        openvino.save_model(openvino.convert_model(onnx), xml, compress_to_fp16=False)
        return [xml, xml.with_suffix(".bin")]

    def __init__(self, files: list[Path], images: np.ndarray, threads: int) -> None:
        import openvino

        config = {
            "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": "1",
            "INFERENCE_NUM_THREADS": str(threads), "ENABLE_CPU_PINNING": "NO",
        }
        compiled = openvino.Core().compile_model(files[0], "CPU", config)
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

    The optimised graph is what is shipped. A stated number of threads also keeps it from pinning
    them: the caller's affinity decides.
    """
    package, module = "onnxruntime", "onnxruntime"
    native = "onnxruntime/capi/onnxruntime_pybind11_state.*.so"
    libraries = ("onnxruntime/",)
    bound = 1e-4
    needs_single = False

    @staticmethod
    def _options(threads: int):
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3
        return options

    @staticmethod
    def convert(onnx: Path, folder: Path) -> list[Path]:
        import onnxruntime as ort

        path = folder / "model.onnx"
        options = OnnxRuntime._options(1)
        options.optimized_model_filepath = str(path)
        ort.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
        return [path]

    def __init__(self, files: list[Path], images: np.ndarray, threads: int) -> None:
        import onnxruntime as ort

        self._session = ort.InferenceSession(files[0], self._options(threads),
                                             providers=["CPUExecutionProvider"])
        self.settings = {"providers": ", ".join(self._session.get_providers()),
                         "intra_op_num_threads": str(threads), "precision": "f32 (as the model)"}
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


class Ncnn:
    """ncnn: converted and fused by its own pnnx, the settings of its benchmark, but f32 throughout.

    It has no batches: the images of one go through it one after the other.
    """
    package, module = "ncnn", "ncnn"
    native = "ncnn/ncnn.*.so"
    libraries = ("ncnn/", "ncnn.libs/")
    bound = 1e-3
    needs_single = True
    HALVES = ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_packed",
              "use_bf16_storage")

    @staticmethod
    def convert(onnx: Path, folder: Path) -> list[Path]:
        # Not `import pnnx`, which needs torch only to export from it: the tool is a program.
        site = next(Path(entry) for entry in sys.path if Path(entry, "pnnx", "pnnx").is_file())
        files = [folder / "model.param", folder / "model.bin"]
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            made = {f"ncnn{key}": str(path) for key, path in zip(("param", "bin"), files)}
            rest = {key: os.path.join(scratch, key) for key in
                    ("pnnxparam", "pnnxbin", "pnnxpy", "pnnxonnx", "ncnnpy")}
            model = Path(scratch, "model.onnx")  # pnnx also writes beside its input
            model.symlink_to(onnx.absolute())
            options = [f"{key}={value}" for key, value in (made | rest).items()]
            subprocess.run([site / "pnnx" / "pnnx", model, "fp16=0", *options], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return files

    def __init__(self, files: list[Path], images: np.ndarray, threads: int) -> None:
        import ncnn

        self._net = ncnn.Net()
        options = self._net.opt
        for name in self.HALVES:
            setattr(options, name, False)
        options.num_threads = threads
        options.lightmode = True
        # As in its benchncnn. They have to outlive the net.
        self._allocators = (ncnn.UnlockedPoolAllocator(), ncnn.PoolAllocator())
        options.blob_allocator, options.workspace_allocator = self._allocators
        if self._net.load_param(str(files[0])) != 0 or self._net.load_model(str(files[1])) != 0:
            raise RuntimeError(f"ncnn cannot load {files[0]}")
        self.settings = {name: str(getattr(options, name)) for name in (
            *self.HALVES, "lightmode", "num_threads", "use_winograd_convolution",
            "use_sgemm_convolution", "use_packing_layout")}
        self._images = images
        self._mats = [ncnn.Mat(image) for image in images]
        self._logits: list[np.ndarray] = []

    def run(self) -> None:
        self._logits.clear()
        for mat in self._mats:
            extractor = self._net.create_extractor()
            extractor.input("in0", mat)
            _, logits = extractor.extract("out0")
            self._logits.append(np.array(logits))

    def output(self) -> np.ndarray:
        return np.stack(self._logits)


class Mnn:
    """MNN: converted and fused by its own tool, CPU backend, precision `high`, which is f32.

    The input is copied in before every inference: MNN reuses its memory.
    """
    package, module = "mnn", "MNN"
    native = "_mnncengine.*.so"
    libraries = ("_mnncengine", "mnn.libs/")
    bound = 1e-3
    needs_single = False

    @staticmethod
    def convert(onnx: Path, folder: Path) -> list[Path]:
        import _tools  # not MNN.tools.mnnconvert, which wants to report its use over the network

        path = folder / "model.mnn"
        _tools.mnnconvert(["mnnconvert", "-f", "ONNX", "--modelFile", str(onnx), "--MNNModel",
                           str(path), "--bizCode", "bench", "--optimizePrefer", "2"])
        return [path]

    def __init__(self, files: list[Path], images: np.ndarray, threads: int) -> None:
        import MNN

        self.settings = {"backend": "CPU", "precision": "high", "power": "high",
                         "numThread": str(threads)}
        self._model = MNN.Interpreter(str(files[0]))
        self._session = self._model.createSession({**self.settings, "numThread": threads})
        self._input = self._model.getSessionInput(self._session)
        self._images = MNN.Tensor(images.shape, MNN.Halide_Type_Float, images,
                                  MNN.Tensor_DimensionType_Caffe)
        output = self._model.getSessionOutput(self._session)
        self._logits = MNN.Tensor(output.getShape(), MNN.Halide_Type_Float,
                                  np.zeros(output.getShape(), np.float32),
                                  MNN.Tensor_DimensionType_Caffe)

    def run(self) -> None:
        self._input.copyFrom(self._images)
        self._model.runSession(self._session)

    def output(self) -> np.ndarray:
        self._model.getSessionOutput(self._session).copyToHostTensor(self._logits)
        return self._logits.getNumpyData()


ENGINES: dict[str, type[Engine]] = {"openvino": OpenVino, "onnxruntime": OnnxRuntime,
                                    "ncnn": Ncnn, "mnn": Mnn}


def version(name: str) -> str:
    """The version of the engine's package."""
    return importlib.metadata.version(ENGINES[name].package)
