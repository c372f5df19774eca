#!/usr/bin/env python3
"""Writes the malformed ONNX files of this folder, and valid.onnx.

Each NAME.onnx has a NAME.expected beside it: what resnetc says about it, word for word, which is
taken from its output and then read through (`resnetc inspect NAME.onnx`). Neither onnx nor protobuf
is needed: the messages are put together here, by https://protobuf.dev/programming-guides/encoding/ and the numbers of
onnx/onnx.proto. Run it after changing a case:

    python3 tests/errors/onnx/make_cases.py
"""

import pathlib
import struct

FOLDER = pathlib.Path(__file__).resolve().parent

FLOAT, INT64, STRING, FLOAT16, DOUBLE, BFLOAT16, INT4 = 1, 7, 8, 10, 11, 16, 22


def varint(value):
    value %= 2**64
    data = b""
    while value > 127:
        data += bytes([value & 127 | 128])
        value >>= 7
    return data + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value)


def block(field, data):
    data = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(data)) + data


def fixed32(field, data):
    return varint(field << 3 | 5) + data


TWO = struct.pack("<2f", 1.0, -2.0)


def tensor(name="a", dims=(2,), data_type=FLOAT, raw=TWO, more=b""):
    message = b"".join(number(1, extent) for extent in dims)
    if data_type is not None:
        message += number(2, data_type)
    message += more
    if name is not None:
        message += block(8, name)
    return message + (block(9, raw) if raw is not None else b"")


NODE = block(1, block(1, "a") + block(2, "y") + block(4, "Relu"))


def graph(*tensors):
    return NODE + block(2, "main") + b"".join(block(5, each) for each in tensors)


def model(*tensors):
    return raw_model(block(7, graph(*tensors)))


def raw_model(graph_field):
    """ir_version, producer_name, the graph, opset_import."""
    return number(1, 8) + block(2, "test") + graph_field + block(8, block(1, "") + number(2, 17))


def one(**changes):
    """A model with the initializer 'a', changed."""
    return model(tensor(**changes))


def packed(field, *values):
    return block(field, b"".join(varint(value) for value in values))


CASES = {
    # The messages.
    "empty": b"",
    "text": b"ONNX\n",
    "cut_short": one()[:-1],
    "cut_in_graph": one()[:40],
    "trailing_zero": one() + b"\0",
    "trailing_end_of_group": one() + b"\x0c",
    "wire_type_7": number(1, 8) + b"\x12\x04test" + b"\x3f",
    "varint_too_long": number(1, 8) + b"\x12" + b"\xff" * 11,
    "deep_groups": number(1, 8) + b"\x12\0" + b"\x9b\x06" * 200 + b"\x9c\x06" * 200,
    "graph_too_long": raw_model(b"\x3a\xff\x7f" + graph(tensor())),
    "initializer_too_long": raw_model(block(7, b"\x2a\x7f" + tensor())),
    "initializer_longer_than_graph": raw_model(block(7, b"\x2a\x20" + tensor())),
    "node_longer_than_graph": raw_model(block(7, b"\x0a\x20" + bytes(8))),
    "without_graph": raw_model(b""),
    "two_graphs": raw_model(block(7, graph(tensor())) + block(7, graph(tensor("b")))),
    "without_initializers": model(),
    "initializer_not_a_message": model(b"\xff\xff"),
    # Names.
    "name_missing": one(name=None),
    "name_empty": one(name=""),
    "name_not_utf8": one(name=b"\xff"),
    "name_twice": model(tensor(), tensor()),
    # Types and dimensions.
    "type_missing": one(data_type=None),
    "type_undefined": one(data_type=0),
    "type_unknown": one(data_type=99),
    "type_negative": one(data_type=-1),
    "dims_negative": one(dims=(-2,)),
    "dims_overflow": one(dims=(2**32, 2**32, 2**32)),
    "dims_huge": one(dims=(2**62,), raw=None),
    "dims_33": one(dims=(1,) * 33, raw=TWO[:4]),
    # Values.
    "values_missing": one(raw=None),
    "values_too_few": one(dims=(3,)),
    "values_too_many": one(dims=()),
    "values_of_empty": one(dims=(0,)),
    "values_int64_too_few": one(dims=(2,), data_type=INT64),
    "values_int4_too_few": one(dims=(17,), data_type=INT4),
    "values_twice": one(more=block(4, TWO)),
    "float_data_too_few": one(dims=(3,), raw=None, more=block(4, TWO)),
    "float_data_cut": one(raw=None, more=block(4, TWO[:7])),
    "float_data_for_half": one(data_type=FLOAT16, raw=None, more=block(4, TWO)),
    "int32_data_for_float": one(raw=None, more=packed(5, 1, 2)),
    "half_above_16_bits": one(data_type=FLOAT16, raw=None, more=packed(5, 0, 65536)),
    "half_negative": one(data_type=BFLOAT16, raw=None, more=packed(5, 0, -1)),
    "values_string_raw": one(dims=(9000,), data_type=STRING),
    "external": one(raw=None, more=block(13, block(1, "location") + block(2, "weights.bin"))
                    + number(14, 1)),
    "segment": one(more=block(3, number(1, 0) + number(2, 2))),
    "two_problems": model(tensor(dims=(3,)), tensor("ok"), tensor("b", raw=TWO[:3])),
}

VALID = model(
    tensor("conv.weight", (2, 1, 1, 2), raw=struct.pack("<4f", 1.5, -2.0, 0.125, 3e38)),
    tensor("fc.bias", (3,), raw=None, more=block(4, struct.pack("<3f", 1, 2, 3))),
    # Writers that do not pack: dims in one block, floats one by one.
    packed(1, 2, 1) + number(2, FLOAT) + fixed32(4, TWO[:4]) + fixed32(4, TWO[4:])
    + block(8, "fc.weight"),
    tensor("half", (3,), FLOAT16, struct.pack("<3e", 1.0, -0.5, 6e-8)),
    tensor("half_bits", (3,), FLOAT16, None, packed(5, 0x3C00, 0xB800, 1)),
    tensor("brain", (1, 3), BFLOAT16, bytes.fromhex("803f" "00c0" "8080")),
    tensor("brain_bits", (2,), BFLOAT16, None, packed(5, 0x3F80, 0xC000)),
    tensor("double", (1,), DOUBLE, None, block(10, struct.pack("<d", 0.1))),
    tensor("steps", (), INT64, None, packed(7, 12345)),
    tensor("nibbles", (3,), INT4, b"\x21\x03"),
    tensor("words", (2,), STRING, None, block(6, "x") + block(6, "y")),
    tensor("nothing", (0, 4), FLOAT, b""),
)


def main():
    for name, content in {**CASES, "valid": VALID}.items():
        (FOLDER / (name + ".onnx")).write_bytes(content)
    for path in FOLDER.glob("*.onnx"):
        if path.stem not in CASES and path.stem != "valid":
            print("no case makes", path.name)


if __name__ == "__main__":
    main()
