#!/usr/bin/python3
"""Writes the networks and images of the tests of the tasks mse and auc.

    make_task_models.py

makes beside itself an autoencoder, a regressor and a scorer of anomalies (autoencoder.onnx, regressor.onnx,
scorer.onnx), images with labels and targets (tasks.h5), and what numpy says about them without faults (tasks.txt).
All are least-squares solutions, so nothing is trained. Needs python3-onnx, python3-h5py and numpy.
"""

from pathlib import Path

import h5py
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).parent
SIDE = 8
COUNT = 96
HIDDEN = 6


def make_images(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Blobs of light, and among them blobs with a dark hole: bytes, labels (1: a hole), centres and brightness."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    images = np.empty((COUNT, 1, SIDE, SIDE), np.uint8)
    labels = (np.arange(COUNT) % 4 == 3).astype(np.int64)
    targets = np.empty((COUNT, 3), np.float32)
    for i in range(COUNT):
        centre = random.uniform(2, 5, 2)
        bright = random.uniform(0.5, 1)
        distance = (x - centre[0]) ** 2 + (y - centre[1]) ** 2
        image = bright * np.exp(-distance / 6)
        if labels[i]:
            image *= 1 - 0.7 * np.exp(-distance / 1.5)
        image += random.normal(0, 0.03, image.shape)
        images[i, 0] = np.clip(np.round(255 * image), 0, 255)
        targets[i] = (*centre, 10 * bright)
    return images, labels, targets


def write(name: str, nodes: list, weights: dict[str, np.ndarray], outputs: list[int]) -> None:
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, SIDE, SIDE])],
        [helper.make_tensor_value_info("result", TensorProto.FLOAT, [1, *outputs])],
        [numpy_helper.from_array(value, key) for key, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="make_task_models.py")
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, FOLDER / f"{name}.onnx")


def area(scores: np.ndarray, labels: np.ndarray) -> float:
    """Area under the ROC curve, by its trapezoids."""
    order = np.argsort(-scores, kind="stable")
    hits = np.concatenate([[0], np.cumsum(labels[order] == 1)]) / np.sum(labels == 1)
    alarms = np.concatenate([[0], np.cumsum(labels[order] == 0)]) / np.sum(labels == 0)
    return float(np.sum(np.diff(alarms) * (hits[1:] + hits[:-1]) / 2))


def main() -> None:
    images, labels, targets = make_images(np.random.default_rng(11))
    with h5py.File(FOLDER / "tasks.h5", "w", track_order=False) as file:
        for name, value in (("images", images), ("labels", labels), ("targets", targets)):
            file.create_dataset(name, data=value, track_times=False)

    pixels = images.reshape(COUNT, -1).astype(np.float64) / 255
    normal = pixels[labels == 0]
    mean = normal.mean(axis=0)
    basis = np.linalg.svd(normal - mean, full_matrices=False)[2][:HIDDEN]
    encode, decode = basis.T.astype(np.float32), basis.astype(np.float32)
    offset = (-mean @ basis.T).astype(np.float32)
    flat = helper.make_node("Flatten", ["image"], ["pixels"])
    write(
        "autoencoder",
        [
            flat,
            helper.make_node("Gemm", ["pixels", "encode", "offset"], ["code"]),
            helper.make_node("Gemm", ["code", "decode", "mean"], ["row"]),
            helper.make_node("Reshape", ["row", "shape"], ["result"]),
        ],
        {"encode": encode, "offset": offset, "decode": decode, "mean": mean.astype(np.float32),
         "shape": np.array([-1, 1, SIDE, SIDE], np.int64)},
        [1, SIDE, SIDE],
    )
    errors = np.mean(((pixels @ encode + offset) @ decode + mean - pixels) ** 2, axis=1)

    with_one = np.hstack([pixels, np.ones((COUNT, 1))])
    ridge = np.linalg.solve(with_one.T @ with_one + 0.3 * np.eye(with_one.shape[1]), with_one.T)
    solution = (ridge @ targets).astype(np.float32)
    write(
        "regressor",
        [flat, helper.make_node("Gemm", ["pixels", "weights", "bias"], ["result"])],
        {"weights": solution[:-1], "bias": solution[-1]},
        [3],
    )
    regressed = np.mean((with_one @ solution - targets) ** 2)

    scores = (ridge @ (4.0 * labels - 2)).astype(np.float32)
    write(
        "scorer",
        [
            flat,
            helper.make_node("Gemm", ["pixels", "weights", "bias"], ["score"]),
            helper.make_node("Sigmoid", ["score"], ["result"]),
        ],
        {"weights": scores[:-1, None], "bias": scores[-1:]},
        [1],
    )
    scored = 1 / (1 + np.exp(-(with_one @ scores)))
    with open(FOLDER / "tasks.txt", "w", encoding="ascii") as file:
        for name, value in (
            ("autoencoder_mse", errors.mean()),
            ("autoencoder_auc", area(errors, labels)),
            ("regressor_mse", regressed),
            ("scorer_mse", np.mean((scored - labels) ** 2)),
            ("scorer_auc", area(scored, labels)),
        ):
            file.write(f"{name} {value:.9g}\n")


if __name__ == "__main__":
    main()
