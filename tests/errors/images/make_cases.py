#!/usr/bin/env python3
"""Writes the malformed pictures of this folder: files that the stand-alone program refuses.

Each NAME.EXT has a NAME.expected beside it: the whole message, word for word, made from the text that
stands beside the case here. The program is tests/program's `fake`. No image library is needed: the
files are put together from their parts (JPEG: ITU-T T.81; PNG: RFC 2083; PPM/PGM: netpbm). Run it
after changing a case:

    python3 tests/errors/images/make_cases.py
"""

import pathlib
import struct
import sys
import zlib

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from program_cases import write_cases  # noqa: E402

FORMATS = "expected a JPEG, PNG or PPM/PGM (P2, P3, P5, P6) image"
LIMITS = "expected at most 178956970 in all and 1000000 a side"

# JPEG


def segment(marker, payload):
    return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload


def frame(marker=0xC0, precision=8, height=16, width=16, components=1):
    parts = b"".join(bytes([c + 1, 0x11, 0]) for c in range(components))
    return segment(marker, struct.pack(">BHHB", precision, height, width, components) + parts)


def huffman(table, counts=(1,), symbols=b"\0"):
    """One code, the bit 0, for `no difference` (DC, table 0x00) or `end of block` (AC, 0x10)."""
    return segment(0xC4, bytes([table]) + bytes(counts).ljust(16, b"\0") + symbols)


QUANTISATION = segment(0xDB, b"\0" + b"\1" * 64)
TABLES = huffman(0x00) + huffman(0x10)
SCAN = segment(0xDA, b"\1\1\0\0\x3f\0")
PIXELS = b"\0"  # four blocks of two bits: 16 x 16 grey pixels
SOI, EOI = b"\xff\xd8", b"\xff\xd9"


def jpeg(quantisation=QUANTISATION, header=frame(), tables=TABLES, scan=SCAN, data=PIXELS, end=EOI):
    return SOI + quantisation + header + tables + scan + data + end


JPEG_HEADER = "truncated JPEG: the file ends inside the header"

JPEGS = {
    "jpeg_start_only": (SOI + b"\xff", JPEG_HEADER),
    "jpeg_cut_in_frame": (SOI + QUANTISATION + frame()[:9], JPEG_HEADER),
    "jpeg_cut_before_scan": (SOI + QUANTISATION + frame() + TABLES, JPEG_HEADER),
    "jpeg_cut_in_scan": (jpeg(data=b"", end=b""), "truncated JPEG: the file ends at line 0 of 16"),
    "jpeg_tables_only": (SOI + QUANTISATION + TABLES + EOI,
                         "damaged JPEG: JPEG datastream contains no image"),
    "jpeg_end_before_scan": (SOI + QUANTISATION + frame() + EOI,
                             "damaged JPEG: Invalid JPEG file structure: missing SOS marker"),
    "jpeg_scan_without_frame": (SOI + QUANTISATION + TABLES + SCAN + PIXELS + EOI,
                                "damaged JPEG: Invalid JPEG file structure: SOS before SOF"),
    "jpeg_two_frames": (jpeg(header=frame() + frame()),
                        "damaged JPEG: Invalid JPEG file structure: two SOF markers"),
    "jpeg_two_starts": (SOI + jpeg(), "damaged JPEG: Invalid JPEG file structure: two SOI markers"),
    "jpeg_frame_length": (jpeg(header=frame().replace(b"\0\x0b", b"\0\x0c", 1) + b"\0"),
                          "damaged JPEG: Bogus marker length"),
    "jpeg_no_width": (jpeg(header=frame(width=0)),
                      "damaged JPEG: Empty JPEG image (DNL not supported)"),
    "jpeg_no_components": (jpeg(header=frame(components=0)),
                           "damaged JPEG: Empty JPEG image (DNL not supported)"),
    "jpeg_two_components": (jpeg(header=frame(components=2)),
                            "JPEG with 2 components, expected 1, 3 or 4"),
    "jpeg_12_bits": (jpeg(header=frame(precision=12)),
                     "damaged JPEG: Unsupported JPEG data precision 12"),
    "jpeg_lossless": (jpeg(header=frame(marker=0xC3)),
                      "damaged JPEG: Unsupported JPEG process: SOF type 0xc3"),
    "jpeg_sampling": (jpeg(header=frame().replace(b"\1\x11", b"\1\x51")),
                      "damaged JPEG: Bogus sampling factors"),
    "jpeg_no_quantisation": (jpeg(quantisation=b""),
                             "damaged JPEG: Quantization table 0x00 was not defined"),
    "jpeg_no_huffman": (jpeg(scan=segment(0xDA, b"\1\1\x30\0\x3f\0")),
                        "damaged JPEG: Huffman table 0x03 was not defined"),
    "jpeg_huffman_counts": (jpeg(tables=huffman(0x00, counts=[255] * 16)),
                            "damaged JPEG: Bogus Huffman table definition"),
    "jpeg_huffman_index": (jpeg(tables=TABLES + huffman(0x07)),
                           "damaged JPEG: Bogus DHT index 7"),
    "jpeg_scan_component": (jpeg(scan=segment(0xDA, b"\1\7\0\0\x3f\0")),
                            "damaged JPEG: Invalid component ID 7 in SOS"),
    "jpeg_too_large": (jpeg(header=frame(height=65000, width=65000)),
                       "declares 65000x65000 pixels, " + LIMITS),
    "jpeg_cannot_hold": (jpeg(header=frame(height=13000, width=13000)),
                         "truncated JPEG: 141 bytes cannot hold 13000x13000 pixels"),
}

