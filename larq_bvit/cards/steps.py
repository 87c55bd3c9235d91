"""The runs that led to a run's weights, and what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from larq_bvit.cards.data_sets import UNKNOWN, identified
from larq_bvit.presets import preset_for, presets
from larq_bvit.train.data.spec import parse_folder
from larq_bvit.train.growing import start_file
from larq_bvit.train.origin import Origin, load_origin
from larq_bvit.train.recipe import Recipe
from larq_bvit.train.recipes import load_recipe
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.train.run_machines import load_machines
from larq_bvit.train.run_metadata import run_recipe
from larq_bvit.zoo.packed import WeightsMetadata
from larq_bvit.zoo.weight_files import FILE, named_or_file, weight_file
from larq_bvit.zoo.weights import read_metadata

_MOST = 10


def steps(run: RunFolder) -> list[RunFolder]:
    """A run, preceded by the one whose weights it started from, and so on; the first one first.

    Packed weights outside of a run's folder say themselves what they are: see `started_from`.

    Raises:
        ValueError: it started from another weight file that lies in no run's folder.
    """
    found = [run]
    while len(found) < _MOST:
        weights = load_recipe(found[0].recipe).model.weights
        if weights is None or _tells_itself(weights):
            return found
        before = RunFolder(Path(weights).expanduser().parent)
        if not before.recipe.is_file():
            raise ValueError(
                f"{found[0].path} started from {weights}, beside which no {before.recipe.name} "
                "tells how it was trained"
            )
        found.insert(0, before)
    raise ValueError(f"{run.path} starts from more than {_MOST} runs, one after another")


def origin_of(trained: Sequence[RunFolder]) -> Origin:
    """The code of a training: that of all its steps, in their order, each once."""
    found = [load_origin(step.origin) for step in trained]
    return Origin(
        version=_listed([origin.version for origin in found]),
        commit=_listed([origin.commit for origin in found]),
    )


def machines_of(trained: Sequence[RunFolder]) -> str:
    """What the steps of a training took place on, in their order, each once."""
    found = [load_machines(step.machines) or ["a machine that was not noted"] for step in trained]
    return "; ".join(dict.fromkeys(machine for machines in found for machine in machines))


def _listed(words: Sequence[str | None]) -> str | None:
    """`a, unknown` of ("a", None, "a"); None where nothing is known."""
    return ", ".join(dict.fromkeys(word or "unknown" for word in words)) if any(words) else None


def started_from(first: Recipe) -> dict[str, str] | None:
    """Which packed weights a training started from, and what data they have seen.

    Raises:
        ValueError, OSError: there are no such weights any more.
    """
    model = first.model
    if model.pretrained is not None:
        preset = preset_for(model.name, model.pretrained)
        name, dataset, file = preset.name, preset.dataset, weight_file(preset)
    else:
        start = model.grown_from or model.weights
        if start is None:
            return None
        file = start_file(start) if model.grown_from else Path(start).expanduser()
        name, dataset = _no_path(start), read_metadata(file).dataset or UNKNOWN.title
    told = read_metadata(file).license_data
    return {"name": name, "dataset": dataset, "data_license": told or UNKNOWN.license}


def teachers(trained: Sequence[Recipe], last: tuple[str, str]) -> list[dict[str, str]]:
    """Whose answers the steps of a training have learned from, and what data these have seen.

    Arguments:
        trained: recipes of all steps, the first one first.
        last: name and licence of the last step's data.
    """
    found = {}
    for recipe in trained:
        for config in recipe.distillation.teachers if recipe.distillation else ():
            real = "" if config.binary == "all" else f", binary: {config.binary}"
            weights = named_or_file(config.weights)
            taught = run_recipe(weights)
            dataset, license_data = (
                _told_by(weights) if taught is None else _data_set(taught, trained[-1], last)
            )
            found[config.weights] = {
                "name": f"{config.teacher}{real}",
                "weights": _in_runs(config.weights),
                "dataset": dataset,
                "data_license": license_data,
            }
    return list(found.values())


def data_of_teachers(
    found: Sequence[dict[str, str]], last: tuple[str, str]
) -> list[tuple[str, str]]:
    """(name, what its owners allow) of other data than the last step's, by `teachers`."""
    data = [(teacher["dataset"], teacher["data_license"]) for teacher in found]
    return [one for one in dict.fromkeys(data) if one != last]


