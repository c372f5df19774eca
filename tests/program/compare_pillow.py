#!/usr/bin/env python3
"""Compares the standalone program's decoding, scaling and cropping with Pillow's, pixel by pixel.

    compare_pillow.py DUMP_CROP [FOLDER_WITH_IMAGES]

DUMP_CROP is the test tool of that name. Pictures of every kind that Pillow writes are made in a
temporary folder; JPEGs in FOLDER_WITH_IMAGES are compared as well. The reference is Pillow's
convert() and resize() with torchvision's arithmetic for sizes and crops, written out below; where
torchvision is installed, it is used too. Exit status: 0 all equal, 1 not, 77 without Pillow.
"""

import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy
    from PIL import Image, ImageOps
except ImportError as error:
    print(f"SKIPPED: {error}")
    sys.exit(77)
try:
    from torchvision import transforms
except ImportError:
    transforms = None

NONE, CROP, SHORT_SIDE, EXACT = range(4)
RGB, BGR, GREY = range(3)


def center_crop(image, width, height):
    """torchvision 0.14's center_crop of a PIL image."""
    w, h = image.size
    left, top = max(width - w, 0), max(height - h, 0)
    if left or top:
        image = ImageOps.expand(image, (left // 2, top // 2, (left + 1) // 2, (top + 1) // 2))
        w, h = image.size
    x, y = int(round((w - width) / 2.0)), int(round((h - height) / 2.0))
    return image.crop((x, y, x + width, y + height))


def reference(path, mode, resize, width, height, colour):
    image = Image.open(path).convert("L" if colour == GREY else "RGB")
    if transforms and mode == SHORT_SIDE:
        pipeline = transforms.Compose(
            [transforms.Resize(resize), transforms.CenterCrop((height, width))])
        pixels = numpy.asarray(pipeline(image))
    else:
        w, h = image.size
        if mode == SHORT_SIDE:
            long = int(resize * max(w, h) / min(w, h))
            image = image.resize((resize, long) if w <= h else (long, resize), Image.BILINEAR)
        elif mode == EXACT:
            image = image.resize((width, height), Image.BILINEAR)
        pixels = numpy.asarray(center_crop(image, width, height))
    return pixels[:, :, ::-1] if colour == BGR else pixels


def ours(tool, path, mode, resize, width, height, colour):
    command = [tool, mode, resize, width, height, colour, path]
    run = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=True)
    shape = (height, width) if colour == GREY else (height, width, 3)
    return numpy.frombuffer(run.stdout, numpy.uint8).reshape(shape)


def picture(width, height, seed):
    """Smooth colours with hard edges and noise."""
    random = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[0:height, 0:width]
    pixels = numpy.stack([x * 255 / width, y * 255 / height, (x * y) % 256], axis=-1)
    pixels[height // 3:height // 2, width // 4:width // 2] = (250, 10, 30)
    pixels += random.normal(0, 8, pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(numpy.uint8), "RGB")


def write_pictures(folder):
    """Every format and mode; yields the paths."""
    colour = picture(97, 61, 1)
    alpha = colour.copy()
    alpha.putalpha(picture(97, 61, 2).convert("L"))
    saved = []

    def save(image, name, **options):
        image.save(folder / name, **options)
        saved.append(folder / name)

    for sampling in range(3):
        save(colour, f"sampling{sampling}.jpg", subsampling=sampling, quality=85)
        save(colour, f"progressive{sampling}.jpg", subsampling=sampling, progressive=True)
    save(colour.convert("L"), "grey.jpg")
    save(colour.convert("CMYK"), "cmyk.jpg")
    save(colour, "optimized.jpg", quality=30, optimize=True)
    save(colour, "rgb.png")
    save(alpha, "rgba.png")
    save(colour.convert("L"), "l.png")
    save(alpha.convert("LA"), "la.png")
    save(colour.convert("1"), "bits1.png")
    save(colour.quantize(200), "palette8.png")
    save(colour.quantize(13), "palette4.png", bits=4)
    save(colour.quantize(4), "palette2.png", bits=2)
    save(colour.quantize(2), "palette1.png", bits=1)
    save(colour.quantize(13), "transparent_entry.png", transparency=3)
    save(colour, "transparent_colour.png", transparency=(250, 10, 30))
    save(colour, "p6.ppm")
    save(colour.convert("L"), "p5.pgm")
    write_plain(folder, saved, numpy.asarray(colour), "P3", 255)
    write_plain(folder, saved, numpy.asarray(colour) // 3, "P3", 85)
    write_plain(folder, saved, numpy.asarray(colour.convert("L")) // 17, "P2", 15)
    write_wide(folder, saved, numpy.asarray(colour))
    for width, height in ((300, 200), (200, 300), (31, 200), (224, 224), (1, 9), (640, 17)):
        save(picture(width, height, width), f"size{width}x{height}.png")
        save(picture(width, height, width), f"size{width}x{height}.jpg")
    return saved


def write_plain(folder, saved, pixels, magic, maxval):
    path = folder / f"plain{magic}_{maxval}.pnm"
    numbers = "\n".join(" ".join(map(str, row.ravel())) for row in pixels)
    path.write_text(f"{magic} # comment\n{pixels.shape[1]} {pixels.shape[0]}\n{maxval}\n{numbers}\n")
    saved.append(path)


def write_wide(folder, saved, pixels):
    """Binary pixels of two bytes, and of one byte with an odd maximum."""
    for name, maxval, kind in (("wide", 65535, ">u2"), ("twelve", 4095, ">u2"), ("odd", 201, "u1")):
        scaled = (pixels.astype(float) / 255 * maxval).round().astype(kind)
        path = folder / f"{name}.ppm"
        header = f"P6\n{pixels.shape[1]} {pixels.shape[0]}\n{maxval}\n"
        path.write_bytes(header.encode() + scaled.tobytes())
        saved.append(path)


def main():
    tool = sys.argv[1]
    worst, count, unequal = 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        paths = write_pictures(pathlib.Path(folder))
        if len(sys.argv) > 2:
            paths += sorted(pathlib.Path(sys.argv[2]).glob("*.JPEG"))
        for path in paths:
            for settings in (
                    (SHORT_SIDE, 256, 224, 224, RGB), (SHORT_SIDE, 32, 32, 32, BGR),
                    (SHORT_SIDE, 37, 33, 48, RGB), (EXACT, 0, 96, 64, RGB), (EXACT, 0, 28, 28, GREY),
                    (CROP, 0, 50, 71, RGB), (SHORT_SIDE, 64, 64, 64, GREY)):
                got = ours(tool, path, *settings).astype(int)
                want = reference(path, *settings).astype(int)
                difference = int(abs(got - want).max())
                count += 1
                worst = max(worst, difference)
                if difference > 0:
                    unequal += 1
                    print(f"{path.name} {settings}: differs by up to {difference}")
    print(f"{count} crops of {len(paths)} images, {unequal} unequal, largest difference {worst}")
    return 1 if unequal else 0


if __name__ == "__main__":
    sys.exit(main())
