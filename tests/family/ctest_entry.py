#!/usr/bin/env python3
"""compare_onnxruntime.py for CTest: exit code 77, a skip, where its venv cannot be made.

    ctest_entry.py --venv DIR ...   (the arguments of compare_onnxruntime.py)
"""
from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "python")]

import compare_onnxruntime  # noqa: E402
import private_venv  # noqa: E402

SKIPPED = 77


def main(argv: list[str]) -> int:
    args = compare_onnxruntime.parser().parse_args(argv)
    try:
        private_venv.make(args.venv.absolute(), HERE / "requirements.txt")
    except private_venv.VenvError as error:
        print(f"SKIPPED: {error}")
        return SKIPPED
    return compare_onnxruntime.main(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
