"""Where metadata is in a .tflite: a buffer with a name, and a zip archive behind the model."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

_NAME = b"TFLITE_METADATA"
_LARGEST_FILE = 1 << 24  # bytes; a damaged or hostile archive must not fill the memory


def find_buffer(model: schema.ModelT) -> schema.BufferT | None:
    """The buffer that holds the metadata.

    Raises:
        ValueError: it should be there and is not.
    """
    for entry in model.metadata or []:
        if entry.name == _NAME:
            if not 0 < entry.buffer < len(model.buffers):
                raise ValueError(
                    f"expected metadata in one of {len(model.buffers)} buffers; "
                    f"got number {entry.buffer}"
                )
            return model.buffers[entry.buffer]
    return None


def set_buffer(model: schema.ModelT, data: bytes) -> None:
    """Puts metadata in the place of older one, or into a new buffer."""
    buffer = find_buffer(model)
    if buffer is None:
        buffer = schema.BufferT()
        entry = schema.MetadataT()
        entry.name, entry.buffer = _NAME, len(model.buffers)
        model.buffers.append(buffer)
        model.metadata = [*(model.metadata or []), entry]
    buffer.data = np.frombuffer(data, np.uint8)


def append_file(tflite: bytes, name: str, content: bytes) -> bytes:
    """The model with a zip archive of one file behind it.

    Stored as it is, since the libraries read it in place; without a date, so that equal files
    give equal bytes.
    """
    file = BytesIO()
    file.write(tflite)
    # "w" at the end of the model, not "a", which would look for an archive in the weights
    with ZipFile(file, "w", ZIP_STORED) as archive:
        archive.writestr(ZipInfo(name), content)
    return file.getvalue()


def read_file(tflite: bytes, name: str) -> bytes:
    """A file of the archive behind the model.

    Raises:
        ValueError: it is missing, damaged, or larger than 16 MiB.
    """
    try:
        with ZipFile(BytesIO(tflite)) as archive, archive.open(name) as file:
            content = file.read(_LARGEST_FILE + 1)
    # Of a damaged archive zipfile raises nearly everything, BadZipFile to NotImplementedError.
    except Exception as error:
        raise ValueError(f"cannot read {name!r} of the zip archive: {error}") from error
    if len(content) > _LARGEST_FILE:
        raise ValueError(f"expected at most {_LARGEST_FILE} bytes in {name!r}; got more")
    return content
