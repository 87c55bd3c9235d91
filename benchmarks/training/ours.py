"""Child: the train step of a recipe's model on one batch of noise."""

import json
import os
import sys
from dataclasses import replace
from time import perf_counter

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks.training.child import serve

_ALONE = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "2"}


def main(
    recipe: str, batch: int, classes: int, precision: str, steps: int = 1, alone: bool = False
) -> None:
    """What `fit` runs in every step, without callbacks and data; so many steps at a time.

    Arguments:
        alone: an operator runs on one thread, beside another one, as docs/scaling.md says.
    """
    if alone:
        os.environ.update(_ALONE)
    import larq_bvit  # noqa: F401, I001  before TensorFlow: it chooses legacy Keras
    import numpy as np
    import tensorflow as tf

    from larq_bvit.train.build import build_model
    from larq_bvit.train.fitting import compile_model
    from larq_bvit.train.recipes import load_recipe

    start = perf_counter()
    chosen = load_recipe(recipe, [f"precision={precision}", f"data.batch_size={batch}"])
    chosen = replace(chosen, distillation=None)
    size = chosen.data.size
    model = build_model(chosen, classes)
    learner = compile_model(model, chosen, steps_per_epoch=1000)
    rng = np.random.default_rng(0)
    images = tf.constant(rng.normal(size=(batch, *size, 3)), tf.float32)
    labels = tf.one_hot(rng.integers(classes, size=batch), classes)
    batches = iter(tf.data.Dataset.from_tensors((images, labels)).repeat())
    train = learner.make_train_function()

    def step() -> None:
        for _ in range(steps):
            loss = float(train(batches)["loss"])
        if not np.isfinite(loss):
            raise FloatingPointError(f"the loss is {loss}")

    step()
    first = perf_counter() - start
    serve({"first": first, "tensorflow": tf.__version__, "parameters": model.count_params()}, step)


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
