#!/usr/bin/env python3
"""Compares compiled networks with ONNX Runtime: every shipped spec, and random ones.

    tests/family/compare_onnxruntime.py
    tests/family/compare_onnxruntime.py --specs resnet50 resnext50_32x4d --random 0

For each spec: the network as ONNX, written without the compiler's code; random weights; the
program from `resnetc build`; the same float32 images through both. README.md in this folder says
more.
"""
from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterator

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "python"))

import private_venv  # noqa: E402

if TYPE_CHECKING:
    from network import Network
    from subject import Command, Result

MODELS = ROOT / "specs" / "models"
SHIPPED = sorted(path.stem for path in MODELS.glob("*.yaml"))
DRAWS_PER_SPEC = 50
RANDOM = "random_"  # then the seed of the draw: the name of a random spec


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        description="Compare compiled networks with ONNX Runtime, with random weights.",
        epilog="example: compare_onnxruntime.py --specs resnet50 --random 10. Exit codes: 0 all "
               "agree; 1 one differs or failed, or this machine lacks something; 2 wrong usage.")
    p.add_argument("--specs", nargs="*", default=SHIPPED, metavar="NAME",
                   help="shipped specs to compare (default: all; none: --specs)")
    p.add_argument("--random", type=int, default=48, metavar="N", help="random specs (default 48)")
    p.add_argument("--seed", type=int, default=1, help="of weights and random specs (default 1); "
                   "the k-th random spec is drawn with seed * 1000000 + k")
    p.add_argument("--draw", type=int, nargs="*", default=[], metavar="SEED",
                   help="only these random specs, by the seeds that the table prints")
    p.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1),
                   help="threads of ONNX Runtime and compile jobs (default 2)")
    p.add_argument("--target", help="passed to resnetc build (default: its own)")
    p.add_argument("--keep", type=Path, metavar="DIR", help="keep all files in DIR/NAME")
    p.add_argument("--resnetc", type=Path, default=ROOT / "build" / "resnetc", metavar="FILE",
                   help="the compiler (default: build/resnetc)")
    p.add_argument("--venv", type=Path, default=ROOT / "build" / "family-venv", metavar="DIR",
                   help="the virtual environment, made if need be (default: build/family-venv)")
    return p


