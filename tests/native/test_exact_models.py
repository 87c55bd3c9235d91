"""The exact mode on files of LCE's converter: whole binary graphs, and each node of a model."""

import larq as lq
import larq_compute_engine as lce
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.convert.tflite import flatbuffer
from tests.convert.small import raw_lce, small
from tests.native.graph_writer import GraphWriter
from tests.native.stock import assert_equal_bits, load, run, run_lce

L = tf.keras.layers
DTYPES = {0: np.float32, 2: np.int32, 6: np.bool_, 9: np.int8}


def binary_conv(filters, kernel, **arguments):
    return lq.layers.QuantConv2D(
        filters,
        kernel,
        input_quantizer="ste_sign",
        kernel_quantizer="ste_sign",
        kernel_constraint="weight_clip",
        use_bias=False,
        **arguments,
    )


def norm(x, seed):
    """A batch norm as after training, so that thresholds and biases differ per channel."""
    rng = np.random.default_rng(seed)
    layer = L.BatchNormalization()
    y = layer(x)
    n = x.shape[-1]
    layer.set_weights(
        [rng.normal(size=n), rng.normal(size=n), rng.normal(size=n), rng.random(n) + 1]
    )
    return y


def all_binary(size, channels, layers, activation=None):
    """Convolutions with batch norms, signs in between: nothing but LCE's operators."""
    x = inputs = L.Input((*size, channels))
    for number, layer in enumerate(layers):
        x = norm(layer(x), number)
        if activation and number + 1 < len(layers):
            x = L.Activation(activation)(x)
    return tf.keras.Model(inputs, x)


def pooled():
    """Max pooling of signs, which LCE does on bits."""
    x = inputs = L.Input((12, 13, 40))
    x = norm(binary_conv(70, 3, padding="same", pad_values=1.0)(x), 0)
    x = L.MaxPool2D((3, 2), 2, padding="same")(x)
    return tf.keras.Model(inputs, norm(binary_conv(33, 2)(x), 1))


MODELS = {
    "plain": lambda: all_binary((7, 6), 33, [binary_conv(64, 1), binary_conv(20, 1)]),
    "strides": lambda: all_binary(
        (13, 10),
        64,
        [
            binary_conv(40, 3, strides=2, padding="same"),
            binary_conv(32, 3, strides=(1, 2), padding="same", pad_values=1.0),
            binary_conv(9, 2),
        ],
    ),
    "dilated": lambda: all_binary(
        (11, 12), 32, [binary_conv(64, 3, dilation_rate=2), binary_conv(8, 3, padding="same")]
    ),
    "groups": lambda: all_binary(
        (6, 6), 128, [binary_conv(64, 3, groups=2), binary_conv(128, 1, groups=2)]
    ),
    "pooled": pooled,
}


@pytest.mark.parametrize("name", MODELS)
def test_all_binary(library, name):
    """Every instruction set runs these elsewhere; here it is the converter's own files."""
    tf.keras.utils.set_random_seed(0)
    model = MODELS[name]()
    tflite = lce.convert_keras_model(model)
    operators = set(flatbuffer.count_ops(tflite))
    assert operators <= {"LceQuantize", "LceBconv2d", "LceBMaxPool2d"}
    kernel = {"use_indirect_bgemm": True} if name == "groups" else {}
    for batch in (1, 3):
        x = np.random.default_rng(batch).normal(size=(batch, *model.input_shape[1:]))
        x = x.astype(np.float32)
        want = [run_lce(tflite, image[None], **kernel)[0] for image in x]
        assert_equal_bits(run(load(library, tflite, exact=1), x), [np.concatenate(want)])


def test_int8_input(library):
    """LceQuantize reads int8; the converter writes no int8 behind a binary convolution itself."""
    tf.keras.utils.set_random_seed(0)
    tflite = lce.convert_keras_model(
        pooled(), inference_input_type=tf.int8, experimental_default_int8_range=(-6.0, 6.0)
    )
    x = np.random.default_rng(0).integers(-128, 128, (1, 12, 13, 40), np.int8)
    interpreter = load(library, tflite, exact=1)
    assert interpreter.get_input_details()[0]["dtype"] == np.int8
    assert_equal_bits(run(interpreter, x), run_lce(tflite, x))


def node_files(tflite):
    """A file for each of a model's LCE nodes, with its constants and its shapes."""
    model = flatbuffer.load(tflite)
    (graph,) = model.subgraphs
    for node in graph.operators:
        name = flatbuffer.operator_name(model.operatorCodes[node.opcodeIndex])
        if not name.startswith("Lce"):
            continue
        writer = GraphWriter()

        def copy(index, writer=writer):
            if index < 0:
                return -1
            tensor = graph.tensors[index]
            data = model.buffers[tensor.buffer].data
            if data is None:
                return writer.tensor(tensor.shape, DTYPES[tensor.type])
            array = np.frombuffer(bytes(data), DTYPES[tensor.type])
            return writer.constant(array.reshape(tensor.shape))

        source, *constants = map(copy, node.inputs)
        target = copy(node.outputs[0])
        options = b"" if node.customOptions is None else bytes(node.customOptions)
        writer.custom(name, [source, *constants], [target], options)
        tensor = graph.tensors[node.inputs[0]]
        yield name, writer.tflite([source], [target]), tuple(tensor.shape), DTYPES[tensor.type]


def test_each_node_of_a_model(library):
    """Node by node: builtin operators round differently in LCE's runtime and in this one."""
    rng, seen = np.random.default_rng(0), []
    for name, tflite, shape, dtype in node_files(raw_lce(small())):
        if dtype == np.float32:
            x = rng.normal(size=shape).astype(dtype)
        else:  # whole words: 64 channels throughout
            x = rng.integers(-(2**31), 2**31, shape, dtype)
        assert_equal_bits(run(load(library, tflite, exact=1), x), run_lce(tflite, x))
        seen.append(name)
    assert seen.count("LceBconv2d") == 2 and seen.count("LceQuantize") == 2


def test_whole_model(library):
    """With builtin operators between: the last bits of floats may differ, not more."""
    tflite = raw_lce(small())
    x = np.random.default_rng(0).normal(size=(1, 16, 12, 3)).astype(np.float32)
    (got,), (want,) = run(load(library, tflite, exact=1), x), run_lce(tflite, x)
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)
