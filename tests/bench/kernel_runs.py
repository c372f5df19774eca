"""Builds a network with kernels_main.c, runs it, and joins the times with the plan.

`kernels.py` calls `measure()` for each model, inside the venv.
"""
from __future__ import annotations

import json
import os
import statistics
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from models import INPUT, Network, Node, network
from preparation import HERE, Project, build, prepare, run_tool
from sides import BenchError

TURNS = 3  # processes of each build, in alternation


@dataclass(frozen=True)
class Run:
    """How to measure: runs of the network, of each op alone, on how many threads, and where."""
    rounds: int
    hot_runs: int
    batch: int
    threads: int
    cpus: tuple[int, ...]


def plan_of(project: Project, name: str, batch: int) -> dict:
    """The JSON of `resnetc plan`."""
    command = [project.compiler, "plan", project.specs / f"{name}.yaml", "--json",
               "--batch", str(batch), *project.options]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"'{' '.join(map(str, command))}' failed:\n{done.stderr.strip()}")
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


def target_file(targets: Path, project: Project, plan: dict) -> Path:
    """The description of the target that the plan was made for."""
    given = [Path(word) for word in project.options if word.endswith(".yaml")]
    named = targets / f"{plan['target']}.yaml"
    return named if named.is_file() or not given else given[0]


def compile_kernels(name: str, folder: Path, headers: Path, threads: int,
                    options: list[str]) -> Path:
    """The measuring program of the output folder of a `resnetc build`."""
    sources, binary = folder / "src", folder / "kernels"
    libraries = sorted(map(str, folder.glob("*.a")))
    run_tool([os.environ.get("CC", "cc"), "-O2", "-DRESNETC_STEPS", f"-DTHREADS={threads}",
              "-pthread", *options,
              *(f"-I{path}" for path in (sources, sources / "runtime", headers)),
              str(HERE / "kernels_main.c"), str(sources / f"{name}.c"),
              str(sources / f"{name}_program.c"), *libraries, "-o", str(binary)])
    return binary


def time_ops(binary: Path, run: Run) -> dict:
    """What a turn of a measuring program prints."""
    rounds, hot_runs = (max(1, -(-total // TURNS)) for total in (run.rounds, run.hot_runs))
    done = subprocess.run([binary, str(rounds), str(hot_runs)], capture_output=True, text=True,
                          preexec_fn=lambda: os.sched_setaffinity(0, run.cpus))
    if done.returncode != 0:
        raise BenchError(f"{binary} ended with exit code {done.returncode}:\n{done.stderr.strip()}")
    return json.loads(done.stdout)


def merge(turns: list[dict]) -> dict:
    """The times of several turns of one program as if it had been one."""
    ops = [{"name": parts[0]["name"], **{key: [us for part in parts for us in part[key]]
                                         for key in ("us", "hot_us")}}
           for parts in zip(*(turn["ops"] for turn in turns), strict=True)]
    return {"peak_gflops": [peak for turn in turns for peak in turn["peak_gflops"]], "ops": ops}


def join(times: dict, plan: dict, macs: dict[str, int], threads: int) -> dict:
    """The peak of all threads and a row for each distinct pipeline, in order of execution; times are
    of one op.
    """
    peak = threads * statistics.median(times["peak_gflops"])
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
    return {"peak_gflops": peak, "pipelines": list(rows.values())}


def measure(name: str, projects: list[Project], run: Run, targets: Path, work: Path) -> dict:
    """The report of one model, with one part for each build. Raises BenchError."""
    folder = work / f"{name}-n{run.batch}"
    files = prepare(name, run.batch, folder)
    plans, binaries = [], []
    for project in projects:
        plan = plan_of(project, name, run.batch)
        output = project.folder(folder)
        build(project, name, run.batch, files.weights, output)
        options = vector_options(target_file(targets, project, plan))
        headers = halide_headers(project.compiler)
        binaries.append(compile_kernels(name, output, headers, run.threads, options))
        plans.append(plan)
    turns = [[time_ops(binary, run) for binary in binaries] for _ in range(TURNS)]
    times = [merge(list(of_one)) for of_one in zip(*turns, strict=True)]
    macs = multiply_adds(network(name), run.batch)
    builds = [{"options": " ".join(project.options), "target": plan["target"], "times": of_one,
               **join(of_one, plan, macs, run.threads)}
              for project, plan, of_one in zip(projects, plans, times, strict=True)]
    return {"model": name, **asdict(run), "builds": builds}
