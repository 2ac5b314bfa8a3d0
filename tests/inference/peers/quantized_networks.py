"""Networks whose weights are codes in the file; make_networks.py calls what is here."""

from pathlib import Path
from typing import Optional

import numpy as np
import onnx
from onnx import TensorProto as T

from graph import Graph

UINT4, INT4 = 21, 22  # types of ONNX that the library is too old to name


def tensor_of_4_bits(codes: np.ndarray, type: int) -> onnx.TensorProto:
    """Packs codes two to a byte, the first in the low half."""
    halves = (codes.ravel() & 15).astype(np.uint8)
    halves = np.append(halves, np.zeros(len(halves) % 2, np.uint8))
    return onnx.TensorProto(data_type=type, dims=codes.shape, raw_data=(halves[::2] | halves[1::2] << 4).tobytes())


# --- Quantised networks: QuantizeLinear (Q) and DequantizeLinear (DQ).


class QuantizedGraph(Graph):
    """A network whose weights are codes in the file, and whose activations pass Q and DQ where it says so."""

    def __init__(self, name: str, opset: int = 13, ir: int = 7, shape: tuple = ("N", 3, 8, 8)) -> None:
        super().__init__(name, opset, ir, shape)
        self.code = np.uint8  # type of the codes of activations

    def activation(self, x: str, low: float, high: float, clip: Optional[tuple] = None) -> str:
        """Adds Q and DQ with a range of [low, high]; `clip` bounds the codes between them."""
        limits = np.iinfo(self.code)
        scale = np.float32((high - low) / (int(limits.max) - int(limits.min)))
        zero = self.code(round(int(limits.min) - low / scale))
        codes = self("QuantizeLinear", x, scale, zero)
        if clip:
            codes = self("Clip", codes, *(self.code(c) for c in clip))
        return self("DequantizeLinear", codes, scale, zero)

    def codes(self, w: np.ndarray, bits: int, signed: bool, axis: Optional[int]) -> str:
        """Adds DQ of the codes of `w`: signed ones are symmetric, unsigned ones have a zero point of their own."""
        others = None if axis is None else tuple(i for i in range(w.ndim) if i != axis)
        low, high = w.min(others, keepdims=True), w.max(others, keepdims=True)
        if signed:
            scale, zero = np.maximum(-low, high) / (2 ** (bits - 1) - 1), np.zeros_like(low)
        else:
            scale = (high - low) / (2**bits - 1)
            zero = np.round(-low / scale)
        least, most = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
        q = np.clip(np.round(w / scale) + zero, least, most).astype(np.int32)
        shape = (-1,) if axis is not None else ()
        scale, zero = scale.reshape(shape).astype(np.float32), zero.reshape(shape).astype(np.int32)
        self.last_scale = scale
        if bits == 4:
            type = INT4 if signed else UINT4
            tensors = tensor_of_4_bits(q, type), tensor_of_4_bits(zero, type)
        else:
            type = np.dtype(f"{'' if signed else 'u'}int{bits}")
            tensors = q.astype(type), zero.astype(type)
        axis_attribute = {} if axis is None else {"axis": axis}
        return self("DequantizeLinear", tensors[0], scale, tensors[1], **axis_attribute)

    def bias(self, b: np.ndarray, input_scale: float) -> str:
        """Adds DQ of an int32 bias whose scale is that of the input times that of the weights."""
        scale = (self.last_scale * np.float32(input_scale)).astype(np.float32)
        axis = {"axis": 0} if scale.ndim else {}
        return self("DequantizeLinear", np.round(b / scale).astype(np.int32), scale, **axis)


