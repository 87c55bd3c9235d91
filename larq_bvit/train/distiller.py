"""A student that learns from a teacher's probabilities (Hinton et al. 2015, arXiv 1503.02531)."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from larq_bvit.train.data import checks
from larq_bvit.train.distillation_losses import feature_loss, soft_loss
from larq_bvit.train.last_map import with_last_map
from larq_bvit.train.logits import ends_in_softmax


class Distiller(tf.keras.Model):
    """Trains a student; all else (calls, evaluation, weights, metrics) is the student's.

        distiller = Distiller(student, teacher)
        distiller.compile("adam", metrics=["accuracy"])
        distiller.fit(images_and_labels, validation_data=...)
        zoo.save_weights(distiller.student, "student.h5")

    The loss of an example, with the logits s of the student and t of the teacher:

        soft * T^2 * cross_entropy(softmax(t / T), softmax(s / T))
        + hard * loss(labels, s)
        + features * |unit(mean(student's last map)) - unit(mean(teacher's last map))|^2

    With soft=1 alone and T=1 it is the loss of the published BinaryViT and ReActNet, which use no
    labels. `loss` is what `compile` gets, by default the cross-entropy; it is also what evaluation
    reports, without the teacher.

    The teacher runs in inference mode and is no part of the distiller: its weights are neither
    trained nor saved.

    Attributes:
        student, teacher: the models.
    """

    def __init__(
        self,
        student: tf.keras.Model,
        teacher: tf.keras.Model,
        *,
        soft: float = 1.0,
        hard: float = 0.0,
        temperature: float = 1.0,
        features: float = 0.0,
        **arguments: Any,
    ):
        """For two functional models that give logits; the numbers are `DistillationConfig`'s.

        Raises:
            ValueError: the models differ in input size or classes, end in a softmax, or with
                `features` their last maps differ in channels; a number is below 0, or there is
                nothing to learn.
        """
        for name, value in (("soft", soft), ("hard", hard), ("features", features)):
            checks.number(name, value)
        checks.positive("temperature", temperature)
        if soft == hard == features == 0:
            raise ValueError("expected a weight above 0 among soft, hard and features; all are 0")
        _check(student, teacher)
        # A mixed policy is the student's affair, but for Keras to scale the loss of float16.
        super().__init__(dtype=student.dtype_policy, autocast=False, **arguments)
        self.student = student
        self.soft, self.hard, self.features = soft, hard, features
        self.temperature = temperature
        self._loss_mean = tf.keras.metrics.Mean("loss")
        pair = student, teacher
        learner, guide = map(with_last_map, pair) if features else pair
        if features and learner.output[1].shape[-1] != guide.output[1].shape[-1]:
            channels = [model.output[1].shape[-1] for model in (learner, guide)]
            raise ValueError(
                f"features are compared channel by channel: expected equal numbers in the last "
                f"maps; got {channels[0]} (student) and {channels[1]} (teacher)"
            )
        # What Keras does not see it neither trains nor saves.
        for name, model in (("teacher", teacher), ("_guide", guide), ("_learner", learner)):
            object.__setattr__(self, name, model)
        self.built = True

    def compile(self, optimizer: Any = "rmsprop", loss: Any = None, **arguments: Any) -> None:
        """As Keras' own; `loss` compares labels and logits.

        Raises:
            ValueError: `loss` is no Keras loss object, or one that expects probabilities, as a name
                would.
        """
        if loss is None:
            loss = tf.keras.losses.CategoricalCrossentropy(from_logits=True)
        known = isinstance(loss, tf.keras.losses.Loss)
        if not known or loss.get_config().get("from_logits") is False:
            raise ValueError(
                "expected a Keras loss of logits, such as CategoricalCrossentropy("
                f"from_logits=True); got {loss!r}"
            )
        super().compile(optimizer, loss=loss, **arguments)

    @property
    def metrics(self) -> list[tf.keras.metrics.Metric]:
        """The loss first."""
        return [self._loss_mean, *(m for m in super().metrics if m is not self._loss_mean)]

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """The student's logits."""
        return self.student(inputs, training=training)

    def train_step(self, data: Any) -> dict[str, Any]:
        """One step of `fit`."""
        images, labels, weights = self._unpacked(data)
        taught = self._guide(images, training=False)
        with tf.GradientTape() as tape:
            learnt = self._learner(images, training=True)
            loss = self._reduce(
                self._of_each(learnt, taught, labels), weights, self._learner.losses
            )
        self.optimizer.minimize(loss, self.trainable_variables, tape=tape)
        logits = learnt[0] if self.features else learnt
        return self.compute_metrics(images, labels, logits, weights)

    def test_step(self, data: Any) -> dict[str, Any]:
        """One step of `evaluate`: the student alone."""
        images, labels, weights = self._unpacked(data)
        logits = self(images, training=False)
        self._reduce(self.loss.call(labels, logits), weights, self.student.losses)
        return self.compute_metrics(images, labels, logits, weights)

    def _unpacked(self, data: Any) -> tuple[Any, Any, Any]:
        """Images, labels and weights; labels that evaluation can't compare are refused at once."""
        images, labels, weights = tf.keras.utils.unpack_x_y_sample_weight(data)
        vectors = isinstance(self.loss, tf.keras.losses.CategoricalCrossentropy)
        if vectors and labels is not None and labels.shape.rank == 1:
            raise ValueError(
                "expected labels (B, classes), which the loss CategoricalCrossentropy compares; "
                f"got {tuple(labels.shape)}. For class numbers compile with "
                "loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
            )
        return images, labels, weights

    def _of_each(self, learnt: Any, taught: Any, labels: Any) -> tf.Tensor:
        """Of each example, (B,)."""
        (logits, seen), (target, shown) = (
            outputs if self.features else (outputs, None) for outputs in (learnt, taught)
        )
        terms = []
        if self.soft:
            terms.append(self.soft * soft_loss(target, logits, self.temperature))
        if self.hard:
            terms.append(self.hard * self.loss.call(labels, logits))
        if self.features:
            terms.append(self.features * feature_loss(shown, seen))
        return tf.add_n(terms)

    def _reduce(self, losses: tf.Tensor, weights: Any, regularisers: list[tf.Tensor]) -> tf.Tensor:
        """What the replicas' sum of gradients needs: the mean, divided by their number."""
        if weights is not None:
            losses *= tf.cast(weights, losses.dtype)
        if regularisers:
            losses += tf.add_n([tf.cast(value, losses.dtype) for value in regularisers])
        self._loss_mean.update_state(losses)
        return tf.reduce_mean(losses) / tf.distribute.get_strategy().num_replicas_in_sync


def _check(student: tf.keras.Model, teacher: tf.keras.Model) -> None:
    for role, model in (("student", student), ("teacher", teacher)):
        if ends_in_softmax(model):
            raise ValueError(
                f"expected a {role} that gives logits; {model.name!r} ends in a softmax: "
                "build it with classifier_activation=None"
            )
    for what in ("input", "output"):
        ours, theirs = (tuple(getattr(m, f"{what}_shape")[1:]) for m in (student, teacher))
        if ours != theirs:
            name = {"input": "input size (H, W, channels)", "output": "number of classes"}[what]
            raise ValueError(
                f"student and teacher must have the same {name}; got {ours} and {theirs}"
            )
