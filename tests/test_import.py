"""What `import larq_bvit` does and refuses, each time in a fresh Python."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import larq_bvit
from larq_bvit import _extras

SHOW_KERAS = "import tensorflow as tf; tf.keras.layers; print(tf.keras.__name__)"


def run(code, **environment):
    """Runs `code` in a new process; TF_USE_LEGACY_KERAS is unset unless given."""
    inherited = {k: v for k, v in os.environ.items() if k != "TF_USE_LEGACY_KERAS"}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**inherited, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


def last_line(text):
    return text.strip().splitlines()[-1]


def test_selects_legacy_keras():
    result = run(f"import larq_bvit; {SHOW_KERAS}; import larq")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("tf_keras.")


@pytest.mark.parametrize("value", ["0", "false", "", "TRUE"])
def test_refuses_an_environment_that_asks_for_keras_3(value):
    result = run("import larq_bvit", TF_USE_LEGACY_KERAS=value)
    message = last_line(result.stderr)
    assert result.returncode == 1 and message.startswith("ImportError: ")
    assert f"TF_USE_LEGACY_KERAS={value!r}" in message and "set TF_USE_LEGACY_KERAS=1" in message


@pytest.mark.parametrize(
    "touch", ["", "tf.keras.layers; ", "os.environ['TF_USE_LEGACY_KERAS'] = '1'; "]
)
def test_refuses_tensorflow_with_keras_3(touch):
    result = run(f"import os; import tensorflow as tf; {touch}import larq_bvit")
    message = last_line(result.stderr)
    assert result.returncode == 1 and message.startswith("ImportError: "), result.stderr
    assert "import larq_bvit before tensorflow" in message
    assert "export TF_USE_LEGACY_KERAS=1" in message


def test_refuses_a_tf_keras_that_became_keras_3_later():
    code = "import os; import tensorflow as tf; del os.environ['TF_USE_LEGACY_KERAS']; "
    result = run(code + "tf.keras.layers; import larq_bvit", TF_USE_LEGACY_KERAS="1")
    assert result.returncode == 1
    assert "already been imported with Keras 3" in last_line(result.stderr)


@pytest.mark.parametrize("value", ["1", "true", "True"])
def test_accepts_tensorflow_with_legacy_keras(value):
    result = run(f"{SHOW_KERAS}; import larq_bvit", TF_USE_LEGACY_KERAS=value)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("tf_keras.")


def test_import_is_light():
    code = "import larq_bvit, sys; dir(larq_bvit); "
    heavy = "{'tensorflow', 'keras', 'tf_keras', 'larq', 'numpy', 'PIL'}"
    result = run(code + f"print(sorted({heavy} & set(sys.modules)))")
    assert result.stdout.strip() == "[]", result.stderr


def test_subpackages_are_lazy():
    result = run("import larq_bvit; print('zoo' in vars(larq_bvit), larq_bvit.zoo.__name__)")
    assert result.stdout.strip() == "False larq_bvit.zoo", result.stderr
    assert "zoo" in dir(larq_bvit) and "__version__" in dir(larq_bvit)


def test_no_subpackage_imports_a_later_one():
    package, order = Path(larq_bvit.__file__).parent, larq_bvit._SUBPACKAGES
    assert {path.parent.name for path in package.glob("*/__init__.py")} == set(order)
    for path in package.rglob("*.py"):
        own = path.relative_to(package).parts[0]
        later = order[order.index(own) + 1 :] if own in order else ()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("larq_bvit"):
                names = {f"{node.module}.{alias.name}".split(".")[1] for alias in node.names}
                assert names.isdisjoint(later), f"{path} imports {names}"


def test_unknown_attribute():
    with pytest.raises(AttributeError, match="module 'larq_bvit' has no attribute 'nonsense'"):
        _ = larq_bvit.nonsense


def test_require():
    assert _extras.require("json.decoder", "data").__name__ == "json.decoder"
    with pytest.raises(ImportError, match=r"no_such_module.*pip install \"larq_bvit\[plot\]\""):
        _extras.require("no_such_module", "plot")


def test_version_of():
    import numpy as np

    assert _extras.version_of("numpy") == np.__version__
    assert _extras.version_of("no-such-distribution") is None
