"""Makes what a model is measured with: weights, input, reference, the peers' files, the binary.

Everything lies in one folder a model and batch, and is made again only when its recipe changes.
"""
from __future__ import annotations

import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import save_file

from engines import ENGINES
from models import Network, Tensors, evaluate, network, random_images, random_tensors
from onnx_file import save_onnx
from sides import BenchError, Placement, Worker

HERE = Path(__file__).parent
WEIGHTS_SEED, IMAGES_SEED = 1, 2
PICTURE_SIZE = (640, 427)


@dataclass(frozen=True)
class Files:
    """What a model is measured with.

    onnx has the batch, onnx_single batch 1; images (N,C,H,W) float32, reference (N,classes)
    float64; picture: a JPEG file.
    """
    onnx: Path
    onnx_single: Path
    weights: Path
    images: Path
    reference: Path
    picture: Path


@dataclass(frozen=True)
class Project:
    """How to get the project's binary; specs is the folder of <name>.yaml.

    options: more of them for `resnetc build` (and `plan`), words of a command line.
    """
    compiler: Path
    specs: Path
    options: tuple[str, ...] = ()

    def folder(self, work: Path) -> Path:
        """Where the output of a build with these options belongs."""
        words = "".join(c if c.isalnum() or c in "._-" else "_" for c in "".join(self.options))
        return work / f"resnetc{words}"


def digest(names: tuple[str, ...], extra: str) -> str:
    """A fingerprint of these source files and of `extra`."""
    sources = [(HERE / name).read_bytes() for name in names]
    return hashlib.sha256(b"\0".join([*sources, extra.encode()])).hexdigest()


def up_to_date(stamp: Path, recipe: str) -> bool:
    """Whether what the stamp stands for was made by this recipe; if not, the stamp is gone."""
    if stamp.exists() and stamp.read_text() == recipe:
        return True
    stamp.unlink(missing_ok=True)
    return False


def save_picture(net: Network, path: Path) -> None:
    """A photograph-like JPEG of PICTURE_SIZE."""
    soft = random_images(net, 1, IMAGES_SEED, 256)[0].transpose(1, 2, 0)
    pixels = np.clip(128 + 64 * soft, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).resize(PICTURE_SIZE).save(path, quality=90)


def write_model(net: Network, tensors: Tensors, batch: int, files: Files) -> None:
    images = random_images(net, batch, IMAGES_SEED)
    save_onnx(net, tensors, batch, files.onnx)
    if files.onnx_single != files.onnx:
        save_onnx(net, tensors, 1, files.onnx_single)
    save_file(tensors, files.weights)
    save_picture(net, files.picture)
    np.save(files.images, images)
    np.save(files.reference, evaluate(net, images.astype(np.float64), tensors))


def prepare(name: str, batch: int, folder: Path) -> Files:
    """Makes the files of a model in `folder`, or finds them there from an earlier run."""
    onnx = folder / "model.onnx"
    files = Files(onnx, onnx if batch == 1 else folder / "single.onnx",
                  folder / f"{name}.safetensors", folder / "input.npy", folder / "reference.npy",
                  folder / "picture.jpg")
    recipe = digest(("models.py", "onnx_file.py", "requirements.txt"),
                    f"{batch} {WEIGHTS_SEED} {IMAGES_SEED} {PICTURE_SIZE}")
    stamp = folder / "recipe.txt"
    if not up_to_date(stamp, recipe):
        folder.mkdir(parents=True, exist_ok=True)
        net = network(name)
        write_model(net, random_tensors(net, WEIGHTS_SEED), batch, files)
        stamp.write_text(recipe)
    return files


def convert(peer: str, files: Files, folder: Path, placement: Placement) -> list[Path]:
    """The peer's own files of the model, made in `folder` or found there."""
    made = folder / "files.json"
    onnx = files.onnx_single if ENGINES[peer].needs_single else files.onnx
    recipe = digest(("models.py", "onnx_file.py", "engines.py", "requirements.txt"), str(onnx))
    stamp = folder / "recipe.txt"
    if not up_to_date(stamp, recipe):
        folder.mkdir(parents=True, exist_ok=True)
        worker = Worker(peer, ["convert", peer, str(onnx), str(folder)], placement)
        try:
            made.write_text(json.dumps(worker.answer()))
        finally:
            worker.close()
        stamp.write_text(recipe)
    paths = [Path(path) for path in json.loads(made.read_text())]
    if missing := [str(path) for path in paths if not path.is_file()]:
        raise BenchError(f"the conversion for {peer} made no {', '.join(missing)}")
    return paths


def run_tool(command: list[str]) -> None:
    """Runs a program that prints only when it fails."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"'{' '.join(command)}' ended with exit code "
                         f"{done.returncode}:\n{done.stderr.strip()}")


def build(project: Project, name: str, batch: int, weights: Path, folder: Path) -> Path:
    """Runs `resnetc build` and returns the standalone binary."""
    command = [str(project.compiler), "build", str(project.specs / f"{name}.yaml"),
               "--weights", str(weights), "-o", str(folder), *project.options]
    if batch != 1:
        command += ["--batch", str(batch)]
    run_tool(command)
    binary = folder / name
    if not binary.is_file():
        raise BenchError(f"'resnetc build' made no {binary}")
    return binary


def compile_c(source: Path, binary: Path, options: list[str]) -> Path:
    """Compiles one C file with $CC or cc, unless the binary is newer."""
    if not binary.exists() or binary.stat().st_mtime < source.stat().st_mtime:
        binary.parent.mkdir(parents=True, exist_ok=True)
        run_tool([os.environ.get("CC", "cc"), "-O2", *options, str(source), "-o", str(binary)])
    return binary
