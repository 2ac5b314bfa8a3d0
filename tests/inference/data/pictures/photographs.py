#!/usr/bin/env python3
"""Sums the pixels of the shared photographs, resized and cropped by Pillow: what picture_list_test expects.

Run in the folder of their labels.csv, with python3-pil and python3-numpy."""
import csv, numpy as np
from PIL import Image
total = weighted = 0
for i, (name, _) in enumerate(list(csv.reader(open("labels.csv")))[1:]):
    image = Image.open(name).convert("RGB")
    width, height = image.size
    short = min(width, height)
    image = image.resize((int(256 * width / short), int(256 * height / short)), Image.BILINEAR)
    width, height = image.size
    top, left = round((height - 224) / 2), round((width - 224) / 2)
    pixels = np.asarray(image.crop((left, top, left + 224, top + 224))).transpose(2, 0, 1).ravel().astype(np.int64)
    total += pixels.sum()
    weighted += (pixels * ((i + np.arange(pixels.size)) % 251)).sum()
print(total, weighted)
