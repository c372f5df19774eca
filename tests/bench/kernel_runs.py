"""Builds a network with kernels_main.c, runs it, and joins the times with the plan.

`kernels.py` calls `measure()` for each model, inside the venv.
"""
from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
from pathlib import Path

import yaml

from models import INPUT, Network, Node, network
from preparation import HERE, Project, build, prepare, run_tool
from sides import BenchError


def plan_of(compiler: Path, spec: Path, options: list[str]) -> dict:
    """The JSON of `resnetc plan`."""
    done = subprocess.run([compiler, "plan", spec, "--json", *options], capture_output=True,
                          text=True)
    if done.returncode != 0:
        raise BenchError(f"'resnetc plan {spec}' failed:\n{done.stderr.strip()}")
    return json.loads(done.stdout)


def taps_inside(node: Node, size: int) -> int:
    """Kernel positions along one axis of `size` pixels, over all outputs, that meet no padding."""
    outputs = (size + 2 * node.pad - node.kernel) // node.stride + 1
    starts = (output * node.stride - node.pad for output in range(outputs))
    return sum(min(start + node.kernel, size) - max(start, 0) for start in starts)


def multiply_adds(net: Network, batch: int) -> dict[str, int]:
    """By layer: what a direct convolution multiplies if it skips the padding; `fc` is the last."""
    heights = {INPUT: net.input_shape[1]}
    macs = {}
    for node in net.nodes:
        height = heights[node.inputs[0]]
        if node.op == "conv":
            weights = node.cin // node.groups * node.cout
            macs[node.name] = batch * weights * taps_inside(node, height) ** 2
        elif node.op == "fc":
            macs["fc"] = batch * node.cin * node.cout
        pooled = node.op == "global_avg_pool"
        outputs = (height + 2 * node.pad - node.kernel) // node.stride + 1
        heights[node.name] = 1 if pooled else outputs
    return macs


def vector_options(target: Path) -> list[str]:
    """Compiler options for the widest vectors of a target file, and how many floats they hold."""
    description = yaml.safe_load(target.read_text())
    floats = description["vector"]["floats"]
    options = [f"-DVECTOR_FLOATS={floats}", "-ffp-contract=fast"]
    if description["halide"].startswith("x86"):
        options += {16: ["-mavx512f", "-mprefer-vector-width=512"], 8: ["-mavx2"]}.get(floats, [])
        options += ["-mfma"] if description["vector"].get("fma") else []
    return options


def halide_headers(compiler: Path) -> Path:
    """The folder of HalideRuntime.h, in the virtual environment beside the compiler."""
    found = sorted((compiler.parent / "venv").glob("lib/python*/site-packages/halide/include"))
    if not found:
        raise BenchError(f"no Halide in {compiler.parent / 'venv'}, expected it beside the "
                         "compiler; run scripts/setup.sh")
    return found[0]


def compile_kernels(name: str, folder: Path, headers: Path, options: list[str]) -> Path:
    """The measuring program of the output folder of a `resnetc build`."""
    sources, binary = folder / "src", folder / "kernels"
    run_tool([os.environ.get("CC", "cc"), "-O2", "-DRESNETC_STEPS", *options,
              *(f"-I{path}" for path in (sources, sources / "runtime", headers)),
              str(HERE / "kernels_main.c"), str(sources / f"{name}.c"),
              str(sources / f"{name}_program.c"), str(folder / f"lib{name}.a"),
              "-o", str(binary)])
    return binary


def join(times: dict, plan: dict, macs: dict[str, int]) -> list[dict]:
    """A row for each distinct pipeline, in order of execution; times are of one op."""
    peak = statistics.median(times["peak_gflops"])
    pipelines = {pipeline["name"]: pipeline for pipeline in plan["pipelines"]}
    pipeline_of = {op["name"]: pipelines[op["pipeline"]] for op in plan["ops"]}
    rows: dict[str, dict] = {}
    for timed in times["ops"]:
        name = timed["name"].removesuffix("_f32")
        pipeline = pipeline_of[name]
        row = rows.setdefault(pipeline["name"], {
            "pipeline": pipeline["name"], "kind": pipeline["kind"],
            "algorithm": pipeline.get("algorithm"), "schedule": pipeline.get("schedule"),
            "macs": macs.get(name, 0), "ops": [], "us": [], "hot_us": []})
        row["ops"].append(name)
        row["us"].append(statistics.median(timed["us"]))
        row["hot_us"].append(statistics.median(timed["hot_us"]))
    for row in rows.values():
        for key, percent in (("us", "percent"), ("hot_us", "hot_percent")):
            row[key] = statistics.mean(row[key])
            row[percent] = 100 * 2 * row["macs"] / (row[key] * 1e3) / peak
    return list(rows.values())


def measure(name: str, args: argparse.Namespace, root: Path, cpu: int) -> dict:
    """The report of one model. Raises BenchError."""
    spec = root / "specs" / "models" / f"{name}.yaml"
    batch = [] if args.batch == 1 else ["--batch", str(args.batch)]
    target = [] if args.target is None else ["--target", args.target]
    plan = plan_of(args.resnetc, spec, [*batch, *target])
    work = args.work / f"{name}-n{args.batch}"
    files = prepare(name, args.batch, work)
    folder = work / f"resnetc-{Path(args.target or 'host').stem}"
    build(Project(args.resnetc, spec.parent, args.target), name, args.batch, files.weights, folder)
    machine = root / "specs" / "targets" / f"{plan['target']}.yaml"
    if args.target is not None and args.target.endswith(".yaml"):
        machine = Path(args.target)
    binary = compile_kernels(name, folder, halide_headers(args.resnetc), vector_options(machine))
    done = subprocess.run([binary, str(args.rounds), str(args.hot)], capture_output=True, text=True,
                          preexec_fn=lambda: os.sched_setaffinity(0, {cpu}))
    if done.returncode != 0:
        raise BenchError(f"{binary} ended with exit code {done.returncode}:\n{done.stderr.strip()}")
    times = json.loads(done.stdout)
    return {"model": name, "batch": args.batch, "target": plan["target"], "cpu": cpu,
            "rounds": args.rounds, "peak_gflops": statistics.median(times["peak_gflops"]),
            "pipelines": join(times, plan, multiply_adds(network(name), args.batch)),
            "times": times}