# PNG

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind, payload=b"", crc=None):
    crc = zlib.crc32(kind + payload) if crc is None else crc
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", crc)


def ihdr(width=2, height=2, depth=8, colour=0, compression=0, filtering=0, interlace=0, crc=None):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, compression, filtering,
                                      interlace), crc)


def stored(data):
    """`data` as one block that is not compressed: the same bytes from every zlib."""
    return (b"\x78\x01\x01" + struct.pack("<HH", len(data), 0xFFFF - len(data)) + data
            + struct.pack(">I", zlib.adler32(data)))


LINES = b"\0\1\2" b"\0\3\4"  # two lines of two grey pixels, each after its filter


def png(header=ihdr(), before=b"", data=stored(LINES), end=chunk(b"IEND")):
    return SIGNATURE + header + before + chunk(b"IDAT", data) + end


PNG_CUT = "truncated PNG: the file ends before the last line"

PNGS = {
    "png_signature_only": (SIGNATURE, PNG_CUT),
    "png_as_text": (png().replace(b"\r\n", b"\n"),
                    "is a PNG image whose first bytes are damaged (transferred as text?), " + FORMATS),
    "png_cut_in_header": (png()[:20], PNG_CUT),
    "png_cut_in_data": (png()[:-30], PNG_CUT),
    "png_no_header": (SIGNATURE + chunk(b"IDAT", stored(LINES)) + chunk(b"IEND"),
                      "damaged PNG: IDAT: Missing IHDR before IDAT"),
    "png_header_crc": (png(ihdr(crc=1)), "damaged PNG: IHDR: CRC error"),
    "png_no_width": (png(ihdr(width=0)), "damaged PNG: Invalid IHDR data"),
    "png_depth": (png(ihdr(depth=3)), "damaged PNG: Invalid IHDR data"),
    "png_colour_type": (png(ihdr(colour=5)), "damaged PNG: Invalid IHDR data"),
    "png_compression": (png(ihdr(compression=1)), "damaged PNG: Invalid IHDR data"),
    "png_interlace": (png(ihdr(interlace=7)), "damaged PNG: Invalid IHDR data"),
    "png_no_palette": (png(ihdr(colour=3)), "damaged PNG: IDAT: Missing PLTE before IDAT"),
    "png_palette_length": (png(ihdr(colour=3), before=chunk(b"PLTE", b"\1\2")),
                           "damaged PNG: PLTE: invalid"),
    "png_unknown_critical": (png(before=chunk(b"ABCD", b"x")),
                             "damaged PNG: ABCD: unhandled critical chunk"),
    "png_chunk_name": (png(before=chunk(b"1234", b"x")), "damaged PNG: [31][32][33][34]: invalid chunk type"),
    "png_chunk_too_long": (SIGNATURE + ihdr() + b"\xff\xff\xff\xffIDAT",
                           "damaged PNG: PNG unsigned integer out of range"),
    "png_no_data": (SIGNATURE + ihdr() + chunk(b"IEND"), "damaged PNG: IEND: out of place"),
    "png_data_crc": (SIGNATURE + ihdr() + chunk(b"IDAT", stored(LINES[:3]), crc=1)
                     + chunk(b"IDAT", b""), "damaged PNG: IDAT: CRC error"),
    "png_not_zlib": (png(data=b"\x78\x02" + bytes(20)), "damaged PNG: IDAT: incorrect header check"),
    "png_bad_block": (png(data=b"\x78\x01\x07"), "damaged PNG: IDAT: invalid block type"),
    "png_too_few_lines": (png(data=stored(LINES[:3])), "damaged PNG: Not enough image data"),
    "png_bad_filter": (png(data=stored(b"\0\1\2" b"\7\3\4")),
                       "damaged PNG: bad adaptive filter value"),
    "png_too_large": (png(ihdr(width=20000, height=20000)), "declares 20000x20000 pixels, " + LIMITS),
    "png_side_too_long": (png(ihdr(width=1000001, height=1)), "damaged PNG: Invalid IHDR data"),
    "png_cannot_hold": (png(ihdr(width=13000, height=13000)),
                        "truncated PNG: 74 bytes cannot hold 13000x13000 pixels"),
}

