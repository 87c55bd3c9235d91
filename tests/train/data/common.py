"""Small images for the tests of the data pipeline."""

import io

import numpy as np
from PIL import Image


def pixels(size=(18, 24), seed=0):
    """A smooth random uint8 image of (height, width): JPEG keeps it nearly."""
    height, width = size
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def encode(image, kind="jpeg", mode="RGB", **options):
    """The bytes of an image file."""
    file = io.BytesIO()
    Image.fromarray(image).convert(mode).save(file, kind, **options)
    return file.getvalue()


def write_image(path, size=(18, 24), seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(pixels(size, seed), quality=95))
    return path


def write_folders(root, classes, **counts):
    """So many images of each split, of the classes class0, class1, ... in turn; gives the root."""
    for split, count in counts.items():
        for i in range(count):
            write_image(root / split / f"class{i % classes}" / f"{i}.jpg", seed=i)
    return root


class Memory:
    """A source of encoded images; the labels count to 3."""

    classes = ("a", "b", "c")

    def __init__(self, images):
        self.images = list(images)
        self.nbytes = sum(map(len, self.images))

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.images[index], index % 3

    def name(self, index):
        return f"image {index}"