def quantized(folder: Path) -> None:
    def weights_only(name: str, opset: int, ir: int, bits: int, signed: bool, axis: Optional[int]) -> None:
        g = QuantizedGraph(name, opset, ir)
        x = g("Relu", g("Conv", "x", g.codes(g.weights(8, 3, 3, 3), bits, signed, axis), g.weights(8)))
        x = g("Flatten", g("GlobalAveragePool", x))
        g.save(folder, g("Gemm", x, g.codes(g.weights(5, 8), bits, signed, axis), g.weights(5), transB=1))

    weights_only("qdq-weights-int8", 10, 5, 8, True, None)
    weights_only("qdq-weights-uint8", 13, 7, 8, False, None)
    weights_only("qdq-weights-int8-channel", 13, 7, 8, True, 0)
    weights_only("qdq-weights-uint8-channel", 19, 9, 8, False, 0)
    weights_only("qdq-weights-int4", 21, 10, 4, True, None)
    weights_only("qdq-weights-int4-channel", 23, 11, 4, True, 0)
    weights_only("qdq-weights-uint4", 21, 10, 4, False, None)
    weights_only("qdq-weights-uint4-channel", 21, 10, 4, False, 0)
    weights_only("qdq-weights-int16", 21, 10, 16, True, 0)

    g = QuantizedGraph("qdq-weights-int4-blocks", 21, 10, ("N", 16))
    codes = tensor_of_4_bits(g.rng.integers(-8, 8, (16, 8)), INT4)
    w = g("DequantizeLinear", codes, g.between(0.02, 0.1, 4, 8), axis=0, block_size=4)
    g.save(folder, g("MatMul", g("Relu", g("MatMul", "x", w)), g.weights(8, 5)))

    g = QuantizedGraph("qdq-kernel-axis-1", 13, 7)
    kernel = g("Transpose", g.codes(g.weights(3, 8, 3, 3), 8, True, 1), perm=[1, 0, 2, 3])
    g.save(folder, g.head(g("Relu", g("Conv", "x", kernel))))

    g = QuantizedGraph("qdq-codes-transposed", 21, 10)
    codes = tensor_of_4_bits(g.rng.integers(-8, 8, (8, 5)), INT4)
    w = g("DequantizeLinear", g("Transpose", codes, perm=[1, 0]), g.between(0.02, 0.1, 5), axis=0)
    x = g("Flatten", g("GlobalAveragePool", g("Relu", g.conv("x"))))
    g.save(folder, g("Gemm", x, w, transB=1))

    g = QuantizedGraph("qdq-weights-fake-quantised", 13, 7)
    w, scale = g.initializer(g.weights(8, 3, 3, 3)), g.between(0.005, 0.02, 8)
    zero = g.rng.integers(-20, 20, 8).astype(np.int8)
    w = g("DequantizeLinear", g("QuantizeLinear", w, scale, zero, axis=0), scale, zero, axis=0)
    g.save(folder, g.head(g("Relu", g("Conv", "x", w))))

    g = QuantizedGraph("qdq-weights-reshaped", 13, 7)
    w = g("Reshape", g.codes(g.weights(8, 27), 8, True, 0), [8, 3, 3, 3])
    g.save(folder, g.head(g("Relu", g("Conv", "x", w))))

    # Codes that exporters leave to be computed: Q of float weights, Clip to 6 bits (Brevitas), DQ.
    for name, axis in (("qdq-kernel-clipped", {}), ("qdq-kernel-clipped-channel", {"axis": 0})):
        g = QuantizedGraph(name, 13, 7)
        scale = g.between(0.005, 0.02, 8) if axis else np.float32(0.01)
        zero = np.zeros(np.shape(scale), np.int8)
        codes = g("QuantizeLinear", g.weights(8, 3, 3, 3), scale, zero, **axis)
        codes = g("Clip", codes, np.int8(-31), np.int8(31))
        x = g.activation("x", -1, 1)
        x = g("Conv", x, g("DequantizeLinear", codes, scale, zero, **axis))
        g.save(folder, g.head(g.activation(g("Relu", x), 0, 2, clip=(0, 15))))

    def whole(
        name: str, opset: int, ir: int, code: type, axis: Optional[int], signed: bool = True, coarse: bool = False
    ) -> None:
        """A residual network as static quantisers write it: activations, with `coarse` also the
        outputs, are quantised, biases are int32."""
        g = QuantizedGraph(name, opset, ir)
        g.code = code
        levels = float(np.iinfo(code).max) - float(np.iinfo(code).min)

        def conv(x: str, inputs: int, outputs: int, high: float, low: float, size: int = 3, **attributes) -> str:
            w = g.codes(g.weights(outputs, inputs // attributes.get("group", 1), size, size), 8, signed, axis)
            b = g.bias(g.weights(outputs), (high - low) / levels)
            return g("Conv", x, w, b, pads=[size // 2] * 4, **attributes)

        x = g.activation("x", -1, 1)
        x = g.activation(g("Relu", conv(x, 3, 8, 1, -1)), 0, 2)
        y = g.activation(g("Relu", conv(x, 8, 8, 2, 0, group=8)), 0, 2)
        y = g.activation(conv(y, 8, 8, 2, 0, size=1), -2, 2)
        x = g.activation(g("Add", x, y), -2, 4)
        x = g.activation(g("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]), -2, 4)
        # Another range than that of its input: the mean of 16 codes would lie between two codes once in 16 times, and
        # which of them it becomes would be that of the order of additions.
        x = g.activation(g("GlobalAveragePool", x), -1.7, 3.1)
        x = g.activation(g("Flatten", x), -1.7, 3.1)
        w = g.codes(g.weights(20, 8), 8, signed, axis)
        x = g("Gemm", x, w, g.bias(g.weights(20), 4.8 / levels), transB=1)
        g.save(folder, g.activation(x, -4, 4) if coarse else x)

    whole("qdq-uint8-int8-channel", 13, 7, np.uint8, 0)
    whole("qdq-uint8-int8", 15, 8, np.uint8, None)
    whole("qdq-int8-int8", 17, 8, np.int8, None, coarse=True)
    whole("qdq-uint8-uint8", 19, 9, np.uint8, None, signed=False)
    whole("qdq-int8-uint8-channel", 20, 9, np.int8, 0, signed=False)
    whole("qdq-int16-int8", 21, 10, np.int16, 0)
    whole("qdq-uint16-int8", 21, 10, np.uint16, 0)
    whole("qdq-int8-int8-channel", 25, 13, np.int8, 0)

    g = QuantizedGraph("qdq-matmul", 13, 7, ("N", 16))
    x = g.activation("x", -1, 1)
    x = g("Add", g("MatMul", x, g.codes(g.weights(16, 12, fan_in=16), 8, True, 1)), g.weights(12))
    x = g.activation(g("Sigmoid", x), 0, 1)
    g.save(folder, g("Softmax", g.activation(g("MatMul", x, g.codes(g.weights(12, 5), 8, True, None)), -3, 3), axis=-1))

    g = QuantizedGraph("qdq-deconv", 13, 7)
    x = g.activation(g("Relu", g.conv(g.activation("x", -1, 1), strides=[2, 2])), 0, 2)
    x = g("ConvTranspose", x, g.codes(g.weights(8, 3, 2, 2), 8, True, None), strides=[2, 2])
    g.save(folder, g.activation(x, -2, 2))

    g = QuantizedGraph("qdq-activations-per-channel", 13, 7)
    x = g.conv("x")
    scale, zero = g.between(0.01, 0.03, 8), g.rng.integers(100, 150, 8).astype(np.uint8)
    x = g("DequantizeLinear", g("QuantizeLinear", x, scale, zero, axis=1), scale, zero, axis=1)
    g.save(folder, g.head(x))

    g = QuantizedGraph("qdq-output-dtype", 21, 10)  # the type of the codes is an attribute, without a zero point
    x = g("DequantizeLinear", g("QuantizeLinear", g.conv("x"), np.float32(0.02), output_dtype=T.INT8), np.float32(0.02))
    g.save(folder, g.head(x))

    g = QuantizedGraph("qdq-no-zero-point", 13, 7)
    x = g("DequantizeLinear", g("QuantizeLinear", g("Relu", g.conv("x")), np.float32(0.01)), np.float32(0.01))
    g.save(folder, g.head(x))


def integer_operators(folder: Path) -> None:
    """Operators that compute with codes, as static (QLinear...) and dynamic quantisers write them."""

    def coded(w: np.ndarray, axes: Optional[tuple]) -> tuple:
        scale = (np.abs(w).max(axes, keepdims=True) / 127).astype(np.float32)
        return np.round(w / scale).astype(np.int8), scale.reshape(-1 if axes else ())

    for name, axes in (("qop-conv", None), ("qop-conv-channel", (1, 2, 3))):
        g = QuantizedGraph(name, 13, 7)
        scale, zero, out_scale, out_zero = np.float32(2 / 255), np.uint8(128), np.float32(6 / 255), np.uint8(127)
        w, w_scale = coded(g.weights(8, 3, 3, 3), axes)
        bias = np.round(g.weights(8) / (scale * w_scale)).astype(np.int32)
        codes = g("QuantizeLinear", "x", scale, zero)
        zeros = np.zeros(w_scale.shape, np.int8)
        codes = g("QLinearConv", codes, scale, zero, w, w_scale, zeros, out_scale, out_zero, bias, pads=[1] * 4)
        g.save(folder, g.head(g("DequantizeLinear", codes, out_scale, out_zero)))

    g = QuantizedGraph("qop-matmul", 13, 7, ("N", 16))
    w, w_scale = coded(g.weights(16, 12, fan_in=16), None)
    scale, zero = np.float32(2 / 255), np.uint8(120)
    codes = g("QLinearMatMul", g("QuantizeLinear", "x", scale, zero), scale, zero, w, w_scale, np.int8(3), scale, zero)
    g.save(folder, g("DequantizeLinear", codes, scale, zero))

    g = QuantizedGraph("qop-dynamic-conv", 13, 7, (1, 3, 8, 8))
    w, w_scale = coded(g.weights(8, 3, 3, 3), None)
    codes, scale, zero = g("DynamicQuantizeLinear", "x", outputs=3)
    sums = g("Cast", g("ConvInteger", codes, w, zero, np.int8(0), pads=[1] * 4), to=T.FLOAT)
    g.save(folder, g.head(g("Mul", sums, g("Mul", scale, w_scale))))

    g = QuantizedGraph("qop-dynamic-matmul", 13, 7, (1, 16))
    w, w_scale = coded(g.weights(16, 12, fan_in=16), None)
    codes, scale, zero = g("DynamicQuantizeLinear", "x", outputs=3)
    sums = g("Cast", g("MatMulInteger", codes, w, zero, np.int8(2)), to=T.FLOAT)
    g.save(folder, g("Relu", g("Mul", sums, g("Mul", scale, w_scale))))
