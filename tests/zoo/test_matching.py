"""What of a file goes where: names, shapes, position embeddings, classifiers."""

import logging

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.zoo.matching import fitting, leave_classifier, resample_position
from tests.layers.common import close


def test_resampling_keeps_what_is_linear():
    # bicubic interpolation at half pixels; away from the border, where it repeats pixels
    rows, columns = np.meshgrid(np.arange(8.0), np.arange(12.0), indexing="ij")
    position = np.stack([np.full((8, 12), 2.5), rows, rows - 3 * columns], -1)
    resampled = resample_position(position, (16, 24, 3))
    assert resampled.dtype == np.float64
    rows, columns = np.meshgrid(np.arange(16) / 2 - 0.25, np.arange(24) / 2 - 0.25, indexing="ij")
    expected = np.stack([np.full((16, 24), 2.5), rows, rows - 3 * columns], -1)
    inside = slice(4, -4)
    close(resampled[inside, inside], expected[inside, inside], rtol=1e-5, atol=1e-5)
    assert resample_position(position, (8, 12, 3)) is position
    with pytest.raises(ValueError, match=r"\(8, 12, 3\) do not fit \(8, 12, 4\)"):
        resample_position(position, (8, 12, 4))


def weights(classes=None, width=4):
    found = {"stem/kernel": np.zeros((3, width), "float32")}
    if classes is not None:
        found["classifier/kernel"] = np.zeros((width, classes), "float32")
        found["classifier/bias"] = np.zeros(classes, "float32")
    return found


@pytest.mark.parametrize(
    ("there", "here", "new", "loaded", "message"),
    [
        (5, 5, False, True, None),
        (5, 5, True, True, None),
        (5, 7, False, True, None),  # is refused later
        (5, 7, True, False, "classifier is new: 5 classes in the weights, 7 in the model"),
        (None, 7, True, False, "classifier is new: no classes in the weights, 7 in the model"),
        (None, 7, False, True, None),
        (5, None, False, False, "the classifier of the weights is skipped: the model has none"),
        (5, None, True, False, "the classifier of the weights is skipped: the model has none"),
        (None, None, True, True, None),
    ],
)
def test_leave_classifier(there, here, new, loaded, message, caplog):
    stored, variables = weights(there), weights(here)
    with caplog.at_level(logging.INFO):
        leave_classifier(stored, variables, new)
    assert caplog.messages == ([] if message is None else [message])
    assert stored.keys() == weights(there if loaded else None).keys()
    assert variables.keys() == weights(here if loaded else None).keys()


def test_other_classes_that_are_as_many(caplog):
    stored, variables = weights(5), weights(5)
    with pytest.raises(ValueError, match="of 5 other classes than the model's: expected new_class"):
        leave_classifier(stored, variables, False, other_classes=True)
    with caplog.at_level(logging.INFO):
        leave_classifier(stored, variables, True, other_classes=True)
    assert caplog.messages == ["classifier is new: 5 classes in the weights, 5 others in the model"]
    assert "classifier/kernel" not in variables and "classifier/kernel" not in stored


def test_a_classifier_of_another_width_is_not_left():
    stored, variables = weights(5), weights(5, width=8)
    leave_classifier(stored, variables, True)
    with pytest.raises(ValueError, match=r"classifier/kernel: expected floats \(8, 5\)") as error:
        fitting(stored, variables, "weight file")
    assert "new_classifier" not in str(error.value)


def test_fitting_names_the_way_out():
    with pytest.raises(
        ValueError,
        match="are of 5 classes, the model of 7: .*new_classifier=True. would keep the model's own",
    ):
        fitting(weights(5), weights(7), "weight file")


def test_fitting_lists_what_differs():
    with pytest.raises(
        ValueError, match=r"no weight file:\n  missing \(2\): classifier/bias, clas"
    ):
        fitting(weights(), weights(5), "weight file")
    stored = {"stem/kernel": np.zeros((3, 4), "int64")}
    with pytest.raises(
        ValueError, match=r"stem/kernel: expected floats \(3, 4\), got int64 \(3, 4"
    ):
        fitting(stored, weights(), "weight file")


@pytest.mark.parametrize("shape", [(4, 5), ()])
def test_fitting_names_no_way_out_that_is_none(shape):
    stored = weights(5) | {"classifier/kernel": np.zeros(shape, "S1")}
    with pytest.raises(ValueError) as error:
        fitting(stored, weights(5), "weight file")
    message = f"classifier/kernel: expected floats (4, 5), got |S1 {shape}"
    assert str(error.value) == f"mis-shaped:\n  {message}"


def test_positions_that_are_no_floats():
    stored = {"a/position/position": np.full((2, 4, 3), "x", "S1")}
    variables = {"a/position/position": tf.Variable(tf.zeros((4, 2, 3)))}
    with pytest.raises(ValueError, match=r"expected floats \(4, 2, 3\), got \|S1 \(2, 4, 3\)"):
        fitting(stored, variables, "")


def test_fitting_resamples_positions():
    stored = {"a/position/position": np.ones((2, 4, 3), "float32")}
    variables = {"a/position/position": tf.Variable(tf.zeros((4, 2, 3)))}
    assert fitting(stored, variables, "")["a/position/position"].shape == (4, 2, 3)
