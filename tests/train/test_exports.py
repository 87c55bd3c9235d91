"""What `larq_bvit.train` offers is there, and costs nothing until it is used."""

import subprocess
import sys

import pytest

from larq_bvit import train


@pytest.mark.parametrize("name", train.__all__)
def test_resolves_to_what_has_this_name(name):
    assert getattr(train, name).__name__ == name


def test_settings_need_no_tensorflow():
    code = "import sys; from larq_bvit import train; train.load_recipe('binaryvit_nano_cifar10'); "
    code += "assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        train.nothing  # noqa: B018
