"""What travels with a .tflite beside its network: metadata, and files in an appended zip."""

from __future__ import annotations

from io import BytesIO
from zipfile import BadZipFile, ZipFile, is_zipfile

from tensorflow.lite.python import schema_py_generated as schema


def metadata_bytes(tflite: bytes) -> int:
    """Size of the constants that no tensor uses, but metadata: TensorFlow Lite Support's."""
    model = schema.Model.GetRootAs(tflite, 0)
    subgraphs = [model.Subgraphs(i) for i in range(model.SubgraphsLength())]
    tensors = {g.Tensors(i).Buffer() for g in subgraphs for i in range(g.TensorsLength())}
    metadata = {model.Metadata(i).Buffer() for i in range(model.MetadataLength())}
    return sum(model.Buffers(i).DataLength() for i in metadata - tensors)


def archive_bytes(tflite: bytes) -> int:
    """From the start of a zip appended to a .tflite (labels, say) to its end; 0 without one."""
    file = BytesIO(tflite)
    if not is_zipfile(file):
        return 0
    try:
        with ZipFile(file) as archive:
            starts = [entry.header_offset for entry in archive.infolist()]
            start = min([archive.start_dir, *starts])
    except (BadZipFile, NotImplementedError):  # damaged, or weights that end as a zip does
        return 0
    return len(tflite) - start if 0 < start <= len(tflite) else 0
