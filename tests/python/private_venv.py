"""A virtual environment of a program's own; standard library only.

Imported by `tests/bench/peers.py` and `tests/family`.

`enter()` is called before anything else is imported: it makes the venv if need be and restarts the
program in it.
"""
from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path


class VenvError(Exception):
    """The venv could not be made; the text is for the user."""


def _run(command: list[str | Path], failure: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise VenvError(f"{failure}\n{done.stdout.strip()}")


def make(venv: Path, requirements: Path) -> None:
    """Makes or updates the venv; does nothing if it was made from these very requirements.

    They name every package that is needed: nothing that a package asks for is added.
    """
    stamp = venv / "requirements.sha256"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"setting up {venv}", file=sys.stderr)
    if not (venv / "bin" / "python").exists():
        _run([sys.executable, "-m", "venv", venv],
             f"could not make a virtual environment in {venv} (Debian: apt install python3-venv)")
    _run([venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
          "--no-deps", "-r", requirements], f"could not install {requirements.name} (is the network reachable?)")
    stamp.write_text(wanted)


def enter(venv: Path, requirements: Path, script: Path, argv: list[str]) -> None:
    """Returns if this process runs in `venv`; otherwise makes it and restarts `script` there."""
    venv = venv.absolute()
    make(venv, requirements)
    if Path(sys.prefix).resolve() != venv.resolve():
        python = venv / "bin" / "python"
        os.execv(python, [str(python), str(script), *argv])
