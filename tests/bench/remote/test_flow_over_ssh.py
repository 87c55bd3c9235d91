"""Our runner on a real model, over ssh to a server on loopback."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path

import numpy as np
import pytest

from larq_bvit.bench.entry import Entry
from larq_bvit.bench.remote.flow import measure
from larq_bvit.bench.remote.programs import Programs
from larq_bvit.bench.remote.ssh import connect
from tests.bench.remote.adb_device.device import PACKAGES
from tests.bench.remote.sshd import HOST, Sshd, missing

_RUNTIME = Path(__file__).parents[3] / "larq_bvit" / "runtime"
_RUNNER, _DELEGATE = _RUNTIME / "larq_bvit_runner", _RUNTIME / "liblarq_bvit_delegate.so"
_LIBRARY, _MODEL = PACKAGES / "x86_64/lib/libtensorflowlite_c.so", PACKAGES / "nano.tflite"
_absent = [str(path) for path in (_RUNNER, _DELEGATE, _LIBRARY, _MODEL) if not path.exists()]

pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=missing() or "present"),
    pytest.mark.skipif(bool(_absent), reason=f"no {', '.join(_absent)}; make test-adb"),
    pytest.mark.skipif(platform.machine() != "x86_64", reason="a library for x86-64"),
]


def test_a_model_runs_there_as_here(tmp_path: Path) -> None:
    from larq_bvit.runtime import Interpreter

    library = tmp_path / _LIBRARY.name  # alone: the folder beside it has a libc of its own
    shutil.copy(_LIBRARY, library)
    image = np.random.default_rng(0).uniform(-1, 1, (1, 32, 32, 3)).astype(np.float32)
    expected = Interpreter(str(_MODEL)).predict(image)
    entries = [
        Entry("nano", "delegate"),
        Entry("nano", "delegate", "portable"),
        Entry("nano", "lce"),
    ]
    (tmp_path / "server").mkdir()
    with Sshd(tmp_path / "server") as server, connect(HOST, options=server.options) as shell:
        place, found, _ = measure(
            shell,
            {"nano": _MODEL},
            entries,
            programs=Programs((), (library,), (_RUNNER,), (_DELEGATE,)),
            rounds=2,
            seconds_per_round=0.05,
            profile=True,
            inputs={"nano": image.tobytes()},
            expected={"nano": expected},
            where=str(tmp_path / "there"),
        )
    assert place.name == "ssh:board" and "x86_64" in place.about
    for measured in found[:2]:
        assert measured.error is None, measured.error
        assert measured.cosine is not None and measured.cosine > 0.99999
        assert measured.steady is not None and len(measured.steady.samples) == 2
        assert measured.profile and measured.command.startswith("ssh board ")
    assert "--binary lce_benchmark_model" in (found[2].error or "")
    assert not (tmp_path / "there").exists()
