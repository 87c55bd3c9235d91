"""What malloc is told: the program starts anew once, and is otherwise as before."""

import json
import os
import subprocess
import sys
from importlib.resources import files

import pytest

SCRIPT = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from memory import keep_memory, use_huge_pages
use_huge_pages()
keep_memory()
print(json.dumps([os.getpid(), sys.argv[2:], sys.flags.isolated, os.environ["GLIBC_TUNABLES"]]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc is Linux's")
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (None, "glibc.malloc.hugetlb=1"),
        ("glibc.malloc.check=0", "glibc.malloc.check=0:glibc.malloc.hugetlb=1"),
        ("glibc.malloc.hugetlb=0", "glibc.malloc.hugetlb=0"),
    ],
)
def test_a_program_starts_anew_once(tmp_path, settings, expected):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    folder = files("larq_bvit.train") / "jax_backend" / "runner"
    arguments = [sys.executable, "-I", str(script), str(folder), "--steps", "two words"]
    environment = {key: value for key, value in os.environ.items() if key != "GLIBC_TUNABLES"}
    environment |= {} if settings is None else {"GLIBC_TUNABLES": settings}
    with subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE) as process:
        got = json.loads(process.communicate(timeout=60)[0])
    assert got == [process.pid, ["--steps", "two words"], 1, expected]
