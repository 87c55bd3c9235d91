"""Metrics exist before the first step."""

from larq_bvit.train.metric_state import build_metrics, metric_variables
from tests.train.tiny_run import tiny_model, train_data


def test_metrics_are_made_without_training():
    model, trained = tiny_model(), tiny_model()
    before = model.get_weights()
    assert not metric_variables(model)
    build_metrics(model, train_data().element_spec)
    trained.fit(train_data(), steps_per_epoch=1, verbose=0)
    names = [(v.name, v.shape) for v in metric_variables(model)]
    assert names == [(v.name, v.shape) for v in metric_variables(trained)]
    assert all(not v.numpy().any() for v in metric_variables(model))
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
