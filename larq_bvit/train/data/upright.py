"""Images as they are shown: the orientation in their EXIF data is applied."""

from __future__ import annotations

import io

from PIL import ExifTags, Image, ImageOps

_JPEG = b"\xff\xd8"
_MARKS = (b"Exif", b"eXIf", b":Orientation")  # JPEG, PNG, and XMP in either


def upright(encoded: bytes) -> bytes:
    """The image file's bytes, encoded anew where its orientation says that it is shown turned.

    Phones store what the sensor saw, and how to turn it. TensorFlow decodes without turning;
    `zoo.load_image` and people look at the turned image. A JPEG becomes a JPEG again, of quality 95
    and with all of its chroma; every other format a PNG, without loss. A file that Pillow cannot
    read stays what it is, for the decoder to report.
    """
    if not any(mark in encoded for mark in _MARKS):
        return encoded
    try:
        with Image.open(io.BytesIO(encoded)) as image:
            if image.getexif().get(ExifTags.Base.Orientation) not in range(2, 9):
                return encoded
            file, shown = io.BytesIO(), ImageOps.exif_transpose(image)
            if encoded.startswith(_JPEG):  # of which Pillow calls some MPO
                shown.save(file, "jpeg", quality=95, subsampling=0)
            else:
                shown.save(file, "png")
    # Pillow's decoders raise nearly everything on damaged files, struct.error to SyntaxError.
    except Exception:
        return encoded
    return file.getvalue()
