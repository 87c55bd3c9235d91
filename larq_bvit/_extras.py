"""Optional dependencies: imports that say what to install, and versions."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType


def require(module: str, extra: str) -> ModuleType:
    """Imports `module`, which belongs to the optional dependencies `extra` of setup.py.

    Raises:
        ImportError: it is not installed or fails to import; the message holds the reason
            and `pip install "larq_bvit[extra]"`.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f'cannot import {module} ({error}); install it with: pip install "larq_bvit[{extra}]"'
        ) from error


def version_of(distribution: str) -> str | None:
    """Of what is installed by that name; it may have been imported from another one."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
