#!/usr/bin/python3
"""Tests of data sets and of what training does to images; a second.

Run: tools/train/test_data.py
"""

import gzip
import pickle
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy
import torch

import augment
import cifar10
import data


class DataSet(unittest.TestCase):
    def message_for(self, content: bytes) -> str:
        with tempfile.TemporaryDirectory() as folder:
            if content:
                (Path(folder) / "t10k-images-idx3-ubyte.gz").write_bytes(content)
            with self.assertRaises(data.DataError) as caught:
                data.load("fashion-mnist", Path(folder), "test")
        return str(caught.exception)

    def test_a_missing_a_wrong_and_a_short_file_each_get_one_clear_line(self) -> None:
        self.assertIn("no such file", self.message_for(b""))
        self.assertIn("cannot read", self.message_for(b"plain text"))
        labels = gzip.compress(b"\0\0\x08\x01" + bytes(12))
        self.assertIn("expected 00 00 08 03", self.message_for(labels))
        short = gzip.compress(b"\0\0\x08\x03" + b"\0\0\0\x02" + b"\0\0\0\x1c" * 2 + bytes(100))
        self.assertIn("promises 2 x 28 x 28", self.message_for(short))

    def test_batches_are_read_in_both_forms_and_hostile_pickles_are_not(self) -> None:
        images = numpy.random.default_rng(1).integers(0, 256, (3, 3, 32, 32), numpy.uint8)
        labels = numpy.array([3, 1, 4], numpy.uint8)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "a.bin").write_bytes(cifar10.to_bytes(images, labels))
            batch = {b"data": images.reshape(3, -1), b"labels": labels.tolist()}
            (folder / "b").write_bytes(pickle.dumps(batch, protocol=2))
            for form in ("a", "b"):
                found, known = cifar10.read_batch(folder, form, data.DataError)
                numpy.testing.assert_array_equal(found, images)
                numpy.testing.assert_array_equal(known, labels)
            (folder / "c").write_bytes(b"\x80\x02cposix\nsystem\nX\x04\0\0\0echo\x85R.")
            with self.assertRaisesRegex(data.DataError, "posix.system is no part"):
                cifar10.read_batch(folder, "c", data.DataError)
            (folder / "d.bin").write_bytes(bytes(3000))
            with self.assertRaisesRegex(data.DataError, "expected a multiple of 3073"):
                cifar10.read_batch(folder, "d", data.DataError)
            with self.assertRaisesRegex(data.DataError, "get_cifar10"):
                cifar10.read_batch(folder, "e", data.DataError)


class Augmentation(unittest.TestCase):
    def test_batches_that_are_all_there_are_not_fetched_again(self) -> None:
        script = Path(__file__).with_name("get_cifar10")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            command = [sys.executable, str(script), "--folder", name, "--package", str(folder / "no.tgz")]
            for batch in (*cifar10.TRAINING, cifar10.TEST):
                with (folder / f"{batch}.bin").open("wb") as file:
                    file.truncate(10_000 * cifar10.RECORD)
            done = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout), (0, f"{folder}: all there already\n"))
            with (folder / "test_batch.bin").open("r+b") as file:
                file.truncate(9_999 * cifar10.RECORD)
            done = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual(done.returncode, 1)
            self.assertIn("no.tgz", done.stderr)

    def test_cut_out_blackens_one_square_as_far_as_it_is_inside(self) -> None:
        images = torch.full((200, 3, 32, 32), 9, dtype=torch.uint8)
        cut = augment.cut_out(images, 8, torch.Generator().manual_seed(1))
        black = (cut == 0).all(dim=1)
        self.assertTrue(torch.equal(black, (cut == 0).any(dim=1)))
        for one in black:
            rows, columns = one.any(dim=1).sum().item(), one.any(dim=0).sum().item()
            self.assertEqual(one.sum().item(), rows * columns)
            self.assertTrue(4 <= rows <= 8 and 4 <= columns <= 8)

    def test_images_are_moved_by_up_to_the_shift_and_half_are_mirrored(self) -> None:
        image = torch.zeros(1, 3, 32, 32, dtype=torch.uint8)
        image[0, :, 10, 5] = 1
        moved = augment.mirror_and_shift(image.expand(400, -1, -1, -1), 2,
                                         torch.Generator().manual_seed(1))
        places = {tuple(place[2:].tolist()) for place in moved[:, :1].nonzero()}
        rows = set(range(8, 13))
        expected = {(row, column) for row in rows for column in (*range(3, 8), *range(24, 29))}
        self.assertEqual(places, expected)


if __name__ == "__main__":
    unittest.main()
