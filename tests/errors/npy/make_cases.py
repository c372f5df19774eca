#!/usr/bin/env python3
"""Writes the malformed .npy files of this folder: arrays that the stand-alone program refuses after --npy.

Each NAME.npy has a NAME.expected beside it: the whole message, word for word, made from the text
that stands beside the case here. The program is tests/program's `fake`, whose network takes pictures
of 8 x 6 pixels with 3 channels. Run it after changing a case:

    python3 tests/errors/npy/make_cases.py
"""

import pathlib
import struct
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from program_cases import write_cases  # noqa: E402

U1 = bytes(range(144))  # the pixels of one picture
F4 = struct.pack("<144f", *range(144))


def header_text(descr="'|u1'", fortran_order="False", shape="(1, 6, 8, 3)"):
    return "{'descr': %s, 'fortran_order': %s, 'shape': %s, }" % (descr, fortran_order, shape)


def npy(data=U1, version=1, text=None, length=None, magic=b"\x93NUMPY", **header):
    """A .npy file. NumPy pads the header to a multiple of 64 bytes with spaces and a newline."""
    text = header_text(**header) if text is None else text
    prefix = 10 if version == 1 else 12
    if length is None:
        text += " " * (-(prefix + len(text) + 1) % 64) + "\n"
    return (magic + bytes([version, 0])
            + struct.pack("<H" if version == 1 else "<I", len(text) if length is None else length)
            + text.encode() + data)


NOT_NPY = "expected an array saved with numpy.save"
CUT_HEADER = "truncated .npy: the file ends inside the header"
DICT = "unreadable .npy header, expected a dict of 'descr', 'fortran_order' and 'shape'"
KEYS = "expected 'descr', 'fortran_order' and 'shape'"
SHAPE = "unreadable 'shape' in the .npy header, expected a tuple of at most 32 whole numbers"
TYPE = "unreadable 'descr' in the .npy header, expected a plain type such as '|u1' or '<f4'"
BOTH = "expected uint8 (N, 6, 8, 3) or float32 (N, 3, 6, 8)"

