"""Metadata and appended files."""

from io import BytesIO
from zipfile import ZipFile

import tensorflow as tf

from larq_bvit import convert

L = tf.keras.layers


def small() -> bytes:
    x = L.Input((4, 4, 32), 1)
    model = tf.keras.Model(x, L.Conv2D(8, 1)(x))
    return tf.lite.TFLiteConverter.from_keras_model(model).convert()


def test_files_in_an_appended_zip_are_attached():
    tflite = small()
    plain, file = convert.census(tflite), BytesIO(tflite)
    file.seek(0, 2)
    with ZipFile(file, "a") as archive:
        archive.writestr("labels.txt", "cat\ndog\n")
        archive.writestr("more/labels.txt", "Katze\nHund\n")
    count = convert.census(file.getvalue())
    assert count.attached == plain.attached + len(file.getvalue()) - len(tflite)
    assert (count.constants, count.graph) == (plain.constants, plain.graph)
    assert 0 < plain.attached < 300  # what the converter says of itself
    assert count.size == len(file.getvalue())


def test_bytes_that_only_end_as_a_zip_are_no_attachment():
    tflite = small()
    end = b"PK\5\6" + bytes(4) + b"\x01\x00\x01\x00" + b"\x2e\0\0\0\0\0\0\0" + bytes(2)
    count, plain = convert.census(tflite + end), convert.census(tflite)
    assert (count.attached, count.graph) == (plain.attached, plain.graph + len(end))
