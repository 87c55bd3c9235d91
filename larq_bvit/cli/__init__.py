"""The command line: `larq-bvit --help`. One file per command; none imports TensorFlow by itself."""

from larq_bvit.cli.app import app, main

__all__ = ["app", "main"]
