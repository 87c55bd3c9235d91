"""TensorFlow Lite's C library through ctypes."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

_OPTIONS = 256  # of TfLiteExternalDelegateOptions


class _DelegateOptions(ctypes.Structure):
    """TfLiteExternalDelegateOptions; `insert` adds an option."""

    _fields_ = [
        ("lib_path", ctypes.c_char_p),
        ("count", ctypes.c_int),
        ("keys", ctypes.c_char_p * _OPTIONS),
        ("values", ctypes.c_char_p * _OPTIONS),
        ("insert", ctypes.c_void_p),
    ]


def c_runtime(folder: str, library: str) -> Callable[[str, np.ndarray, dict[str, str]], np.ndarray]:
    """Runs models of one float32 input and output.

    Arguments:
        folder: of libtensorflowlite_c.so and of libexternal_delegate_obj.so, which loads delegates.
        library: the delegate's.
    """
    lite = ctypes.CDLL(str(Path(folder, "libtensorflowlite_c.so")), ctypes.RTLD_GLOBAL)
    loader = ctypes.CDLL(str(Path(folder, "libexternal_delegate_obj.so")))

    def run(model: str, images: np.ndarray, options: dict[str, str]) -> np.ndarray:
        delegate = _delegate(loader, library, options)
        read = _call(lite, "TfLiteModelCreateFromFile", model.encode())
        settings = _call(lite, "TfLiteInterpreterOptionsCreate")
        _call(lite, "TfLiteInterpreterOptionsAddDelegate", settings, delegate)
        interpreter = _call(lite, "TfLiteInterpreterCreate", read, settings)
        if not interpreter:
            raise RuntimeError(f"the C library can't load {model} with the delegate")
        _check(lite, "TfLiteInterpreterAllocateTensors", interpreter)
        outputs = [_run_one(lite, interpreter, image) for image in images]
        _call(lite, "TfLiteInterpreterDelete", interpreter)
        _call(lite, "TfLiteInterpreterOptionsDelete", settings)
        _call(lite, "TfLiteModelDelete", read)
        _call(loader, "TfLiteExternalDelegateDelete", delegate)
        return np.stack(outputs)

    return run


def _delegate(loader: ctypes.CDLL, library: str, options: dict[str, str]) -> Any:
    default = loader.TfLiteExternalDelegateOptionsDefault
    default.restype, default.argtypes = _DelegateOptions, [ctypes.c_char_p]
    # C keeps none of these: they must live until the delegate is made
    path = library.encode()
    kept = [(key.encode(), value.encode()) for key, value in options.items()]
    settings = default(path)
    for place, (key, value) in enumerate(kept):
        settings.keys[place], settings.values[place] = key, value
    settings.count = len(kept)
    create = loader.TfLiteExternalDelegateCreate
    create.restype, create.argtypes = ctypes.c_void_p, [ctypes.POINTER(_DelegateOptions)]
    delegate = ctypes.c_void_p(create(ctypes.byref(settings)))
    if not delegate:
        raise RuntimeError(f"the C library can't load {library}")
    return delegate


def _run_one(lite: ctypes.CDLL, interpreter: Any, image: np.ndarray) -> np.ndarray:
    source = _call(lite, "TfLiteInterpreterGetInputTensor", interpreter, 0)
    image = np.ascontiguousarray(image, np.float32)
    size = ctypes.c_size_t(image.nbytes)
    _check(lite, "TfLiteTensorCopyFromBuffer", source, image.ctypes.data_as(ctypes.c_void_p), size)
    _check(lite, "TfLiteInterpreterInvoke", interpreter)
    target = _call(lite, "TfLiteInterpreterGetOutputTensor", interpreter, 0)
    rank = _number(lite, "TfLiteTensorNumDims", target)
    shape = [_number(lite, "TfLiteTensorDim", target, i) for i in range(rank)]
    output = np.empty(shape, np.float32)
    size = ctypes.c_size_t(output.nbytes)
    _check(lite, "TfLiteTensorCopyToBuffer", target, output.ctypes.data_as(ctypes.c_void_p), size)
    return output[0]


def _call(library: ctypes.CDLL, name: str, *arguments: Any) -> ctypes.c_void_p:
    """A function that gives a pointer, or nothing."""
    function = getattr(library, name)
    function.restype = ctypes.c_void_p
    return ctypes.c_void_p(function(*arguments))


def _number(library: ctypes.CDLL, name: str, *arguments: Any) -> int:
    """A function that gives an int32."""
    function = getattr(library, name)
    function.restype = ctypes.c_int32
    return function(*arguments)


def _check(library: ctypes.CDLL, name: str, *arguments: Any) -> None:
    """A function that gives a status."""
    if _number(library, name, *arguments) != 0:
        raise RuntimeError(f"{name} failed")
