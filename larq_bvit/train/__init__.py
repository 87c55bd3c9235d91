"""Training: data, recipes, and Keras' `fit` with all that a long run needs.

    recipe (TOML) -> data, model, optimizer -> fit, in a run's folder -> evaluation, report

Settings are plain data and import nothing heavy; what needs TensorFlow is imported on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from larq_bvit.train.data.config import Augmentation, DataConfig
from larq_bvit.train.recipe import Recipe

if TYPE_CHECKING:
    from larq_bvit.train.batch_statistics import precise_bn
    from larq_bvit.train.build import build_model
    from larq_bvit.train.comparison import compare
    from larq_bvit.train.data.load import Data, load_data
    from larq_bvit.train.distiller import Distiller
    from larq_bvit.train.evaluate_model import evaluate
    from larq_bvit.train.evaluation import Evaluation
    from larq_bvit.train.fitting import fit
    from larq_bvit.train.flips import Flips
    from larq_bvit.train.growing import grow
    from larq_bvit.train.latent_distances import spread_latent
    from larq_bvit.train.recipes import list_recipes, load_recipe
    from larq_bvit.train.run_report import report
    from larq_bvit.train.strategy import make_strategy

__all__ = [
    "Augmentation",
    "Data",
    "DataConfig",
    "Distiller",
    "Evaluation",
    "Flips",
    "Recipe",
    "build_model",
    "compare",
    "evaluate",
    "fit",
    "grow",
    "list_recipes",
    "load_data",
    "load_recipe",
    "make_strategy",
    "precise_bn",
    "report",
    "spread_latent",
]

# no module has the name of what it holds: importing it would hide that behind itself
_MODULES = {
    "Data": "data.load",
    "Distiller": "distiller",
    "Evaluation": "evaluation",
    "Flips": "flips",
    "build_model": "build",
    "compare": "comparison",
    "evaluate": "evaluate_model",
    "fit": "fitting",
    "grow": "growing",
    "list_recipes": "recipes",
    "load_data": "data.load",
    "load_recipe": "recipes",
    "make_strategy": "strategy",
    "precise_bn": "batch_statistics",
    "report": "run_report",
    "spread_latent": "latent_distances",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
