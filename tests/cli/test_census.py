"""`larq-bvit census`."""

import tensorflow as tf


def tflite(path):
    """A stock .tflite with one layer in float."""
    x = tf.keras.Input((4, 4, 3), 1)
    y = tf.keras.layers.Conv2D(2, 1, name="pointwise")(x)
    model = tf.keras.Model(x, tf.keras.layers.MaxPooling2D(2)(y))
    path.write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    return path


def test_text_and_json_say_the_same(run, run_json, tmp_path):
    file = tflite(tmp_path / "x.tflite")
    shown = run_json("census", file)
    assert shown["operators"] == {"CONV_2D": 1, "MAX_POOL_2D": 1} and shown["float_macs"] == 16 * 6
    assert shown["size"] == file.stat().st_size
    text = run("census", file).stdout
    assert (
        "pointwise" in text
        and "100.00%" in text
        and "2 operators: CONV_2D 1, MAX_POOL_2D 1" in text
    )
    assert f"{shown['size']:,}" in text


def test_other_files_are_refused(fails, tmp_path):
    assert "No such file" in fails("census", tmp_path / "missing.tflite")[0]
    (tmp_path / "x.tflite").write_bytes(b"hello, hello")
    assert "expected a .tflite" in fails("census", tmp_path / "x.tflite")[0]
