"""From nothing to a photograph's prediction, timed: a process of benchmarks/start.py.

    python -m benchmarks.first_prediction '{"model": ..., "method": ..., "photo": ..., ...}'

`weights` is what `zoo.create` is told of them, an object; `method` is "call" for `model(images)`,
or "predict" for `model.predict(images)`. The last line that it prints is JSON.
"""

from time import perf_counter

start = perf_counter()

import json  # noqa: E402
import sys  # noqa: E402
from typing import Any  # noqa: E402

PARTS = ("import", "build", "predict")


def main(model: str, weights: dict[str, Any], method: str, photo: str) -> dict[str, Any]:
    """Seconds of every part."""
    from larq_bvit._quiet import import_tensorflow

    import_tensorflow()
    from larq_bvit import zoo

    imported = perf_counter()
    built = zoo.create(model, **weights)
    ready = perf_counter()
    image = zoo.load_image(photo, built.input_shape[1:3])
    images = zoo.preprocess_input(image[None])
    scores = built(images).numpy() if method == "call" else built.predict(images, verbose=0)
    done = perf_counter()
    assert scores.shape == (1, built.output_shape[-1])
    return dict(zip(PARTS, (imported - start, ready - imported, done - ready), strict=True))


if __name__ == "__main__":
    print(json.dumps(main(**json.loads(sys.argv[1]))))