def check_arguments(p: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    for name in args.specs:
        if name not in SHIPPED:
            p.error(f"unknown spec '{name}', expected one of {', '.join(SHIPPED)}")
    if args.random < 0 or args.seed < 0 or args.jobs < 1:
        p.error("expected --random and --seed of at least 0, --jobs of at least 1")


class Report:
    """Prints the table line by line and counts."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.agreed = 0
        self.failures: list[str] = []
        self.worst = (0.0, "none")
        self.redrawn = 0
        print(f"{'spec':<28}{'images':>6} {'max |output|':>12} {'difference':>10} {'build s':>7}")

    def result(self, label: str, result: Result, description: str) -> None:
        self.agreed += 1
        self.worst = max(self.worst, (result.error, label))
        print(f"{label:<28}{result.images:>6} {result.largest:>12.4g} {result.error:>10.1e} "
              f"{result.build_s:>7.1f}{description}", flush=True)

    def failure(self, label: str, text: str) -> None:
        self.failures.append(label)
        print(f"{label:<28}FAILED: {text}", flush=True)

    def summary(self) -> int:
        """Prints the last line and returns the exit code."""
        minutes = (time.monotonic() - self.start) / 60
        print(f"{self.agreed} specs agree with ONNX Runtime, {len(self.failures)} failed, "
              f"{self.redrawn} random draws were no network and were refused; largest difference "
              f"{self.worst[0]:.1e} ({self.worst[1]}), {minutes:.1f} min")
        for label in self.failures:
            print(f"compare_onnxruntime.py: error: {label} failed", file=sys.stderr)
        return 1 if self.failures else 0


class Comparison:
    """Compares one spec after the other, each in a folder of its own."""

    def __init__(self, command: Command, seed: int, keep: Path | None) -> None:
        self.command = command
        self.seed = seed
        self.keep = keep
        self.report = Report()

    def run(self, label: str, net: Network, spec: Path, overrides: list[str], images: int,
            work: Path) -> None:
        """One line of the table."""
        import subject
        from spec_file import describe

        try:
            result = subject.compare(net, spec, overrides, self.seed, images, self.command, work)
            described = label.startswith(RANDOM)
            self.report.result(label, result, f"  {describe(net.spec)}" if described else "")
        except subject.Refused as error:
            self.report.failure(label, f"refused, although it is a network\n{error}")
        except subject.Mismatch as error:
            self.report.failure(label, str(error))

    def shipped(self, name: str) -> None:
        from network import build_network
        from spec_file import read_spec

        path = MODELS / f"{name}.yaml"
        spec = read_spec(path)
        with folder(self.keep, name) as work:
            self.run(name, build_network(spec), path, [], spec.batch, work)

    def draw(self, seed: int) -> bool:
        """One random spec; False if it is no network, which the compiler has to see too."""
        import yaml

        import subject
        from network import InvalidNetwork, build_network
        from random_specs import random_spec
        from spec_file import resolve

        name = f"{RANDOM}{seed}"
        tree = random_spec(seed, name)
        text = yaml.safe_dump(tree, default_flow_style=None, sort_keys=False, width=1000)
        with folder(self.keep, name) as work:
            path = work / f"{name}.yaml"
            path.write_text(text)
            try:
                spec = resolve(tree)
                net = build_network(spec)
            except InvalidNetwork as error:
                try:
                    subject.summarise(self.command, path)
                    self.report.failure(name, f"accepted, but {error}\n{text}")
                except subject.Refused:
                    return False
                except subject.Mismatch as mismatch:
                    self.report.failure(name, f"{mismatch}\n{text}")
                return True
            before = len(self.report.failures)
            overrides = move_to_command_line(tree, path) if seed % 3 == 0 else []
            self.run(name, net, path, overrides, spec.batch + seed % 3, work)
            if len(self.report.failures) > before:
                print(text, flush=True)
        return True

    def random(self, count: int) -> None:
        """`count` random networks, drawing again where a draw is none."""
        done, seed = 0, self.seed * 1000000
        last = seed + DRAWS_PER_SPEC * count
        while done < count and seed < last:
            if self.draw(seed):
                done += 1
            else:
                self.report.redrawn += 1
            seed += 1
        if done < count:
            self.report.failure("random specs", f"only {done} networks in {last} draws")


def move_to_command_line(tree: dict[str, Any], path: Path) -> list[str]:
    """Writes the spec with other sizes; the options of `resnetc build` that restore them."""
    import yaml

    sizes = tree["input"]
    options = ["--batch", str(sizes["batch"]),
               "--input", f"{sizes['channels']}x{sizes['height']}x{sizes['width']}"]
    changed = {**tree, "input": {"batch": 1, "channels": sizes["channels"], "height": 64,
                                 "width": 64}}
    if tree["head"] != "none":
        options += ["--classes", str(tree["head"]["classes"])]
        changed["head"] = {**tree["head"], "classes": 7}
    path.write_text(yaml.safe_dump(changed, default_flow_style=None, sort_keys=False, width=1000))
    return options


@contextmanager
def folder(keep: Path | None, name: str) -> Iterator[Path]:
    """A folder for one spec: DIR/NAME if kept, otherwise a temporary one."""
    if keep is not None:
        (keep / name).mkdir(parents=True, exist_ok=True)
        yield keep / name
        return
    with tempfile.TemporaryDirectory(prefix=f"{name}-") as temporary:
        yield Path(temporary)


def main(argv: list[str]) -> int:
    p = parser()
    args = p.parse_args(argv)
    check_arguments(p, args)
    if not args.resnetc.is_file():
        print(f"compare_onnxruntime.py: error: {args.resnetc} not found, expected the compiler; "
              "build the project first, or name it with --resnetc", file=sys.stderr)
        return 1
    try:
        private_venv.enter(args.venv, HERE / "requirements.txt", Path(__file__).resolve(), argv)
    except private_venv.VenvError as error:
        print(f"compare_onnxruntime.py: error: {error}", file=sys.stderr)
        return 1
    from subject import Command

    comparison = Comparison(Command(args.resnetc.resolve(), args.target, args.jobs), args.seed,
                            args.keep)
    if args.draw:
        for seed in args.draw:
            if not comparison.draw(seed):
                comparison.report.failure(f"{RANDOM}{seed}", "is no network, and was refused")
        return comparison.report.summary()
    for name in args.specs:
        comparison.shipped(name)
    comparison.random(args.random)
    return comparison.report.summary()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(1)
