"""A run of seconds that has all a run can have: for tests that interrupt it."""

import numpy as np
import tensorflow as tf

from larq_bvit.layers.quantized import binary_conv
from larq_bvit.train.callbacks import Checkpointing, History, Resume, TensorBoard
from larq_bvit.train.checkpoint import Checkpoints
from larq_bvit.train.interruption import Interruption
from larq_bvit.train.randomness import seed_all
from larq_bvit.train.run_folder import RunFolder

RECIPE = 'name = "tiny"\nepochs = 3\n'
EPOCHS, STEPS, BATCH, CLASSES = 3, 4, 8, 3


def tiny_model(width=4, seed=0, metrics=("accuracy",), optimizer=None, dropout=0.3):
    """A binary convolution with batch norm, dropout and a classifier; compiled."""
    seed_all(seed)
    image = tf.keras.Input((6, 6, 3), name="image")
    x = tf.keras.layers.Conv2D(width, 3, name="stem")(image)
    x = binary_conv(width, 3, name="binary")(x)
    x = tf.keras.layers.BatchNormalization(name="norm")(x)
    x = tf.keras.layers.Dropout(dropout, name="dropout")(x)
    x = tf.keras.layers.Flatten(name="flat")(x)
    x = tf.keras.layers.Dense(CLASSES, name="classifier", dtype="float32")(x)
    model = tf.keras.Model(image, tf.keras.layers.Softmax(name="prediction", dtype="float32")(x))
    schedule = tf.keras.optimizers.schedules.CosineDecay(0.02, EPOCHS * STEPS)
    optimizer = optimizer or tf.keras.optimizers.AdamW(schedule, use_ema=True, ema_momentum=0.9)
    model.compile(optimizer, "categorical_crossentropy", metrics=list(metrics))
    return model


def train_data(step=0, epoch=0):
    """Batches without end that are functions of their number, as `Data.train` gives them."""

    def batch(number):
        seed = tf.stack([number, tf.constant(7, tf.int64)])
        labels = tf.random.stateless_uniform([BATCH], seed, maxval=CLASSES, dtype=tf.int32)
        noise = tf.random.stateless_normal([BATCH, 6, 6, 3], seed)
        return noise + tf.cast(labels, tf.float32)[:, None, None, None], tf.one_hot(labels, CLASSES)

    start = epoch * STEPS + step
    return tf.data.Dataset.range(start, np.iinfo(np.int64).max).map(batch)


def fit(path, *, model=None, callbacks=(), every=2, recipe=RECIPE):
    """Begins a run or goes on with it, to its end; returns the model."""
    begun = (path / "recipe.toml").is_file()
    run = RunFolder.open(path, RECIPE) if begun else RunFolder.create(path, RECIPE)
    model = model or tiny_model()
    checkpoints = Checkpoints(run.checkpoints, model, recipe=recipe, steps_per_epoch=STEPS)
    progress = checkpoints.restore(train_data().element_spec)
    sizes = {"steps_per_epoch": STEPS, "batch_size": BATCH}
    with Interruption() as interruption:
        model.fit(
            train_data(progress.step, progress.epoch),
            steps_per_epoch=STEPS,
            epochs=EPOCHS,
            validation_data=train_data(10_000).take(3),
            verbose=0,
            callbacks=[
                Resume(progress, checkpoints.metric_values, STEPS),
                *callbacks,
                History(run.history, progress, **sizes),
                TensorBoard(run.tensorboard, histogram_epochs=1),
                Checkpointing(run, checkpoints, every=every, interruption=interruption),
            ],
        )
    return model
