#!/usr/bin/env python3
"""Writes small pictures of every kind, and what Pillow makes of them: expected.txt, lines of
`file mode resize crop height width` and the pixels in hexadecimal, one plane after the other.

Run in this folder with Debian 12's python3-pil (Pillow 9.4) and python3-numpy: python3 make.py
Resizing to one number and cropping follow the text of torchvision's Resize and CenterCrop.
"""
import struct
import zlib

import numpy as np
from PIL import Image

RANDOM = np.random.default_rng(7)
WIDTH, HEIGHT = 7, 5


def noise(*shape: int) -> np.ndarray:
    return RANDOM.integers(0, 256, shape, dtype=np.uint8)


def png(name: str, width: int, depth: int, kind: int, row_bytes: int) -> None:
    """Writes a PNG of a kind that Pillow doesn't write."""

    def chunk(tag: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))

    rows = b"".join(b"\0" + noise(row_bytes).tobytes() for _ in range(HEIGHT))
    header = struct.pack(">IIBBBBB", width, HEIGHT, depth, kind, 0, 0, 0)
    with open(name, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
                   chunk(b"gAMA", struct.pack(">I", 45455)) +
                   chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write_pictures() -> list[str]:
    picture = Image.fromarray(noise(HEIGHT, WIDTH, 3))
    palette = picture.convert("P", palette=Image.ADAPTIVE, colors=20)
    colours = Image.fromarray(noise(HEIGHT, WIDTH, 4), "RGBA")
    smooth = Image.fromarray(noise(4, 6, 3)).resize((19, 13), Image.BICUBIC)
    files = {
        "rgb.png": (picture, {}),
        "grey.png": (picture.convert("L"), {}),
        "black-and-white.png": (picture.convert("1"), {}),
        "palette.png": (palette, {}),
        "palette-2-bit.png": (picture.convert("P", palette=Image.ADAPTIVE, colors=4), {"bits": 2}),
        "palette-transparent.png": (palette, {"transparency": 3}),
        "alpha.png": (colours, {}),
        "grey-alpha.png": (colours.convert("LA"), {}),
        "rgb-transparent.png": (picture, {"transparency": (1, 2, 3)}),
        "grey-16-bit.png": (Image.fromarray(RANDOM.integers(0, 600, (HEIGHT, WIDTH)).astype(np.uint16)), {}),
        "ycc.jpg": (smooth, {"quality": 90}),
        "ycc-444.jpg": (smooth, {"quality": 95, "subsampling": 0}),
        "progressive.JPEG": (smooth, {"quality": 90, "progressive": True}),
        "grey.jpg": (smooth.convert("L"), {}),
        "cmyk.jpg": (smooth.convert("CMYK"), {}),
    }
    for name, (image, options) in files.items():
        image.save(name, **options)
    png("rgb-16-bit.png", WIDTH, 16, 2, 6 * WIDTH)
    png("alpha-16-bit.png", WIDTH, 16, 6, 8 * WIDTH)
    png("grey-4-bit.png", 8, 4, 0, 4)
    png("grey-2-bit.png", 8, 2, 0, 2)
    return sorted([*files, "rgb-16-bit.png", "alpha-16-bit.png", "grey-4-bit.png", "grey-2-bit.png"])


def resized(image: Image.Image, size: str) -> Image.Image:
    if size == "-":
        return image
    if "x" in size:
        height, width = map(int, size.split("x"))
        return image.resize((width, height), Image.BILINEAR)
    side, (width, height) = int(size), image.size
    if width <= height:
        return image.resize((side, int(side * height / width)), Image.BILINEAR)
    return image.resize((int(side * width / height), side), Image.BILINEAR)


def cropped(image: Image.Image, size: str) -> Image.Image:
    if size == "-":
        return image
    height, width = map(int, size.split("x")) if "x" in size else (int(size), int(size))
    old_width, old_height = image.size
    if width > old_width or height > old_height:
        padded = Image.new(image.mode, (max(width, old_width), max(height, old_height)))
        padded.paste(image, (max(0, (width - old_width) // 2), max(0, (height - old_height) // 2)))
        image, (old_width, old_height) = padded, padded.size
    top, left = int(round((old_height - height) / 2.0)), int(round((old_width - width) / 2.0))
    return image.crop((left, top, left + width, top + height))


def main() -> None:
    with open("expected.txt", "w") as expected:

        def tell(name: str, mode: str, resize: str = "-", crop: str = "-") -> None:
            image = cropped(resized(Image.open(name).convert(mode), resize), crop)
            planes = np.asarray(image)
            planes = planes.transpose(2, 0, 1) if mode == "RGB" else planes
            print(name, mode, resize, crop, image.height, image.width, planes.tobytes().hex(), file=expected)

        for name in write_pictures():
            tell(name, "RGB")
            tell(name, "L")
        for resize in ["3", "5", "9", "2x11", "11x2", "1x1", "5x7"]:
            tell("rgb.png", "RGB", resize)
        tell("ycc.jpg", "RGB", "8", "8")
        tell("ycc.jpg", "RGB", "11", "4x12")
        for crop in ["2", "3", "4", "4x2", "9", "8x3", "3x10"]:
            tell("rgb.png", "L", "-", crop)


main()
