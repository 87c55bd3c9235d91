"""docs/runtime.md and the README: their code runs, and no option or variable is missing."""

import re
from pathlib import Path

import numpy as np
import pytest

from larq_bvit import runtime
from larq_bvit.runtime.backend import backend
from larq_bvit.runtime.session import Session
from tests.delegate import needs_delegate, needs_lce

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "runtime.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def sources():
    native = [*(ROOT / "native").rglob("*.cc"), *(ROOT / "native").glob("*.py")]
    return [*native, *(ROOT / "larq_bvit" / "runtime").glob("*.py")]


def test_every_variable():
    text = "".join(path.read_text(encoding="utf-8") for path in sources())
    read = set(re.findall(r"""(?:getenv\(|environ(?:\.get)?[(\[]|VARIABLE = )"(\w+)""", text))
    ours = {name for name in read if name.startswith("LARQ_BVIT_")}
    assert {"LARQ_BVIT_DELEGATE", "LARQ_BVIT_ISA", "LARQ_BVIT_NATIVE"} <= ours
    assert {name for name in ours if f"`{name}" not in PAGE} == set()


@needs_delegate
def test_every_option():
    """The delegate lists its options where it refuses one."""
    with pytest.raises(ValueError) as error:
        Session(b"", backend(), {"colour": "1"}, threads=1, plain=False)
    _, _, names = str(error.value).partition("there are ")
    options = set(re.findall(r"\w+", names)) - {"and"}
    documented = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    assert options == documented


@needs_delegate
@needs_lce
def test_python_code_runs(tflites, images, tmp_path, monkeypatch):
    pytest.importorskip("ai_edge_litert")
    monkeypatch.chdir(tmp_path)
    Path("model.tflite").write_bytes(tflites[1])
    codes = re.findall(r"```python\n(.*?)```", PAGE + README, re.DOTALL)
    codes = [code for code in codes if "import runtime" in code]
    assert len(codes) == 3
    expected = runtime.Interpreter(tflites[1], threads=2).predict(images)
    for code in codes:
        names = {"images": images}
        exec(code, names)
        if "scores" in names:
            for got, wanted in zip(names["scores"], expected, strict=True):
                np.testing.assert_array_equal(got, wanted)
