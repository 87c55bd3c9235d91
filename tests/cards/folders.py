"""A folder of packed weights as `pack` leaves it, without the weights."""

import json

from larq_bvit.train.share import Share

NAMES = ["cat", "dog", "eel", "fox"]
FACTS = {
    "model": "binaryvit_nano",
    "dataset": "animals",
    "description": "BinaryViT nano on animals, 4 classes",
    "data": "four animals",
    "data_license": "theirs",
    "weights_license": "Apache-2.0",
    "input_shape": [32, 64, 3],
    "num_classes": 4,
    "recipe": "mine",
    "seed": 7,
    "epochs": 12,
    "seconds": 3723.4,
    "trained_on": "a laptop",
    "version": "0.1.0",
    "commit": "0123456789ab",
    "notes": ["Animals were asleep."],
    "counts": {
        "binary_parameters": 8_000_000,
        "float_parameters": 250_000,
        "binary_macs": 12_345_678,
        "float_macs": 1_500_000,
        "bytes": 2_100_000,
        "bare_bytes": 2_000_000,
    },
    "tflite": {
        "bytes": 1_750_000,
        "top_1": {
            "Larq Compute Engine": Share(49, 80).as_dict(),
            "native delegate": Share(50, 80).as_dict(),
        },
        "milliseconds": {
            "Larq Compute Engine": [5.04, 5.0, 5.5],
            "Larq Compute Engine, indirect": [2.5, 2.25, 3.0],
            "native delegate": [0.1234, 0.1, 1.234],
        },
        "machine": "a pocket calculator",
    },
}
RIGHT = [20, 5, 15, 10]
EVALUATION = {
    "images": 80,
    "corrupt": 0,
    "top_1": Share(50, 80).as_dict(),
    "top_5": None,
    "cross_entropy": 1.25,
    "calibration_error": 0.0625,
    "classes": [
        {"class": name, "images": 20, "accuracy": right / 20, "taken_for": {"ant": 20 - right}}
        for name, right in zip(NAMES, RIGHT, strict=True)
    ],
}


def write_card(folder, facts=None, evaluation=None, steps=2):
    """Returns the folder."""
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(json.dumps({**FACTS, **(facts or {})}))
    (folder / "evaluation.json").write_text(json.dumps({**EVALUATION, **(evaluation or {})}))
    for number in range(1, steps + 1):
        (folder / f"step{number}").mkdir()
        (folder / f"step{number}" / "history.csv").write_text("epoch\n1\n")
    return folder
