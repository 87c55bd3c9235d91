"""Child: the input pipeline of a recipe, without a model."""

import itertools
import json
import os
import sys
from dataclasses import replace

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks.training.child import serve


def main(recipe: str, data: str, batch: int, batches: int) -> None:
    """A step takes so many batches, once those are gone that were prepared meanwhile."""
    import larq_bvit  # noqa: F401
    from larq_bvit.train.data.load import load_data
    from larq_bvit.train.recipes import load_recipe

    config = load_recipe(recipe).data
    config = replace(config, dataset=data, batch_size=batch, evaluation=None)
    opened = load_data(config)
    stream = iter(opened.train())
    first = next(stream)[0]

    def take() -> None:
        for _ in itertools.islice(stream, batches):
            pass

    about = {"shape": list(first.shape), "images": opened.train_examples}
    serve(about, step=take, before=take)


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
