"""Names of checkpoints."""

from larq_bvit.train.progress import Progress


def test_names_sort_as_time_does():
    times = [(0, 2), (0, 10), (1, 0), (9, 999_999), (10, 0), (299, 5004)]
    names = [Progress(epoch=epoch, step=step).name for epoch, step in times]
    assert names == sorted(names)


def test_the_best_is_at_the_end_of_an_epoch():
    assert Progress(epoch=3, step=2, best=0.5, best_epoch=2).best_name == Progress(epoch=2).name
    assert Progress(epoch=3).best_name is None
