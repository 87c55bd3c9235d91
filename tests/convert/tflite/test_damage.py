"""Damaged files."""

import random
from io import BytesIO
from zipfile import ZipFile

import pytest
import tensorflow as tf

from larq_bvit import convert, layers

L = tf.keras.layers


def half_float() -> bytes:
    """A small file with a binary layer, a float layer and a zip."""
    x = L.Input((5, 4, 32), 1)
    y = L.Dense(3)(layers.binary_conv(8, 3)(x))
    file = BytesIO(convert.to_tflite(tf.keras.Model(x, y)))
    file.seek(0, 2)
    with ZipFile(file, "a") as archive:
        archive.writestr("labels.txt", "cat")
    return file.getvalue()


def test_damaged_files_are_a_value_error():
    """Or a file that can still be counted: then all its bytes are."""
    whole, rng = half_float(), random.Random(0)
    damaged = [whole[:length] for length in range(0, len(whole), 61)]
    for _ in range(400):
        flipped = bytearray(whole)
        for _ in range(rng.choice([1, 3, 9])):
            flipped[rng.randrange(len(whole))] = rng.randrange(256)
        damaged.append(bytes(flipped))
    refused = 0
    for content in damaged:
        try:
            assert convert.census(content).size == len(content)
        except ValueError as error:
            refused += 1
            assert "expected a .tflite" in str(error) or "damaged" in str(error)
    assert 50 < refused < len(damaged)


def test_what_it_refuses():
    with pytest.raises(ValueError, match="expected a .tflite"):
        convert.census(b"hello, hello")
    with pytest.raises(ValueError, match="damaged"):
        convert.census(half_float()[:1000])