# PPM and PGM

PNMS = {
    "pnm_no_width": (b"P6 ", "truncated PNM: the file ends before the width"),
    "pnm_no_height": (b"P6 2", "truncated PNM: the file ends before the height"),
    "pnm_no_maximum": (b"P6 2 2 # 255", "truncated PNM: the file ends before the maximum value"),
    "pnm_width_word": (b"P6 two 2 255\n", "damaged PNM: expected a number for the width"),
    "pnm_height_negative": (b"P5 2 -2 255\n", "damaged PNM: expected a number for the height"),
    "pnm_height_11_digits": (b"P5 2 12345678901 255\n", "damaged PNM: expected a number for the height"),
    "pnm_maximum_0": (b"P5 1 1 0\n\0", "damaged PNM: the maximum value is 0, expected 1 to 65535"),
    "pnm_maximum_65536": (b"P5 1 1 65536\n\0\0",
                          "damaged PNM: the maximum value is 65536, expected 1 to 65535"),
    "pnm_maximum_float": (b"P5 1 1 1.0\n\0", "damaged PNM: expected a number for the maximum value"),
    "pnm_no_pixels": (b"P6 0 2 255\n", "declares 0x2 pixels, expected at least 1x1"),
    "pnm_too_large": (b"P5 20000 20000 255\n", "declares 20000x20000 pixels, " + LIMITS),
    "pnm_side_too_long": (b"P6 9999999999 1 255\n", "declares 9999999999x1 pixels, " + LIMITS),
    "pnm_cut": (b"P6 2 2 255\n12345678901", "truncated PNM: 11 bytes of pixels, expected 12"),
    "pnm_wide_cut": (b"P5 2 2 256\n1234567", "truncated PNM: 7 bytes of pixels, expected 8"),
    "pnm_plain_cut": (b"P2 2 2 9\n1 2", "truncated PNM: 3 bytes of pixels, expected at least 7"),
    "pnm_plain_too_few": (b"P2 2 2 9\n1 2 3     ", "truncated PNM: the file ends before the next pixel"),
    "pnm_plain_word": (b"P2 2 2 9\n1 2 x 3 4\n", "damaged PNM: expected a number for the next pixel"),
    "pnm_plain_over_maximum": (b"P3 1 1 9\n1 2 10\n",
                               "damaged PNM: a pixel has the value 10, expected at most 9"),
}

# Other files

OTHERS = {
    "empty.png": (b"", "is empty, expected an image"),
    "text.jpg": (b"not found\n", "is not an image, " + FORMATS),
    "page.jpg": (b"<!DOCTYPE html><title>404</title>\n",
                 "is text (HTML, XML or SVG), " + FORMATS),
    "drawing.png": (b"<svg xmlns='http://www.w3.org/2000/svg'/>\n",
                    "is text (HTML, XML or SVG), " + FORMATS),
    "two_bytes.jpg": (b"\xff\xd8", "is not an image, " + FORMATS),
    "gif.png": (b"GIF89a" + bytes(10), "is a GIF image, " + FORMATS),
    "webp.png": (b"RIFF\x20\0\0\0WEBPVP8 ", "is a WebP image, " + FORMATS),
    "bmp.png": (b"BM" + bytes(30), "is a BMP image, " + FORMATS),
    "tiff_little.png": (b"II*\0" + bytes(8), "is a TIFF image, " + FORMATS),
    "tiff_big.png": (b"MM\0*" + bytes(8), "is a TIFF image, " + FORMATS),
    "heif.jpg": (b"\0\0\0\x18ftypheic" + bytes(8), "is a HEIF, AVIF or MP4 file, " + FORMATS),
    "jpeg_2000.jpg": (b"\0\0\0\x0cjP  \r\n\x87\n", "is a JPEG 2000 image, " + FORMATS),
    "jpeg_xl.jpg": (b"\0\0\0\x0cJXL \r\n\x87\n", "is a JPEG XL image, " + FORMATS),
    "array.png": (b"\x93NUMPY\1\0", "is a NumPy array (read with --npy), " + FORMATS),
    "pbm.ppm": (b"P4\n1 1\n\x80", "is a PBM bitmap, " + FORMATS),
    "pam.ppm": (b"P7\nWIDTH 1\n", "is a PAM image, " + FORMATS),
}

if __name__ == "__main__":
    write_cases(FOLDER, {**{name + ".jpg": case for name, case in JPEGS.items()},
                         **{name + ".png": case for name, case in PNGS.items()},
                         **{name + ".ppm": case for name, case in PNMS.items()},
                         **OTHERS})
