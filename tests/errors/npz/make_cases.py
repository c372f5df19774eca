#!/usr/bin/env python3
"""Writes the malformed .npz files of this folder, and valid.npz.

Each NAME.npz has a NAME.expected beside it: what resnetc says about it, word for word, which is
taken from its output and then read through (`resnetc inspect NAME.npz`). Run it after changing a case:

    python3 tests/errors/npz/make_cases.py
"""

import pathlib
import struct
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from zip_file import Entry, zip64_field, zip_file  # noqa: E402

TWO = struct.pack("<2f", 1.0, -2.0)


def header_text(descr="'<f4'", fortran_order="False", shape="(2,)"):
    return "{'descr': %s, 'fortran_order': %s, 'shape': %s, }" % (descr, fortran_order, shape)


def npy(data=TWO, version=1, text=None, length=None, magic=b"\x93NUMPY", **header):
    """A .npy file. NumPy pads the header to a multiple of 64 bytes with spaces and a newline."""
    text = header_text(**header) if text is None else text
    prefix = 10 if version == 1 else 12
    if length is None:
        text += " " * (-(prefix + len(text) + 1) % 64) + "\n"
    return (magic + bytes([version, 0])
            + struct.pack("<H" if version == 1 else "<I", len(text) if length is None else length)
            + text.encode() + data)


def numpy_entry(name, data):
    """As numpy.savez writes it: the local header's sizes in 64 bits."""
    size = len(data)
    return Entry(name, data, flags=0, local_size=2**32 - 1, local_compressed_size=2**32 - 1,
                 local_extra=zip64_field(size, size))


def one(*args, **changes):
    """An archive with the array 'a', changed."""
    return zip_file([numpy_entry("a.npy", npy(*args, **changes))])


CASES = {
    # The archive; the other damages that can be done to one are in ../torch.
    "empty_archive": zip_file([]),
    "cut_short": one()[:-1],
    "compressed": zip_file([Entry("a.npy", npy(), method=8)]),
    "damaged": one().replace(TWO, bytes(8)),
    "local_sizes_differ": zip_file([Entry("a.npy", npy(), local_size=2**32 - 1,
                                          local_compressed_size=2**32 - 1,
                                          local_extra=zip64_field(7, 7))]),
    "name_twice": zip_file([numpy_entry("a.npy", npy())] * 2),
    "not_an_array": zip_file([numpy_entry("a.npy", npy()), numpy_entry("readme.txt", b"text")]),
    # The header's frame.
    "npy_empty": zip_file([numpy_entry("a.npy", b"")]),
    "npy_magic_only": zip_file([numpy_entry("a.npy", b"\x93NUMPY")]),
    "npy_magic_wrong": one(magic=b"\x93NUMPI"),
    "npy_version_0": one(version=0),
    "npy_version_4": one(version=4),
    "npy_length_beyond_entry": one(data=b"", length=300),
    "npy_length_huge": one(version=2, length=2**32 - 1),
    "npy_length_too_short": one(length=20),
    # The dict.
    "dict_missing": one(text=""),
    "dict_open": one(text=header_text()[:-1]),
    "dict_trailing_text": one(text=header_text() + "x"),
    "dict_without_shape": one(text="{'descr': '<f4', 'fortran_order': False}"),
    "dict_key_twice": one(text="{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, "
                               "'shape': (2,)}"),
    "dict_key_unknown": one(text=header_text()[:-1] + "'order': 'C'}"),
    "dict_key_open": one(text="{'descr"),
    "dict_code": one(text="__import__('os').system('true')"),
    "fortran_order_number": one(fortran_order="0"),
    "shape_number": one(shape="2"),
    "shape_list": one(shape="[2]"),
    "shape_negative": one(shape="(-2,)"),
    "shape_open": one(shape="(2,"),
    "shape_extent_huge": one(shape="(99999999999999999999,)"),
    "shape_overflows": one(shape="(4294967296, 4294967296, 4294967296)"),
    "shape_33_dimensions": one(shape="(" + "1, " * 33 + ")"),
    # Elements.
    "type_object": one(descr="'|O'"),
    "type_structured": one(descr="[('x', '<f4')]"),
    "type_big_endian": one(descr="'>f4'"),
    "type_text": one(descr="'<U2'"),
    "type_complex": one(descr="'<c8'", shape="()"),
    "type_with_escape": one(descr="'\x1b[31m'"),
    "data_too_short": one(data=TWO[:-1]),
    "data_too_long": one(data=TWO + b"\0"),
    "data_of_empty": one(shape="(0, 7)"),
    "two_problems": zip_file([numpy_entry("a.npy", npy(shape="(3,)")),
                              numpy_entry("b.npy", npy(descr="'<f3'"))]),
}

VALID = zip_file([
    numpy_entry("conv.weight.npy", npy(struct.pack("<4f", 1.5, -2.0, 0.125, 3e38),
                                       shape="(2, 1, 1, 2)")),
    numpy_entry("fc.weight.npy", npy(struct.pack("<6f", 1, 4, 2, 5, 3, 6), fortran_order="True",
                                     shape="(2, 3)")),
    numpy_entry("half.npy", npy(struct.pack("<3e", 1.0, -0.5, 6e-8), version=2, descr="'<f2'",
                                shape="(3,)")),
    numpy_entry("double.npy", npy(struct.pack("<d", 0.1), version=3, descr="'<f8'", shape="(1,)")),
    numpy_entry("steps.npy", npy(struct.pack("<q", 12345), descr="'<i8'", shape="()")),
    numpy_entry("flags.npy", npy(b"\1\0", text="{\"shape\":(2,),'fortran_order':True,"
                                               "'descr':'|b1'}")),
    numpy_entry("nothing.npy", npy(b"", fortran_order="True", shape="(999999999999999999, "
                                                                    "999999999999999999, 0)")),
])


def main():
    for name, content in {**CASES, "valid": VALID}.items():
        (FOLDER / (name + ".npz")).write_bytes(content)
    for path in FOLDER.glob("*.npz"):
        if path.stem not in CASES and path.stem != "valid":
            print("no case makes", path.name)


if __name__ == "__main__":
    main()