def _told_by(weights: Path) -> tuple[str, str]:
    """Name and licence of the data that a weight file outside of a run's folder comes of."""
    told = read_metadata(weights) if weights.suffix == ".safetensors" else WeightsMetadata()
    return told.dataset or UNKNOWN.title, told.license_data or UNKNOWN.license


def data_before(
    trained: Sequence[Recipe], start: dict[str, str] | None, last: tuple[str, str]
) -> list[tuple[str, str]]:
    """(name, what its owners allow) of other data than the last step's that weights have seen.

    Arguments:
        trained: recipes of all steps, the first one first.
        start: `started_from` of the first one.
        last: name and licence of the last step's data.
    """
    found = [] if start is None else [(start["dataset"], start["data_license"])]
    found += [_data_set(recipe, trained[-1], last) for recipe in trained[:-1]]
    return [data for data in dict.fromkeys(found) if data != last]


def _data_set(recipe: Recipe, end: Recipe, last: tuple[str, str]) -> tuple[str, str]:
    """Name and licence of a recipe's data: `last` where they are those of the recipe `end`.

    Another folder is other data, whatever its name.
    """
    if _source(recipe) == _source(end):
        return last
    name, data = identified(recipe.data.dataset, None)
    folder = parse_folder(recipe.data.dataset) is not None
    return (f"other {name}" if folder and (name, data.license) == last else name), data.license


def _source(recipe: Recipe) -> str:
    """What tells a recipe's data from others: a folder's real path, or a name; without splits."""
    folder = parse_folder(recipe.data.dataset)
    if folder is None:
        return identified(recipe.data.dataset, None)[0]
    return str(Path(folder.path).expanduser().resolve())


def without_paths(recipe: Recipe) -> Recipe:
    """A recipe that says nothing of the machine it ran on: runs are where they are by default."""
    data, model, teacher = recipe.data, recipe.model, recipe.distillation
    if model.weights is not None:
        named = _no_path if _tells_itself(model.weights) else _in_runs
        model = replace(model, weights=named(model.weights))
    if model.grown_from is not None:
        model = replace(model, grown_from=_no_path(model.grown_from))
    if teacher is not None:
        second = teacher.second and replace(
            teacher.second, weights=_in_runs(teacher.second.weights)
        )
        teacher = replace(teacher, weights=_in_runs(teacher.weights), second=second)
    data = replace(
        data,
        dataset=_no_folder(data.dataset),
        evaluation=None if data.evaluation is None else _no_folder(data.evaluation),
        data_dir=None,
        manual_dir=None,
    )
    return replace(recipe, data=data, model=model, distillation=teacher)


def _no_folder(data: str) -> str:
    """`folder:cats:test` of `folder:/home/me/cats:test`; other data sets as they are."""
    folder = parse_folder(data)
    if folder is None:
        return data
    return f"folder:{Path(folder.path).name}{data.removeprefix(f'folder:{folder.path}')}"


def _no_path(start: str) -> str:
    """Of the name of a preset, or of a file: the last part; `weights` are named by their folder."""
    path = Path(start)
    return path.parent.name if path.name == FILE and path.parent.name else path.name


def _tells_itself(weights: str) -> bool:
    """Whether these are packed weights outside of a run's folder."""
    file = Path(weights).expanduser()
    return file.suffix == ".safetensors" and not RunFolder(file.parent).recipe.is_file()


def _in_runs(path: str) -> str:
    """`runs/RECIPE/best.h5`: where a run of that recipe writes these weights by default.

    The name of a preset stays as it is.
    """
    if path in presets():
        return path
    file = Path(path).expanduser()
    recipe = RunFolder(file.parent).recipe
    folder = load_recipe(recipe).name if recipe.is_file() else file.parent.name
    return f"runs/{folder}/{file.name}"
