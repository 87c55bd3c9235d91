"""The program `larq-bvit`: its commands, and what becomes of their errors."""

import io
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import larq_bvit
from larq_bvit.cli import (
    benchmark,
    compare,
    convert,
    demo,
    evaluate,
    explain,
    finetune,
    import_torch,
    inspect,
    jax_collect,
    jax_export,
    pack,
    predict,
    recipes,
    summary,
    train,
    verify,
)
from larq_bvit.cli import list as list_command
from larq_bvit.cli.log_lines import log_lines

_USER_ERRORS = (ValueError, ImportError, OSError)


class Commands(TyperGroup):
    """Turns errors that a user can mend into one line on stderr and exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # `larq-bvit list | head`
            raise
        except _USER_ERRORS as error:
            if ctx.params.get("traceback"):
                raise
            typer.echo(f"error: {_message(error)}", err=True)
            raise typer.Exit(2) from error


def _message(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error) or type(error).__name__


app = typer.Typer(
    name="larq-bvit",
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"larq-bvit {larq_bvit.__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
    traceback: Annotated[
        bool,
        typer.Option(
            "--traceback",
            envvar="LARQ_BVIT_TRACEBACK",
            help="Show Python's traceback of an error, to debug.",
        ),
    ] = False,
) -> None:
    """Binary vision transformers and other binary networks for Keras and Larq."""
    context.with_resource(log_lines())


app.command("list")(list_command.list_models)
app.command("summary")(summary.summary)
app.command("predict")(predict.predict)
app.command("explain")(explain.explain)
app.command("train")(train.train)
app.command("finetune")(finetune.finetune)
app.command("jax-export")(jax_export.jax_export)
app.command("jax-collect")(jax_collect.jax_collect)
app.command("recipes")(recipes.recipes)
app.command("compare")(compare.compare)
app.command("evaluate")(evaluate.evaluate)
app.command("pack")(pack.pack)
app.command("import-torch")(import_torch.import_torch)
app.command("convert")(convert.convert)
app.command("verify")(verify.verify)
app.command("inspect")(inspect.inspect)
app.command("benchmark")(benchmark.benchmark)
app.command("demo")(demo.demo)


def main() -> None:
    """Entry point of the console script."""
    for stream in (sys.stdout, sys.stderr):  # names of files and classes may be no text of theirs
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="larq-bvit")
