#!/usr/bin/env python3
"""The benchmarks' command lines, without a virtual environment: every file compiles, --help shows an
example, wrong usage ends with exit code 2 and says what was expected.
"""
from __future__ import annotations

import ast
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent


def run(program: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A benchmark with these arguments, which must end before it makes its environment."""
    return subprocess.run([sys.executable, "-B", HERE / program, *words], capture_output=True,
                          text=True, timeout=60)


class Usage(unittest.TestCase):
    def refused(self, program: str, words: list[str], message: str) -> None:
        with self.subTest(program=program, words=words):
            done = run(program, *words)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(message, done.stderr)

    def test_files_compile(self) -> None:
        files = sorted(HERE.glob("*.py"))
        self.assertGreater(len(files), 10)
        for file in files:
            with self.subTest(file=file.name):
                ast.parse(file.read_text(), file.name)

    def test_help(self) -> None:
        for program in ("peers.py", "kernels.py"):
            with self.subTest(program=program):
                done = run(program, "--help")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(f"example: {program}", done.stdout)
                self.assertIn("exit codes:", done.stdout)

    def test_wrong_usage(self) -> None:
        for program in ("peers.py", "kernels.py"):
            self.refused(program, [], "the following arguments are required: MODEL")
            self.refused(program, ["resnet18", "--frobnicate"], "--frobnicate")
            for option in ("threads", "batch", "rounds"):
                self.refused(program, ["resnet18", f"--{option}", "0"],
                             f"--{option} 0: expected at least 1")
            self.refused(program, ["resnet18", "--threads", "100000"],
                         "--threads 100000: only ")
        self.refused("peers.py", ["resnet18", "--cpus", "one"],
                     "--cpus one: expected numbers with commas between them")
        self.refused("kernels.py", ["resnet18", "--cpu", "100000"],
                     "--cpu 100000: only ")
        self.refused("kernels.py", ["resnet18", "--cpu", "0", "--threads", "2"],
                     "--cpu 0: expected without --threads, or with --threads 1")

    def test_no_compiler(self) -> None:
        for program in ("peers.py", "kernels.py"):
            with self.subTest(program=program):
                done = run(program, "resnet18", "--resnetc", "/no/such/file")
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn("error: /no/such/file not found, expected the compiler", done.stderr)


if __name__ == "__main__":
    unittest.main()
