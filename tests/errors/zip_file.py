"""Zip archives byte by byte, so that the malformed files can have any field wrong. Used by
torch/make_cases.py and npz/make_cases.py.

Format: PKWARE's APPNOTE.TXT, sections 4.3 to 4.5.
"""

import struct
import zlib

UTF8 = 0x800
DESCRIPTOR = 8


class Entry:
    """One stored entry. Fields given by keyword override the true ones: those of the directory
    (name, flags, method, crc, size, compressed_size, offset, disk, extra), and of the local header with
    `local_` before the name."""

    def __init__(self, name, data, **fields):
        self.name = name if isinstance(name, bytes) else name.encode()
        self.data = data
        self.fields = fields


def zip64_field(*values):
    return struct.pack("<HH", 1, 8 * len(values)) + struct.pack("<%dQ" % len(values), *values)


def local_header(entry, crc):
    get = entry.fields.get
    flags = get("flags", UTF8)
    has_descriptor = flags & DESCRIPTOR
    name = get("local_name", entry.name)
    extra = get("local_extra", b"")
    size = 0 if has_descriptor else len(entry.data)
    return struct.pack(
        "<IHHHHHIIIHH", get("local_signature", 0x04034B50), 20, get("local_flags", flags),
        get("local_method", get("method", 0)), 0, 0x21,
        get("local_crc", 0 if has_descriptor else crc),
        get("local_compressed_size", size), get("local_size", size), len(name),
        get("local_extra_bytes", len(extra))) + name + extra


def descriptor(entry, crc):
    get = entry.fields.get
    kind = "<IIQQ" if get("wide_descriptor") else "<IIII"
    return struct.pack(kind, get("descriptor_signature", 0x08074B50), get("descriptor_crc", crc),
                       len(entry.data), get("descriptor_size", len(entry.data)))


def directory_entry(entry, crc, offset):
    get = entry.fields.get
    name = get("name", entry.name)
    extra = get("extra", b"")
    return struct.pack(
        "<IHHHHHHIIIHHHHHII", get("signature", 0x02014B50), 20, 20, get("flags", UTF8),
        get("method", 0), 0, 0x21, crc, get("compressed_size", len(entry.data)),
        get("size", len(entry.data)), len(name), get("extra_bytes", len(extra)), 0,
        get("disk", 0), 0, 0, get("offset", offset)) + name + extra


def zip_file(entries, zip64=False, end=None, end64=None, locator=None, gap=b"", tail=b""):
    """The archive. `end`, `end64` and `locator` override fields of the end records by name; `gap`
    stands before the directory, `tail` after everything."""
    file = b""
    directory = b""
    for entry in entries:
        if "before" in entry.fields:
            file += entry.fields["before"]
        crc = entry.fields.get("crc", zlib.crc32(entry.data))
        directory += directory_entry(entry, crc, len(file))
        file += local_header(entry, crc) + entry.data
        if entry.fields.get("flags", 0) & DESCRIPTOR and not entry.fields.get("no_descriptor"):
            file += descriptor(entry, crc)
    file += gap
    true = {"count": len(entries), "size": len(directory), "offset": len(file)}
    file += directory
    if zip64:
        get = {**true, **(end64 or {})}.get
        record = len(file)
        file += struct.pack("<IQHHIIQQQQ", get("signature", 0x06064B50), get("length", 44), 45, 45,
                            get("disk", 0), 0, get("count_here", get("count")), get("count"),
                            get("size"), get("offset"))
        get = (locator or {}).get
        file += struct.pack("<IIQI", 0x07064B50, get("disk", 0), get("offset", record),
                            get("disks", 1))
    get = {**true, **(end or {})}.get
    return file + struct.pack("<IHHHHIIH", get("signature", 0x06054B50), get("disk", 0), 0,
                              get("count_here", get("count")), get("count"), get("size"),
                              get("offset"), get("comment_bytes", 0)) + tail
