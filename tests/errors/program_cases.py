"""Writes files for the stand-alone program and what it says about them.

Imported by npy/make_cases.py and images/make_cases.py.
"""


def write_cases(folder, cases):
    """`cases`: file name to (bytes, text of the error). Each NAME.EXT gets a NAME.expected with the
    whole message; tests/program/errors_test.cpp runs the program `fake` on it."""
    stems = set()
    for name, (content, text) in cases.items():
        stem = name.rsplit(".", 1)[0]
        assert stem not in stems, name
        stems.add(stem)
        (folder / name).write_bytes(content)
        (folder / (stem + ".expected")).write_text("fake: %s: error: %s\n" % (name, text))
    for path in folder.iterdir():
        if path.is_file() and path.suffix != ".py" and path.name.rsplit(".", 1)[0] not in stems:
            print("no case makes", path.name)
