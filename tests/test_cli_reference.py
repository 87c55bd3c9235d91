"""docs/cli.md is what its generator gives."""

import re

from larq_bvit.convert.target import list_targets
from tests import cli_reference


def test_page():
    stale = "docs/cli.md is out of date: run python -m tests.cli_reference --write"
    assert cli_reference.PATH.read_text(encoding="utf-8") == cli_reference.text(), stale


def test_everything_is_documented():
    commands = [cli_reference.get_command(cli_reference.app)]
    commands += commands[0].commands.values()
    for command in commands:
        assert command.help
        assert all(p.help for p in command.params if "--help" not in p.opts), command.name
        off = [name for p in command.params for name in p.secondary_opts]
        assert all(f"/{name}`" in cli_reference.text() for name in off), command.name


def test_targets():
    names = ", ".join(target.name for target in list_targets())
    assert f"Where it will run: {names}, or a .toml." in cli_reference.text()


def test_rows_have_the_cells_of_their_heading():
    for line in cli_reference.text().splitlines():
        assert not line.startswith("|") or len(re.findall(r"(?<!\\)\|", line)) == 4, line


def test_many_of_something_are_three_dots():
    assert "...." not in cli_reference.text()