CASES = {
    # Other files.
    "empty": (b"", "is empty, " + NOT_NPY),
    "text": (b"1.0 2.0 3.0\n", "is not an .npy file, " + NOT_NPY),
    "npz": (b"PK\x03\x04" + bytes(40), "is a zip archive (.npz?), expected a single array saved with "
                                       "numpy.save"),
    "pickle": (b"\x80\x04\x95" + bytes(20), "is not an .npy file, " + NOT_NPY),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(20), "is not an .npy file, " + NOT_NPY),
    # The header's frame.
    "magic_cut": (b"\x93NUMP", "is not an .npy file, " + NOT_NPY),
    "magic_only": (b"\x93NUMPY", CUT_HEADER),
    "magic_wrong": (npy(magic=b"\x93NUMPI"), "is not an .npy file, " + NOT_NPY),
    "version_0": (npy(version=0), ".npy version 0.0, expected 1.0, 2.0 or 3.0"),
    "version_4": (npy(version=4), ".npy version 4.0, expected 1.0, 2.0 or 3.0"),
    "length_cut": (b"\x93NUMPY\x02\x00\x40\x00", CUT_HEADER),
    "length_beyond_file": (npy(data=b"", length=300), CUT_HEADER),
    "length_huge": (npy(version=2, length=2**32 - 1),
                    "damaged .npy: a header of 4294967295 bytes, expected at most 65536"),
    "length_too_short": (npy(length=20), DICT),
    # The dict.
    "dict_empty": (npy(text="{}"), "no 'descr' in the .npy header, " + KEYS),
    "dict_missing": (npy(text=""), DICT),
    "dict_open": (npy(text=header_text()[:-1]), DICT),
    "dict_trailing_text": (npy(text=header_text() + "x"), DICT),
    "dict_is_list": (npy(text="['descr', 'shape']"), DICT),
    "dict_code": (npy(text="__import__('os').system('true')"), DICT),
    "dict_key_number": (npy(text="{1: 2}"), DICT),
    "dict_key_open": (npy(text="{'descr"), DICT),
    "dict_without_colon": (npy(text="{'descr' '|u1'}"), DICT),
    "dict_without_comma": (npy(text=header_text().replace("1', ", "1' ")), DICT),
    "dict_without_shape": (npy(text="{'descr': '|u1', 'fortran_order': False}"),
                           "no 'shape' in the .npy header, " + KEYS),
    "dict_without_order": (npy(text="{'descr': '|u1', 'shape': (1, 6, 8, 3)}"),
                           "no 'fortran_order' in the .npy header, " + KEYS),
    "dict_key_twice": (npy(text="{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, "
                                "'shape': (1, 6, 8, 3)}"),
                       "'descr' occurs twice in the .npy header, expected it once"),
    "dict_key_unknown": (npy(text=header_text()[:-1] + "'order': 'C'}"),
                         "unknown 'order' in the .npy header, " + KEYS),
    "dict_key_escape": (npy(text="{'\x1b[31m': 1}"),
                        "unknown '\\x1b[31m' in the .npy header, " + KEYS),
    "order_number": (npy(fortran_order="0"),
                     "unreadable 'fortran_order' in the .npy header, expected True or False"),
    "order_fortran": (npy(fortran_order="True"),
                      "is in Fortran order, expected C order (numpy.ascontiguousarray)"),
    # The shape.
    "shape_number": (npy(shape="144"), SHAPE),
    "shape_list": (npy(shape="[1, 6, 8, 3]"), SHAPE),
    "shape_negative": (npy(shape="(-1, 6, 8, 3)"), SHAPE),
    "shape_fraction": (npy(shape="(1.0, 6, 8, 3)"), SHAPE),
    "shape_open": (npy(shape="(1, 6"), SHAPE),
    "shape_extent_huge": (npy(shape="(99999999999999999999, 6, 8, 3)"), SHAPE),
    "shape_33_dimensions": (npy(shape="(" + "1, " * 33 + ")"), SHAPE),
    "shape_scalar": (npy(data=F4[:4], descr="'<f4'", shape="()"),
                     "holds float32 of shape (), expected (N, 3, 6, 8)"),
    "shape_without_n": (npy(shape="(6, 8, 3)"), "holds uint8 of shape (6, 8, 3), expected (N, 6, 8, 3)"),
    "shape_channels_first": (npy(shape="(1, 3, 6, 8)"),
                             "holds uint8 of shape (1, 3, 6, 8), expected (N, 6, 8, 3)"),
    "shape_channels_last": (npy(data=F4, descr="'<f4'", shape="(1, 6, 8, 3)"),
                            "holds float32 of shape (1, 6, 8, 3), expected (N, 3, 6, 8)"),
    "shape_transposed": (npy(shape="(1, 8, 6, 3)"),
                         "holds uint8 of shape (1, 8, 6, 3), expected (N, 6, 8, 3)"),
    "shape_five_dimensions": (npy(shape="(1, 6, 8, 3, 1)"),
                              "holds uint8 of shape (1, 6, 8, 3, 1), expected (N, 6, 8, 3)"),
    # Elements.
    "type_double": (npy(data=bytes(8 * 144), descr="'<f8'", shape="(1, 3, 6, 8)"),
                    "holds the type '<f8', " + BOTH),
    "type_signed": (npy(descr="'|i1'"), "holds the type '|i1', " + BOTH),
    "type_bool": (npy(descr="'|b1'"), "holds the type '|b1', " + BOTH),
    "type_half": (npy(data=F4[:288], descr="'<f2'", shape="(1, 3, 6, 8)"),
                  "holds the type '<f2', " + BOTH),
    "type_object": (npy(descr="'|O'"), "holds the type '|O', " + BOTH),
    "type_empty": (npy(descr="''"), "holds the type '', " + BOTH),
    "type_escape": (npy(descr="'\x1b[31m'"), "holds the type '\\x1b[31m', " + BOTH),
    "type_big_endian": (npy(data=F4, descr="'>f4'", shape="(1, 3, 6, 8)"),
                        "holds big-endian numbers ('>f4'), expected little-endian uint8 (N, 6, 8, 3) or "
                        "float32 (N, 3, 6, 8)"),
    "type_structured": (npy(descr="[('x', '|u1')]"),
                        TYPE),
    "type_too_long": (npy(descr="'" + "u" * 40 + "'"),
                      TYPE),
    "type_open": (npy(text="{'descr': '|u1"),
                  TYPE),
    # The data.
    "data_missing": (npy(data=b""), "truncated .npy: 0 bytes of data, expected 1 x 144"),
    "data_too_short": (npy(data=U1[:-1]), "truncated .npy: 143 bytes of data, expected 1 x 144"),
    "data_second_cut": (npy(data=U1 + U1[:9], shape="(2, 6, 8, 3)"),
                        "truncated .npy: 153 bytes of data, expected 2 x 144"),
    "data_huge_n": (npy(shape="(999999999999999999, 6, 8, 3)"),
                    "truncated .npy: 144 bytes of data, expected 999999999999999999 x 144"),
    "data_too_long": (npy(data=U1 + b"\0"),
                      "1 byte too many after the array's data, expected the end of the file"),
    "data_of_none": (npy(shape="(0, 6, 8, 3)"),
                     "144 bytes too many after the array's data, expected the end of the file"),
}

if __name__ == "__main__":
    write_cases(FOLDER, {name + ".npy": case for name, case in CASES.items()})
