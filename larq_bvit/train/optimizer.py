"""A recipe's optimizer: Keras' own, with what latent weights and published recipes need besides."""

from __future__ import annotations

import re
from typing import Any

import tensorflow as tf

from larq_bvit.train.recipe import Recipe
from larq_bvit.train.schedule import make_schedule
from larq_bvit.zoo.macs import one_bit

# All kernels are named so, their copies on other devices `kernel/replica_1:0`; everything else
# (scales, shifts, slopes, norms, embeddings, biases, clips) is not.
_KERNEL = r"kernel(/replica_\d+)?(:\d+)?$"


def is_kernel(variable: Any) -> bool:
    """Whether weight decay is for this variable."""
    return re.search(_KERNEL, variable.name) is not None


class _LatentWeights(tf.keras.optimizers.Optimizer):
    """Adds decay through the gradient, and a clip of latent weights, to a Keras optimizer.

    Weights keep within their constraints before they are averaged; Keras would average first, and
    an average below a constraint's bounds would be evaluated and kept.

    Arguments:
        l2: times a kernel is added to its gradient, after gradients are clipped (PyTorch's
            `weight_decay` of Adam and SGD).
        clip_latent: latent weights of binary layers are kept in +-1 (Courbariaux et al. 2016,
            arXiv 1602.02830).
    """

    def __init__(self, *args: Any, l2: float = 0.0, clip_latent: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.l2, self.clip_latent = l2, clip_latent

    def build(self, var_list: Any) -> None:
        super().build(var_list)
        latent = {self._var_key(variable) for variable in var_list if one_bit(variable)}
        self._latent = frozenset(latent)

    def update_step(self, gradient: Any, variable: Any) -> None:
        if self.l2 and is_kernel(variable):
            gradient += tf.cast(self.l2, gradient.dtype) * variable
        super().update_step(gradient, variable)
        if self.clip_latent and self._var_key(variable) in self._latent:
            variable.assign(tf.clip_by_value(variable, -1, 1))
        if variable.constraint is not None:
            variable.assign(variable.constraint(variable))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "l2": self.l2, "clip_latent": self.clip_latent}


class _Averages(tf.keras.optimizers.Optimizer):
    """Averages of weights forget the random first ones fast, as those of `tf.train` do.

    After t steps the decay is `min(ema_momentum, (1 + t) / (10 + t))`.
    """

    def _update_model_variables_moving_average(self, var_list: Any) -> None:
        if not self.use_ema:
            return
        step = tf.cast(self.iterations, tf.float64)
        forgotten = tf.maximum(1 - tf.cast(self.ema_momentum, tf.float64), 9 / (10 + step))

        def update(average: Any, variable: Any) -> None:
            average.assign_add(tf.cast(forgotten, average.dtype) * (variable - average))

        for variable in var_list:
            average = self._model_variables_moving_average[
                self._index_dict[self._var_key(variable)]
            ]
            self._distribution_strategy.extended.update(
                average, update, args=(variable,), group=False
            )


class _OneOperator(tf.keras.optimizers.Optimizer):
    """Takes Adam's step on a variable by one operator, where Keras needs 28; the same numbers.

    BinaryViT small has 1,361 variables: Keras' form is more than half the graph of its train step.
    """

    def _distributed_apply_gradients_fn(self, *args: Any, **kwargs: Any) -> Any:
        self._scalars: dict[tf.DType, dict[str, tf.Tensor]] = {}  # of this step, by type
        try:
            return super()._distributed_apply_gradients_fn(*args, **kwargs)
        finally:
            del self._scalars

    def update_step(self, gradient: Any, variable: Any) -> None:
        if isinstance(gradient, tf.IndexedSlices) or self.amsgrad:
            super().update_step(gradient, variable)
            return
        if variable.dtype not in self._scalars:
            self._scalars[variable.dtype] = self._scalars_in(variable.dtype)
        index = self._index_dict[self._var_key(variable)]
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].handle,
            v=self._velocities[index].handle,
            grad=gradient,
            **self._scalars[variable.dtype],
        )

    def _scalars_in(self, dtype: tf.DType) -> dict[str, tf.Tensor]:
        beta_1, beta_2, rate, epsilon, step = (
            tf.cast(value, dtype)
            for value in (
                self.beta_1,
                self.beta_2,
                self.learning_rate,
                self.epsilon,
                self.iterations + 1,
            )
        )
        return {
            "beta1": beta_1,
            "beta2": beta_2,
            "beta1_power": tf.pow(beta_1, step),
            "beta2_power": tf.pow(beta_2, step),
            "lr": rate,
            "epsilon": epsilon,
        }


@tf.keras.utils.register_keras_serializable("larq_bvit")
class Adam(_LatentWeights, _Averages, _OneOperator, tf.keras.optimizers.Adam):
    """Adam (Kingma & Ba 2014, arXiv 1412.6980)."""


@tf.keras.utils.register_keras_serializable("larq_bvit")
class AdamW(_LatentWeights, _Averages, _OneOperator, tf.keras.optimizers.AdamW):
    """Adam with decoupled weight decay (Loshchilov & Hutter 2017, arXiv 1711.05101)."""


@tf.keras.utils.register_keras_serializable("larq_bvit")
class SGD(_LatentWeights, _Averages, tf.keras.optimizers.SGD):
    """Gradient descent with momentum."""


def make_optimizer(recipe: Recipe, steps_per_epoch: int) -> tf.keras.optimizers.Optimizer:
    """The optimizer of a recipe, with its schedule; with loss scaling under mixed_float16.

    Keras adds Adam's epsilon before it corrects the second moment's bias, PyTorch afterwards: in
    the first steps Keras' is up to 32 times larger.
    """
    config = recipe.optimizer
    options: dict[str, Any] = {
        "learning_rate": make_schedule(recipe, steps_per_epoch),
        "global_clipnorm": config.clip_norm or None,
        "use_ema": config.ema > 0,
        "ema_momentum": config.ema,
        "clip_latent": config.clip_latent,
        # on GPUs Keras would compile every variable's step by itself, a graph each, which what is
        # kept of a step for all variables could not leave
        "jit_compile": False,
    }
    if config.name == "sgd":
        options |= {"momentum": config.momentum, "nesterov": config.momentum > 0}
        optimizer = SGD(l2=config.weight_decay, **options)
    else:
        options |= {"beta_1": config.beta_1, "beta_2": config.beta_2, "epsilon": config.epsilon}
        # without decay AdamW is Adam, and Keras would still multiply every weight by 0
        if config.name == "adamw" and config.weight_decay:
            optimizer = AdamW(weight_decay=config.weight_decay, **options)
            optimizer.exclude_from_weight_decay(var_names=[rf"^(?!.*{_KERNEL})"])
        else:
            optimizer = Adam(l2=config.weight_decay, **options)
    if recipe.precision == "mixed_float16":
        return tf.keras.mixed_precision.LossScaleOptimizer(optimizer)
    return optimizer
