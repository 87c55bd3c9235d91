"""Reading what a run has written of its epochs."""

import numpy as np
import pytest

from larq_bvit.train.run_history import load_history

TEXT = "epoch,step,loss,val_accuracy\n1,10,2.5,0.25\n2,20,1.5,0.75\n3,30,1.25,\n"


def test_columns_and_the_best(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text(TEXT)
    history = load_history(path)
    assert len(history) == 3 and list(history.columns) == TEXT.splitlines()[0].split(",")
    np.testing.assert_array_equal(history.columns["val_accuracy"], [0.25, 0.75, np.nan])
    assert history.best() == (1, "val_accuracy")
    path.write_text(TEXT.replace("val_accuracy", "accuracy"))
    assert load_history(path).best() == (2, "loss")
    path.write_text(TEXT.replace("val_accuracy", "val_loss"))
    assert load_history(path).best() == (0, "val_loss")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty: expected a line of names"),
        ("epoch,loss\n", "is empty: expected a line of names"),
        (TEXT[:-8], "line 4 of .* is cut off$"),
        (TEXT[:-1], "line 4 of .* is cut off$"),
        (TEXT.replace("2,20,1.5,0.75", "2,20"), "line 3 of .* expected 4 values, got 2"),
        (TEXT.replace("1.5", "high"), "line 3 of .*: could not convert string to float: 'high'"),
        ("step,loss\n1,2\n", "expected a column 'epoch' in .*; got step, loss"),
    ],
)
def test_damage(tmp_path, text, message):
    path = tmp_path / "history.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        load_history(path)


def test_no_text_and_no_file(tmp_path):
    path = tmp_path / "history.csv"
    with pytest.raises(ValueError, match="no history at .*finished its first epoch"):
        load_history(path)
    path.write_bytes(b"\xff\xfe\x00epoch")
    with pytest.raises(ValueError, match="is no CSV file"):
        load_history(path)
