"""The files of the demo model: safetensors bytes to and from tensors, and whole-or-nothing writes.

For train_demo_model.py only. Tensors go in and come out as float32 PyTorch tensors by name; what
is wrong with a file comes out as InputError.
"""

import json
import os
import struct
import tempfile

import numpy as np
import torch


class InputError(Exception):
    """Something the user gave cannot be used; the message says what, and what was expected."""


def encode_safetensors(tensors, metadata):
    """The bytes of a safetensors file: the header's length as little-endian u64, the header (JSON,
    padded with spaces so that the data is 8-byte aligned), then the tensors without gaps.
    Format: https://github.com/huggingface/safetensors#format. All tensors are written as F32."""
    header, parts, offset = {"__metadata__": metadata}, [], 0
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name].detach().numpy(), dtype="<f4")
        end = offset + array.nbytes
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [offset, end]}
        parts.append(array.tobytes())
        offset = end
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(parts)


def decode_safetensors(content, expected):
    """The tensors of a safetensors file: those named in expected (name -> tensor), which must be
    there as F32 with the same shapes. Others are ignored."""
    if len(content) < 8:
        raise InputError(f"not a safetensors file: {len(content)} bytes, expected at least 8")
    length = struct.unpack("<Q", content[:8])[0]
    if length > len(content) - 8:
        raise InputError(
            f"not a safetensors file, or a truncated one: a header of {length} bytes is announced, "
            f"{len(content) - 8} bytes follow"
        )
    data = memoryview(content)[8 + length :]
    try:
        header = json.loads(content[8 : 8 + length])
    except (ValueError, RecursionError) as error:
        raise InputError("not a safetensors file: the header is not valid JSON") from error
    if not isinstance(header, dict):
        raise InputError("not a safetensors file: the header is not a JSON object")
    tensors = {}
    for name, wanted in expected.items():
        entry = header.get(name)
        if not isinstance(entry, dict):
            raise InputError(f"tensor {name} is missing, expected the tensors of ResNet-20")
        shape, offsets = list(wanted.shape), entry.get("data_offsets")
        if entry.get("dtype") != "F32" or entry.get("shape") != shape:
            found = f"{entry.get('dtype')} {entry.get('shape')}"
            raise InputError(f"tensor {name} is {found}, expected F32 {shape}")
        begin = offsets[0] if isinstance(offsets, list) and len(offsets) == 2 else None
        size = 4 * wanted.numel()
        if type(begin) is not int or begin < 0 or offsets[1] != begin + size or (
            begin + size > len(data)
        ):
            raise InputError(
                f"tensor {name} has data_offsets {offsets}, expected {size} bytes "
                f"within the {len(data)} bytes of data"
            )
        values = np.frombuffer(data[begin : begin + size], dtype="<f4").reshape(shape)
        tensors[name] = torch.from_numpy(values.copy())
    return tensors


def write_file(path, content):
    """Write all of content (bytes) or nothing: to a temporary file beside path, then renamed."""
    handle, temporary = tempfile.mkstemp(prefix=path.name + ".", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
