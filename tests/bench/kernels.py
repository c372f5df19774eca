#!/usr/bin/env python3
"""Times every op of this project's networks against the processor's peak; see README.md."""
from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "python"))

import private_venv  # noqa: E402


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="kernels.py", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Time every distinct op of a network, in the network (weights cold) and alone\n"
                    "(hot), as percent of the multiply-add peak measured in the same run.",
        epilog="example: kernels.py resnet18 resnet50 --svg kernels.svg\n"
               "exit codes: 0 done; 1 a build or a run failed; 2 wrong usage")
    p.add_argument("models", nargs="+", metavar="MODEL", help="such as resnet18 or resnet20")
    p.add_argument("--resnetc", type=Path, default=ROOT / "build" / "resnetc", metavar="FILE",
                   help="the compiler (default: build/resnetc)")
    p.add_argument("--target", help="passed to 'resnetc build'")
    p.add_argument("--against", metavar="OPTIONS",
                   help="measure a second build in alternation, with these options of resnetc;\n"
                        "such as --against=--no-winograd or --against=--no-schedules")
    p.add_argument("--batch", type=int, default=1, help="images per run (default 1)")
    p.add_argument("--threads", type=int, default=1, metavar="N",
                   help="run every op on N threads, with schedules for N; percent is then of N\n"
                        "times the peak (default 1)")
    p.add_argument("--cpu", type=int, metavar="N",
                   help="the CPU of one thread (default: the last allowed; N threads: the last N)")
    p.add_argument("--rounds", type=int, default=30, help="runs of the network (default 30)")
    p.add_argument("--hot", type=int, default=30, metavar="N",
                   help="runs of each op alone (default 30)")
    p.add_argument("--json", type=Path, metavar="OUT", help="write the full report here")
    p.add_argument("--svg", type=Path, metavar="OUT", help="draw the percentages here")
    p.add_argument("--work", type=Path, default=ROOT / "build" / "bench", metavar="DIR",
                   help="models and built binaries (default: build/bench)")
    p.add_argument("--venv", type=Path, default=ROOT / "build" / "bench-venv", metavar="DIR",
                   help="virtual environment, made if absent (default: build/bench-venv)")
    return p


def check_usage(p: argparse.ArgumentParser, args: argparse.Namespace) -> tuple[int, ...]:
    """The CPUs to run on; ends with a usage error where an option makes no sense."""
    for option in ("batch", "threads", "rounds", "hot"):
        if getattr(args, option) < 1:
            p.error(f"--{option} {getattr(args, option)}: expected at least 1")
    allowed = sorted(os.sched_getaffinity(0))
    if args.cpu is None:
        if len(allowed) < args.threads:
            p.error(f"--threads {args.threads}: only {len(allowed)} CPUs for them")
        return tuple(allowed[-args.threads:])
    if args.threads != 1:
        p.error(f"--cpu {args.cpu}: expected without --threads, or with --threads 1")
    if args.cpu not in allowed:
        p.error(f"--cpu {args.cpu}: only {', '.join(map(str, allowed))} are allowed here")
    return (args.cpu,)


def main(argv: list[str]) -> int:
    p = parser()
    args = p.parse_args(argv)
    cpus = check_usage(p, args)
    if not args.resnetc.is_file():
        print(f"kernels.py: error: {args.resnetc} not found, expected the compiler; build the "
              "project first, or name it with --resnetc", file=sys.stderr)
        return 1
    try:
        private_venv.enter(args.venv, HERE / "requirements.txt", HERE / "kernels.py", argv)
    except private_venv.VenvError as error:
        print(f"kernels.py: error: {error}", file=sys.stderr)
        return 1
    return run(p, args, cpus)


def run(p: argparse.ArgumentParser, args: argparse.Namespace, cpus: tuple[int, ...]) -> int:
    """The measurement itself, inside the venv."""
    import kernel_report
    from chart import write_whole
    from kernel_runs import Run, measure
    from preparation import Project
    from models import NAMES
    from sides import BenchError

    for name in args.models:
        if name not in NAMES:
            p.error(f"unknown model '{name}', expected one of {', '.join(NAMES)}")
    plan = Run(args.rounds, args.hot, args.batch, args.threads, cpus)
    options = [] if args.target is None else ["--target", args.target]
    if args.threads > 1:
        options += ["--threads", str(args.threads)]
    projects = [Project(args.resnetc, ROOT / "specs" / "models", tuple(words)) for words in (
        options, *([] if args.against is None else [options + shlex.split(args.against)]))]
    reports = []
    try:
        for name in args.models:
            reports.append(measure(name, projects, plan, ROOT / "specs" / "targets", args.work))
    except BenchError as error:
        print(f"kernels.py: error: {error}", file=sys.stderr)
        return 1
    print(kernel_report.table(reports))
    if args.json is not None:
        write_whole(json.dumps(reports, indent=2) + "\n", args.json)
    if args.svg is not None:
        write_whole(kernel_report.picture(reports), args.svg)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("kernels.py: interrupted")
