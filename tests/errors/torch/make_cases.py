#!/usr/bin/env python3
"""Writes the malformed PyTorch files of this folder, and valid.pt and valid.th.

Each NAME.pt or NAME.th has a NAME.expected beside it: what resnetc says about it, word for word, which
is taken from its output and then read through (`resnetc inspect FILE`). Neither PyTorch nor Python's
pickle is needed: the opcodes (CPython's Lib/pickletools.py) are put together here. Run it after changing a case:

    python3 tests/errors/torch/make_cases.py
"""

import pathlib
import struct
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from zip_file import DESCRIPTOR, UTF8, Entry, zip64_field, zip_file  # noqa: E402

# Values, as pickled by protocol 2.

NONE, TRUE, FALSE = b"N", b"\x88", b"\x89"
EMPTY_DICT, EMPTY_LIST, EMPTY_TUPLE, MARK = b"}", b"]", b")", b"("


def text(value):
    data = value.encode() if isinstance(value, str) else value
    return b"X" + struct.pack("<I", len(data)) + data


def integer(value):
    if 0 <= value < 256:
        return b"K" + bytes([value])
    if -(2**31) <= value < 2**31:
        return b"J" + struct.pack("<i", value)
    data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def pickled(value):
    """A value: bytes are opcodes already."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return TRUE if value else FALSE
    if isinstance(value, int):
        return integer(value)
    if isinstance(value, str):
        return text(value)
    if isinstance(value, tuple):
        return MARK + b"".join(map(pickled, value)) + b"t"
    if isinstance(value, list):
        return EMPTY_LIST + MARK + b"".join(map(pickled, value)) + b"e"
    return EMPTY_DICT + items(value)


def items(dictionary):
    pairs = dictionary.items() if isinstance(dictionary, dict) else dictionary
    return MARK + b"".join(pickled(key) + pickled(value) for key, value in pairs) + b"u"


def named(module, name):
    return b"c" + module.encode() + b"\n" + name.encode() + b"\n"


def call(function, *arguments):
    return function + pickled(tuple(arguments)) + b"R"


ORDERED_DICT = named("collections", "OrderedDict") + EMPTY_TUPLE + b"R"
REBUILD = named("torch._utils", "_rebuild_tensor_v2")
REBUILD_OLD = named("torch._utils", "_rebuild_tensor")
REBUILD_PARAMETER = named("torch._utils", "_rebuild_parameter")


def storage(key="0", kind="FloatStorage", elements=4, legacy=False):
    kind = kind if isinstance(kind, bytes) else named("torch", kind)
    id_ = ("storage", kind, key, "cpu", elements) + ((NONE,) if legacy else ())
    return pickled(id_) + b"Q"


def tensor(where=None, offset=0, shape=(2, 2), strides=(2, 1), more=(FALSE, ORDERED_DICT)):
    where = storage() if where is None else where
    return call(REBUILD, where, offset, shape, strides, *more)


def ordered(*pairs):
    return ORDERED_DICT + items(pairs)


def pickle(value, protocol=2):
    return b"\x80" + bytes([protocol]) + pickled(value) + b"."


# Files.

FLOATS = struct.pack("<4f", 1.5, -2.0, 0.25, 3.0)


def archive(value, storages=None, extra=(), **how):
    """A zip file with this object (a value, or the bytes of data.pkl behind PROTO)."""
    storages = {"0": FLOATS} if storages is None else storages
    entries = [Entry("m/data.pkl", pickle(value))]
    entries += [Entry("m/data/" + key, data) for key, data in storages.items()]
    return zip_file(entries + [Entry("m/version", b"3\n"), *extra], **how)


def one(**changes):
    """An archive with the tensor 'a', changed."""
    return archive(ordered(("a", tensor(**changes))))


def raw(opcodes):
    """An archive whose data.pkl is these opcodes."""
    return zip_file([Entry("m/data.pkl", opcodes)])


def entry_with(**fields):
    """An archive whose entry m/data/0 is changed."""
    return zip_file([Entry("m/data.pkl", pickle(ordered(("a", tensor())))),
                     Entry("m/data/0", FLOATS, **fields)])


MAGIC = pickle(0x1950A86A20F9469CFC6C)
MACHINE = pickle({"protocol_version": 1001, "little_endian": True,
                  "type_sizes": {"short": 2, "int": 4, "long": 4}})


def section(data=FLOATS, elements=4):
    return struct.pack("<q", elements) + data


def legacy(value=None, keys=("0",), sections=None, magic=MAGIC, version=1001, machine=MACHINE,
           tail=b""):
    if value is None:
        value = ordered(("a", tensor(storage(legacy=True))))
    keys = pickle(list(keys)) if isinstance(keys, (list, tuple)) else keys
    return (magic + pickle(version) + machine + pickle(value) + keys
            + b"".join([section()] if sections is None else sections) + tail)


A = tensor()

ZIP_CASES = {
    # The archive.
    "zip_header_only": b"PK\x03\x04" + bytes(26),
    "zip_cut_short": archive(ordered(("a", A)))[:-1],
    "zip_with_comment": archive(ordered(("a", A)), end={"comment_bytes": 4}, tail=b"text"),
    "zip_trailing_byte": archive(ordered(("a", A)), tail=b"\0"),
    "zip_second_disk": archive(ordered(("a", A)), end={"disk": 1}),
    "zip_counts_differ": archive(ordered(("a", A)), end={"count_here": 2}),
    "zip_count_wrong": archive(ordered(("a", A)), end={"count": 4, "count_here": 4}),
    "zip_directory_size_wrong": archive(ordered(("a", A)), end={"size": 100}),
    "zip_directory_offset_huge": archive(ordered(("a", A)), end={"offset": 2**32 - 2}),
    "zip64_size_wrong": archive(ordered(("a", A)), zip64=True, end64={"size": 2**63}),
    "zip64_counts_differ": archive(ordered(("a", A)), zip64=True, end64={"count_here": 2}),
    "zip64_disagrees": archive(ordered(("a", A)), zip64=True, end={"count": 7, "count_here": 7}),
    "zip64_locator_wrong": archive(ordered(("a", A)), zip64=True, locator={"offset": 2**64 - 1}),
    "zip64_two_disks": archive(ordered(("a", A)), zip64=True, locator={"disks": 2}),
    "entry_signature_wrong": entry_with(signature=0x02014B51),
    "entry_extra_too_long": entry_with(extra_bytes=0xFFFF),
    "entry_name_empty": zip_file([Entry("m/data.pkl", b""), Entry("", b"")]),
    "entry_name_not_utf8": zip_file([Entry("m/data.pkl", b""), Entry(b"m/\xff", b"")]),
    "entry_encrypted": entry_with(flags=UTF8 | 1),
    "entry_unknown_flags": entry_with(flags=UTF8 | 0x2000),
    "entry_deflated": entry_with(method=8),
    "entry_on_second_disk": entry_with(disk=1),
    "entry_twice": zip_file([Entry("m/data.pkl", b"")] * 2),
    "entry_sizes_differ": entry_with(compressed_size=15),
    "entry_beyond_directory": entry_with(offset=2**32 - 2),
    "entry_too_long": entry_with(size=2**31, compressed_size=2**31),
    "entry_without_local_header": entry_with(local_signature=0),
    "entry_local_name_differs": entry_with(local_name=b"m/data/1"),
    "entry_local_flags_differ": entry_with(local_flags=0),
    "entry_local_method_differs": entry_with(local_method=8),
    "entry_local_crc_differs": entry_with(local_crc=1),
    "entry_local_size_differs": entry_with(local_size=15),
    "entry_zip64_missing": entry_with(size=2**32 - 1, compressed_size=2**32 - 1),
    "entry_zip64_too_short": entry_with(size=2**32 - 1, compressed_size=2**32 - 1,
                                        extra=zip64_field(16)),
    "entry_zip64_twice": entry_with(size=2**32 - 1, compressed_size=2**32 - 1,
                                    extra=zip64_field(16, 16) * 2),
    "entry_zip64_huge": entry_with(size=2**32 - 1, compressed_size=2**32 - 1,
                                   extra=zip64_field(2**64 - 8, 2**64 - 8)),
    "entry_local_zip64_missing": entry_with(local_size=2**32 - 1, local_compressed_size=2**32 - 1),
    "entry_descriptor_missing": entry_with(flags=UTF8 | DESCRIPTOR, no_descriptor=True),
    "entry_descriptor_size_differs": entry_with(flags=UTF8 | DESCRIPTOR, descriptor_size=17),
    "entry_damaged": archive(ordered(("a", A))).replace(FLOATS, bytes(16)),
    # The second's local header lies in the first's data.
    "entries_overlap": zip_file([Entry("m/a", zip_file([Entry("m/b", b"")])[:33]),
                                 Entry("m/b", b"", offset=33)]),
    "no_data_pkl": zip_file([Entry("m/version", b"3\n")]),
    "no_folder": zip_file([Entry("data.pkl", pickle(ordered(("a", A))))]),
    "byteorder_unknown": archive(ordered(("a", A)), extra=[Entry("m/byteorder", b"middle")]),
    # Opcodes.
    "pickle_empty": raw(b""),
    "pickle_no_proto": raw(b"}."),
    "pickle_protocol_0": raw(b"\x80\x00}."),
    "pickle_protocol_6": raw(b"\x80\x06}."),
    "pickle_without_stop": raw(b"\x80\x02}"),
    "pickle_trailing_bytes": raw(b"\x80\x02}.x"),
    "pickle_empty_stack": raw(b"\x80\x02."),
    "pickle_two_values": raw(b"\x80\x02}}."),
    "pickle_open_mark": raw(b"\x80\x02}(."),
    "pickle_pop_empty": raw(b"\x80\x020."),
    "pickle_tuple_without_mark": raw(b"\x80\x02t."),
    "pickle_pops_below_mark": raw(b"\x80\x02}(\x85."),
    "pickle_append_to_dict": raw(b"\x80\x02}Na."),
    "pickle_odd_items": raw(b"\x80\x02}(Nu."),
    "pickle_memo_unset": raw(b"\x80\x02h\x07."),
    "pickle_memo_slot_huge": raw(b"\x80\x02}r\xff\xff\xff\x7f."),
    "pickle_put_nothing": raw(b"\x80\x02q\x00}."),
    "pickle_text_cut": raw(b"\x80\x02X\xff\xff\xff\xffabc"),
    "pickle_text_not_utf8": raw(b"\x80\x02" + text(b"\xc0\xaf") + b"."),
    "pickle_bytes_huge": raw(b"\x80\x04\x8e" + struct.pack("<Q", 2**63) + b"."),
    "pickle_frame_too_long": raw(b"\x80\x04\x95" + struct.pack("<Q", 99) + b"}."),
    "pickle_nested_marks": raw(b"\x80\x02" + b"(" * 1001 + b"."),
    "pickle_opcode_newobj": raw(b"\x80\x02" + named("collections", "OrderedDict") + b")\x81."),
    "pickle_opcode_inst": raw(b"\x80\x02(ios\nsystem\n."),
    "pickle_opcode_obj": raw(b"\x80\x02(o."),
    "pickle_opcode_ext": raw(b"\x80\x02\x82\x01."),
    "pickle_opcode_persid": raw(b"\x80\x02Pstorage\n."),
    "pickle_opcode_text_integer": raw(b"\x80\x02I01\n."),
    "pickle_opcode_unknown": raw(b"\x80\x02\xff."),
    "global_os_system": raw(b"\x80\x02" + named("os", "system") + b"(" + text("true") + b"tR."),
    "global_eval_by_stack": raw(b"\x80\x04" + text("builtins") + text("eval") + b"\x93."),
    "global_with_escape": raw(b"\x80\x02cos\x1b[31m\nsystem\n."),
    "global_dotted_name": raw(b"\x80\x04" + text("torch._utils")
                              + text("_rebuild_tensor_v2.__globals__") + b"\x93."),
    "global_split_elsewhere": raw(b"\x80\x02" + named("torch", "_utils._rebuild_tensor")[:-1]
                                  + b"_v3\n."),
    "global_module": raw(b"\x80\x02" + named("__main__", "Net") + b")\x81}b."),
    "global_complex_storage": one(where=storage(kind="ComplexFloatStorage")),
    "global_without_newline": raw(b"\x80\x02ctorch\nFloatStorage"),
    "global_named_by_integer": raw(b"\x80\x04" + text("torch") + integer(1) + b"\x93."),
    "reduce_text": raw(b"\x80\x02" + text("f") + b")R."),
    "reduce_storage_class": raw(b"\x80\x02" + named("torch", "FloatStorage") + b")R."),
    "reduce_with_list": raw(b"\x80\x02" + REBUILD + b"]R."),
    "reduce_ordered_dict_of_text": raw(b"\x80\x02" + call(named("collections", "OrderedDict"), "x")
                                       + b"."),
    # One list of 100 pairs, made into dicts again and again.
    "reduce_same_pairs_again": raw(
        b"\x80\x02" + named("collections", "OrderedDict") + b"q\x00](NN\x86q\x01" + b"h\x01" * 99
        + b"eq\x02" + b"h\x00h\x02\x85R0" * 9 + b"."),
    "build_tensor": raw(b"\x80\x02" + A + b"}b."),
    "build_dict": raw(b"\x80\x02}}b."),
    # The object.
    "object_list": archive([A]),
    "object_tensor": archive(A),
    "object_empty": archive(ordered(), {}),
    "object_without_tensors": archive({"epoch": 3, "optimizer": {"state": EMPTY_DICT}}, {}),
    "object_two_state_dicts": archive({"model": {"a": A}, "state_dict": {"a": A}}),
    "object_holds_itself": archive(b"}q\x00(" + text("state_dict") + b"h\x00u", {}),
    "name_integer": archive({1: A}),
    "name_twice": archive(ordered(("a", A), ("a", A))),
    # Storages.
    "storage_missing": archive(ordered(("a", A)), {}),
    "storage_too_short": archive(ordered(("a", A)), {"0": FLOATS[:12]}),
    "storage_too_long": archive(ordered(("a", A)), {"0": FLOATS + b"\0"}),
    "storage_negative": one(where=storage(elements=-1)),
    "storage_huge": one(where=storage(elements=2**62)),
    "storage_above_64_bits": one(where=storage(elements=2**70)),
    "storage_id_text": one(where=text("storage") + b"Q"),
    "storage_id_short": one(where=pickled(("storage", named("torch", "FloatStorage"), "0")) + b"Q"),
    "storage_id_module": one(where=pickled(("module", NONE, "x", "y", 1)) + b"Q"),
    "storage_key_integer": one(where=storage(key=0)),
    "storage_of_dict_class": one(where=storage(kind=named("collections", "OrderedDict"))),
    "storage_two_types": archive(ordered(("a", A), ("b", tensor(storage(kind="IntStorage"))))),
    "storage_two_sizes": archive(ordered(("a", A), ("b", tensor(storage(elements=5))))),
    # Tensors.
    "tensor_without_storage": one(where=pickled(3)),
    "tensor_five_arguments": one(more=(FALSE,)),
    "tensor_eight_arguments": one(more=(FALSE, ORDERED_DICT, NONE, NONE)),
    "tensor_old_with_six": archive(ordered(
        ("a", call(REBUILD_OLD, storage(), 0, (2, 2), (2, 1), FALSE, ORDERED_DICT)))),
    "tensor_offset_negative": one(offset=-1),
    "tensor_offset_text": one(offset="0"),
    "tensor_offset_too_large": one(offset=1),
    "tensor_offset_huge": one(offset=2**63 - 1),
    "tensor_shape_negative": one(shape=(-2, 2)),
    "tensor_shape_list": one(shape=[2, 2]),
    "tensor_shape_of_texts": one(shape=("2", "2")),
    "tensor_shape_overflows": one(shape=(2**62, 2**62), strides=(0, 0)),
    "tensor_strides_fewer": one(strides=(1,)),
    "tensor_stride_negative": one(strides=(2, -1)),
    "tensor_stride_too_large": one(strides=(3, 1)),
    "tensor_stride_overflows": one(strides=(2**63 - 1, 2**63 - 1)),
    "tensor_33_dimensions": one(shape=(1,) * 33, strides=(1,) * 33),
    "tensor_expanded": one(shape=(2**40,), strides=(0,)),
    "tensor_conjugated": one(more=(FALSE, ORDERED_DICT, {"conj": True})),
    "parameter_of_text": archive(ordered(("a", call(REBUILD_PARAMETER, "x", TRUE, ORDERED_DICT)))),
    "parameter_of_parameter": archive(ordered(("a", call(
        REBUILD_PARAMETER, call(REBUILD_PARAMETER, A, TRUE, ORDERED_DICT), TRUE, ORDERED_DICT)))),
    "three_problems": archive(ordered(
        ("a", tensor(offset=1)), ("b", tensor(shape=(3,))), ("c", tensor(offset=-1)))),
}

LEGACY_CASES = {
    "legacy_plain_pickle": pickle(ordered(("a", 1))),
    "legacy_magic_only": MAGIC,
    "legacy_other_magic": legacy(magic=pickle(0x1950A86A20F9469CFC6D)),
    "legacy_other_version": legacy(version=1000),
    "legacy_machine_list": legacy(machine=pickle([])),
    "legacy_global": legacy(named("posix", "system") + b"(" + text("true") + b"tR"),
    "legacy_keys_dict": legacy(keys=pickle({})),
    "legacy_key_integer": legacy(keys=[0]),
    "legacy_key_unused": legacy(keys=["0", "1"]),
    "legacy_key_twice": legacy(keys=["0", "0"], sections=[section(), section()]),
    "legacy_key_missing": legacy(keys=[], sections=[]),
    "legacy_count_differs": legacy(sections=[section(elements=3)]),
    "legacy_count_negative": legacy(sections=[section(elements=-1)]),
    "legacy_storage_cut": legacy(sections=[section()[:-1]]),
    "legacy_without_storages": legacy(sections=[]),
    "legacy_trailing_byte": legacy(tail=b"\0"),
    "legacy_view": legacy(ordered(("a", tensor(pickled(
        ("storage", named("torch", "FloatStorage"), "0", "cpu", 4, ("1", 0, 4))) + b"Q")))),
    "legacy_module": legacy(pickled(("module", named("torch.nn", "Linear"), "x.py", "")) + b"Q"),
    "legacy_tensor_too_large": legacy(ordered(
        ("a", tensor(storage(legacy=True), shape=(5,), strides=(1,))))),
    "legacy_object_number": legacy(7, keys=[], sections=[]),
}

# Valid files with every kind of tensor.

HALVES = struct.pack("<3e", 1.0, -0.5, 6e-8)
BRAINS = bytes.fromhex("803f" "00c0" "8080")
STEPS = struct.pack("<q", 12345)


def valid_object(is_legacy):
    def where(key, kind, elements):
        return storage(key, kind, elements, is_legacy)

    state_dict = ordered(
        ("conv.weight", tensor(where("0", "FloatStorage", 6), 1, (2, 1, 1, 2), (2, 2, 2, 1))),
        ("fc.weight", tensor(where("0", "FloatStorage", 6), 0, (2, 3), (1, 2))),  # transposed
        ("half", call(REBUILD_PARAMETER, tensor(where("1", "HalfStorage", 3), 0, (3,), (1,)), TRUE,
                      ORDERED_DICT)),
        ("brain", tensor(where("2", "BFloat16Storage", 3), 0, (1, 3), (2**62, 1))),
        ("steps", call(REBUILD_OLD, where("3", "LongStorage", 1), 0, (), ())),
        ("nothing", tensor(where("4", "FloatStorage", 0), 0, (0, 4), (4, 1))),
    ) + b"}" + text("_metadata") + ORDERED_DICT + b"sb"
    return {"epoch": 7, "best_prec1": b"G" + struct.pack(">d", 91.5), "state_dict": state_dict}


VALUES = struct.pack("<6f", 7, 1.5, -2.0, 0.125, 3e38, 5)
STORAGES = {"0": VALUES, "1": HALVES, "2": BRAINS, "3": STEPS, "4": b""}


def torch_entry(name, data):
    """As torch.save writes it: sizes in a descriptor, data aligned by an extra field."""
    return Entry(name, data, flags=UTF8 | DESCRIPTOR, local_extra=b"FB" + struct.pack("<H", 5) + b"Z" * 5)


def python2(value):
    """str of Python 2, whose OrderedDict is made of a list of pairs."""
    return b"U" + bytes([len(value)]) + value.encode()


PYTHON2_ID = (python2("storage"), named("torch", "FloatStorage"), python2("0"), python2("cpu"), 4,
              NONE)
PYTHON2_PAIR = EMPTY_LIST + python2("a") + b"a" + tensor(pickled(PYTHON2_ID) + b"Q") + b"a"
PYTHON2 = call(named("collections", "OrderedDict"), EMPTY_LIST + PYTHON2_PAIR + b"a")


def swapped(data, size):
    return b"".join(data[i:i + size][::-1] for i in range(0, len(data), size))


VALID = {
    "valid.pt": zip_file(
        [torch_entry("m/data.pkl", pickle(valid_object(False)))]
        + [torch_entry("m/data/" + key, data) for key, data in STORAGES.items()]
        + [torch_entry("m/version", b"3\n")], zip64=True),
    "valid_big_endian.pt": zip_file(
        [Entry("m/data.pkl", pickle(valid_object(False))), Entry("m/byteorder", b"big")]
        + [Entry("m/data/" + key, swapped(data, {"0": 4, "3": 8}.get(key, 2)))
           for key, data in STORAGES.items()]),
    "valid.th": legacy(valid_object(True), list(STORAGES),
                       [section(data, count) for data, count in
                        zip(STORAGES.values(), (6, 3, 3, 1, 0))]),
    "valid_python2.th": legacy(PYTHON2),
}


def main():
    files = {**VALID}
    files.update({name + ".pt": content for name, content in ZIP_CASES.items()})
    files.update({name + ".th": content for name, content in LEGACY_CASES.items()})
    for name, content in files.items():
        (FOLDER / name).write_bytes(content)
    for path in FOLDER.glob("*.[pt][th]"):
        if path.name not in files:
            print("no case makes", path.name)


if __name__ == "__main__":
    main()
