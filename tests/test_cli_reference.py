"""docs/cli.md is what its generator gives."""

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
