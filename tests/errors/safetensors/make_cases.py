#!/usr/bin/env python3
"""Writes the malformed safetensors files of this folder, and valid.safetensors.

Each NAME.safetensors has a NAME.expected beside it: what resnetc says about it, word for word, which
is taken from its output and then read through (`resnetc inspect NAME.safetensors`). Run it after changing a case:

    python3 tests/errors/safetensors/make_cases.py
"""

import json
import pathlib
import struct

FOLDER = pathlib.Path(__file__).resolve().parent


def file_bytes(header, data=b"", length=None):
    """A file from a header (bytes, text or a JSON value) and its data; `length` overrides the true
    header length."""
    if not isinstance(header, (bytes, str)):
        header = json.dumps(header, separators=(",", ":"))
    if isinstance(header, str):
        header = header.encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def entry(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


def one(data=bytes(8), **changes):
    """A file with the single tensor 'a': two floats unless changed."""
    return file_bytes({"a": entry(**changes)}, data)


def raw(text, data=bytes(8)):
    return file_bytes(text, data)


GOOD = '"dtype":"F32","shape":[2],"data_offsets":[0,8]'

CASES = {
    # The length in front of the header.
    "empty_file": b"",
    "seven_bytes": b"\x02\0\0\0\0\0\0",
    "length_only": struct.pack("<Q", 2),
    "length_zero": file_bytes("", b"{}"),
    "length_one_too_long": file_bytes("{}", length=3),
    "length_over_100_mb": file_bytes("{}", length=100_000_001),
    "length_all_ones": file_bytes("{}", length=2**64 - 1),
    "length_one_too_short": file_bytes('{"a":{%s}}' % GOOD, bytes(8), length=57),
    # JSON.
    "header_begins_with_space": raw(" {}"),
    "header_is_array": raw("[]"),
    "header_with_byte_order_mark": raw(b"\xef\xbb\xbf{}"),
    "header_unclosed": raw('{"a":{%s}' % GOOD),
    "header_trailing_text": raw('{"a":{%s}} x' % GOOD),
    "header_two_values": raw('{"a":{%s}}{}' % GOOD),
    "header_trailing_nul": raw(b'{"a":{%s}}\0\0' % GOOD.encode()),
    "header_trailing_comma": raw('{"a":{%s},}' % GOOD),
    "header_single_quotes": raw("{'a':1}"),
    "header_comment": raw('{/* weights */"a":{%s}}' % GOOD),
    "header_not_utf8": raw(b'{"a\xff":{%s}}' % GOOD.encode()),
    "header_lone_surrogate": raw('{"a\\ud800":{%s}}' % GOOD),
    "header_control_character_in_name": raw('{"a\n":{%s}}' % GOOD),
    "header_nan": raw('{"a":NaN}'),
    "header_deeply_nested": raw('{"a":' + "[" * 200 + "]" * 200 + "}"),
    # Entries.
    "tensor_is_number": raw('{"a":3}', b""),
    "tensor_is_array": raw('{"a":[%s]}' % '"F32",[2],[0,8]'),
    "tensor_is_null": raw('{"a":null}', b""),
    "tensor_twice": raw('{"a":{%s},"b":{%s},"a":{%s}}' % (GOOD, GOOD, GOOD)),
    "tensor_without_anything": raw('{"a":{}}', b""),
    "dtype_missing": raw('{"a":{"shape":[2],"data_offsets":[0,8]}}'),
    "dtype_number": raw('{"a":{"dtype":32,"shape":[2],"data_offsets":[0,8]}}'),
    "dtype_lower_case": one(dtype="f32"),
    "dtype_unknown": one(dtype="FLOAT"),
    "dtype_empty": one(dtype=""),
    "dtype_with_escape": one(dtype="F32\x1b[31m"),
    "dtype_twice": raw('{"a":{"dtype":"I32",%s}}' % GOOD),
    "key_unknown": raw('{"a":{%s,"strides":[1]}}' % GOOD),
    "key_misspelt": raw('{"a":{"dtype":"F32","shape":[2],"data_offset":[0,8]}}'),
    "name_long": file_bytes({"x" * 200: entry(dtype="X")}, bytes(8)),
    # Shapes.
    "shape_missing": raw('{"a":{"dtype":"F32","data_offsets":[0,8]}}'),
    "shape_number": raw('{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}'),
    "shape_object": raw('{"a":{"dtype":"F32","shape":{"n":2},"data_offsets":[0,8]}}'),
    "shape_negative": one(shape=(-2,)),
    "shape_fraction": raw('{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}'),
    "shape_text": one(shape=("2",)),
    "shape_nested": raw('{"a":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}}'),
    "shape_above_64_bits": raw(
        '{"a":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,8]}}'),
    "shape_above_63_bits": raw(
        '{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}}'),
    "shape_product_overflows": one(shape=(2**32, 2**32, 4)),
    "shape_product_wraps_to_size": one(shape=(2**31, 2**31, 2)),
    "shape_too_many_dimensions": one(shape=(1,) * 33),
    "shape_bits_not_bytes": one(data=b"\0", dtype="F4", shape=(3,), offsets=(0, 1)),
    # Offsets.
    "offsets_missing": raw('{"a":{"dtype":"F32","shape":[2]}}'),
    "offsets_one": one(offsets=(8,)),
    "offsets_three": one(offsets=(0, 8, 8)),
    "offsets_backwards": one(offsets=(8, 0)),
    "offsets_negative": one(offsets=(-8, 0)),
    "offsets_beyond_the_file": one(data=bytes(7)),
    "offsets_huge": one(offsets=(2**64 - 9, 2**64 - 1)),
    "size_too_small": one(data=bytes(4), offsets=(0, 4)),
    "size_too_large": one(data=bytes(12), offsets=(0, 12)),
    "size_of_scalar": one(shape=()),
    "size_of_empty": one(shape=(0, 3)),
    # The data as a whole.
    "gap_before_first": file_bytes({"a": entry(offsets=(4, 12))}, bytes(12)),
    "gap_between": file_bytes({"a": entry(), "b": entry(offsets=(12, 20))}, bytes(20)),
    "gap_at_end": one(data=bytes(9)),
    "data_without_tensors": raw("{}", bytes(1)),
    "overlap_whole": file_bytes({"a": entry(), "b": entry()}, bytes(8)),
    "overlap_partly": file_bytes({"a": entry(), "b": entry(offsets=(4, 12))}, bytes(12)),
    "cut_short": file_bytes(
        {"a": entry(), "b": entry(offsets=(8, 16)), "c": entry(offsets=(16, 24))}, bytes(12)),
    # __metadata__.
    "metadata_text": raw('{"__metadata__":"pt","a":{%s}}' % GOOD),
    "metadata_number_value": raw('{"__metadata__":{"epoch":3},"a":{%s}}' % GOOD),
    "metadata_nested": raw('{"__metadata__":{"format":{"name":"pt"}},"a":{%s}}' % GOOD),
    "metadata_twice": raw('{"__metadata__":{},"a":{%s},"__metadata__":{}}' % GOOD),
    "metadata_key_twice": raw('{"__metadata__":{"k":"1","k":"2"},"a":{%s}}' % GOOD),
    # Several at once, and more than are listed.
    "three_problems": raw(
        '{"a":{"dtype":1,"shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32"},"c":[]}'),
    "many_problems": file_bytes({"t%03d" % i: i for i in range(200)}),
    # Files of other formats.
    "text": b"name: resnet18\nblock: basic\ndepths: [2, 2, 2, 2]\n",
}

VALID = file_bytes(
    {
        "__metadata__": {"format": "pt"},
        "conv.weight": entry(shape=(2, 1, 1, 2), offsets=(0, 16)),
        "half": entry(dtype="F16", shape=(3,), offsets=(16, 22)),
        "brain": entry(dtype="BF16", shape=(1, 3), offsets=(22, 28)),
        "steps": entry(dtype="I64", shape=(), offsets=(28, 36)),
        "nothing": entry(shape=(0, 4), offsets=(36, 36)),
    },
    struct.pack("<4f", 1.5, -2.0, 0.1, 3e38)
    + struct.pack("<3e", 1.0, -0.5, 6e-8)
    + bytes.fromhex("803f" "00c0" "8080")
    + struct.pack("<q", 12345),
)


def main():
    for name, content in CASES.items():
        (FOLDER / (name + ".safetensors")).write_bytes(content)
    (FOLDER / "valid.safetensors").write_bytes(VALID)
    for path in FOLDER.glob("*.safetensors"):
        if path.stem not in CASES and path.stem != "valid":
            print("no case makes", path.name)


if __name__ == "__main__":
    main()
