#!/usr/bin/env python3
"""Times this project's binary and its peers in alternation; see README.md beside this file."""
from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from typing import Iterable

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "python"))

import private_venv  # noqa: E402

ENVIRONMENT = ("ONEDNN_MAX_CPU_ISA",)  # what peers heed and the report must therefore name


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="peers.py", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Time resnetc's binary and its peers alternating in one run: the same\n"
                    "network, weights, input, CPUs and number of threads, float32.",
        epilog="example: peers.py resnet18 resnet50 --threads 1 --json peers.json\n"
               "exit codes: 0 done; 1 a build, a run or the agreement of the outputs failed, or\n"
               "--assert-ratio was exceeded; 2 wrong usage")
    p.add_argument("models", nargs="+", metavar="MODEL", help="such as resnet18 or resnet20")
    p.add_argument("--peers", metavar="A,B", help="only these peers (default: all)")
    p.add_argument("--peers-only", action="store_true", help="leave this project out")
    p.add_argument("--resnetc", type=Path, default=ROOT / "build" / "resnetc", metavar="FILE",
                   help="the compiler (default: build/resnetc)")
    p.add_argument("--target", help="passed to 'resnetc build'")
    p.add_argument("--threads", type=int, default=1, help="of every side (default 1)")
    p.add_argument("--cpus", metavar="A,B",
                   help="CPUs every side is bound to (default: the last THREADS that are allowed)")
    p.add_argument("--batch", type=int, default=1, help="images per inference (default 1)")
    p.add_argument("--starts", type=int, default=5, metavar="N",
                   help="processes of each side to measure start and memory with (default 5)")
    p.add_argument("--rounds", type=int, default=40, help="turns of each side (default 40)")
    p.add_argument("--slice", type=float, default=0.35, metavar="S",
                   help="seconds a side runs in one round (default 0.35)")
    p.add_argument("--assert-ratio", metavar="R",
                   help="exit with 1 if resnetc takes more than R times the best peer's time;\n"
                        "also MODEL=R,MODEL=R")
    p.add_argument("--json", type=Path, metavar="OUT", help="write the full report here")
    p.add_argument("--svg", type=Path, metavar="OUT", help="draw the medians here")
    p.add_argument("--work", type=Path, default=ROOT / "build" / "bench", metavar="DIR",
                   help="models and built binaries (default: build/bench)")
    p.add_argument("--venv", type=Path, default=ROOT / "build" / "bench-venv", metavar="DIR",
                   help="virtual environment, made if absent (default: build/bench-venv)")
    return p


def chosen_cpus(p: argparse.ArgumentParser, args: argparse.Namespace) -> tuple[int, ...]:
    """The CPUs of all sides; ends with a usage error if there are too few."""
    allowed = sorted(os.sched_getaffinity(0))
    if args.cpus is None:
        cpus = allowed[-args.threads:]
    else:
        try:
            cpus = sorted({int(cpu) for cpu in args.cpus.split(",")})
        except ValueError:
            p.error(f"--cpus {args.cpus}: expected numbers with commas between them")
        if not set(cpus) <= set(allowed):
            p.error(f"--cpus {args.cpus}: only {', '.join(map(str, allowed))} are allowed here")
    if len(cpus) < args.threads:
        p.error(f"--threads {args.threads}: only {len(cpus)} CPUs for them")
    return tuple(cpus)


def check_numbers(p: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    for option in ("threads", "batch", "rounds", "starts"):
        if getattr(args, option) < 1:
            p.error(f"--{option} {getattr(args, option)}: expected at least 1")
    if not 0 < args.slice <= 60:
        p.error(f"--slice {args.slice}: expected more than 0 and at most 60 seconds")
    if args.assert_ratio is not None and args.peers_only:
        p.error("--assert-ratio needs this project, which --peers-only leaves out")


def cpu_model() -> str:
    """The CPU's name as the kernel gives it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def machine() -> dict:
    return {"cpu": cpu_model(), "logical_cpus": os.cpu_count(), "kernel": platform.release(),
            "python": platform.python_version(), "load_average": os.getloadavg(),
            "environment": {key: os.environ[key] for key in ENVIRONMENT if key in os.environ}}


def main(argv: list[str]) -> int:
    p = parser()
    args = p.parse_args(argv)
    check_numbers(p, args)
    cpus = chosen_cpus(p, args)
    if not args.peers_only and not args.resnetc.is_file():
        print(f"peers.py: error: {args.resnetc} not found, expected the compiler; build the "
              "project first, or name it with --resnetc, or use --peers-only", file=sys.stderr)
        return 1
    try:
        private_venv.enter(args.venv, HERE / "requirements.txt", HERE / "peers.py", argv)
    except private_venv.VenvError as error:
        print(f"peers.py: error: {error}", file=sys.stderr)
        return 1
    return run(p, args, cpus)


def check_names(p: argparse.ArgumentParser, kind: str, names: list[str],
                known: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            p.error(f"unknown {kind} '{name}', expected one of {', '.join(known)}")


def measure(args: argparse.Namespace, peers: list[str], cpus: tuple[int, ...]
            ) -> tuple[list[dict], list[str]]:
    """The reports of all models, and a line for each that failed."""
    import comparison
    from preparation import Project
    from sides import BenchError, Placement

    project = None
    if not args.peers_only:
        options = () if args.target is None else ("--target", args.target)
        if args.threads > 1:
            options += ("--threads", str(args.threads))
        project = Project(args.resnetc, ROOT / "specs" / "models", options)
    plan = comparison.Plan(args.rounds, args.slice, args.starts, args.batch,
                           Placement(args.threads, cpus))
    reports, failures = [], []
    for name in args.models:
        try:
            reports.append(comparison.compare(name, peers, project, plan, args.work))
        except BenchError as error:
            failures.append(f"{name}: {error}")
    return reports, failures


def run(p: argparse.ArgumentParser, args: argparse.Namespace, cpus: tuple[int, ...]) -> int:
    """The comparison itself, inside the venv."""
    import report
    from chart import write_whole
    from engines import ENGINES
    from models import NAMES

    peers = list(ENGINES) if args.peers is None else args.peers.split(",")
    check_names(p, "model", args.models, NAMES)
    check_names(p, "peer", peers, ENGINES)
    try:
        limits = {} if args.assert_ratio is None else report.parse_limits(args.assert_ratio)
    except ValueError:
        p.error(f"--assert-ratio {args.assert_ratio}: expected a number or MODEL=NUMBER,...")
    facts = machine()
    reports, failures = measure(args, peers, cpus)
    failures += report.too_slow(reports, limits)
    caption = (f"{facts['cpu']}, CPU {','.join(map(str, cpus))}, threads {args.threads}, "
               f"batch {args.batch}, f32, {args.rounds} rounds, times per image")
    print(f"{caption}\n{report.table(reports)}")
    if args.json is not None:
        whole = {"machine": facts, "results": reports, "failures": failures}
        write_whole(json.dumps(whole, indent=2) + "\n", args.json)
    if args.svg is not None:
        write_whole(report.picture(reports, caption), args.svg)
    for failure in failures:
        print(f"peers.py: error: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("peers.py: interrupted")
