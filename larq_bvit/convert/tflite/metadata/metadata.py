"""What TFLite metadata says of an image classifier."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Metadata:
    """A model's description, its first input's normalisation and its first output's classes.

    A .tflite stores numbers as float32; they are read as the shortest decimals that stand for
    these.

    Attributes:
        name: of the model.
        description: what it does.
        version: the author's own.
        author: whoever made the model.
        license: that it is under.
        mean: subtracted from pixels 0 to 255, one value or one per channel; with `std`, or
            neither.
        std: the difference is divided by it: input = (pixel - mean) / std; as many as `mean`.
        input_min: smallest normalised input, one value or one per channel; informative.
        input_max: largest.
        labels: names of the classes in the order of the output's last axis; names may repeat.
    """

    name: str
    description: str = ""
    version: str = ""
    author: str = ""
    license: str = ""
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    input_min: tuple[float, ...] = ()
    input_max: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
