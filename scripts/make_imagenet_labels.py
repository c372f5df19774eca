#!/usr/bin/env python3
"""Writes specs/labels/imagenet1k.txt: the names of the 1000 ImageNet classes, one a line, in the
order of the outputs of torchvision's models.

The names come from torchvision's own table (BSD-3-Clause), so an installed torchvision is needed:

    apt install python3-torchvision
    ./scripts/make_imagenet_labels.py
"""

import argparse
import importlib.util
import pathlib
import sys

DEFAULT_OUTPUT = pathlib.Path(__file__).resolve().parent.parent / "specs/labels/imagenet1k.txt"


def imagenet_categories():
    """torchvision's list of class names, read from its one file: importing the package takes torch."""
    package = importlib.util.find_spec("torchvision")
    if package is None:
        sys.exit(
            "make_imagenet_labels.py: error: torchvision is not installed, "
            "expected Debian's python3-torchvision"
        )
    path = pathlib.Path(package.origin).parent / "models" / "_meta.py"
    spec = importlib.util.spec_from_file_location("torchvision_meta", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module._IMAGENET_CATEGORIES


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=pathlib.Path, default=DEFAULT_OUTPUT)
    output = parser.parse_args().output
    categories = imagenet_categories()
    if len(categories) != 1000:
        sys.exit(
            f"make_imagenet_labels.py: error: torchvision has {len(categories)} names, expected 1000"
        )
    output.write_text("".join(name + "\n" for name in categories), encoding="utf-8")


if __name__ == "__main__":
    main()
