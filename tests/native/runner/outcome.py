"""How a run of the runner ended."""

from larq_bvit.bench.remote.runner import parse_runner, runner_error


def found(done):
    assert done.returncode == 0, done.stderr
    return parse_runner(done.stdout.decode("ascii"))


def error(done):
    assert done.returncode == 2 and not done.stdout, done
    return runner_error(done.stderr.decode())
