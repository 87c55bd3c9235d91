"""One of two workers of a tiny run; a program for tests.

    python -m tests.train.worker FOLDER INDEX PORT [signal]

With `signal`, the second worker alone gets a SIGTERM in the middle of the second epoch.
"""

import json
import os
import signal
import sys
from pathlib import Path

folder, index, port = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
os.environ["TF_CONFIG"] = json.dumps(
    {
        "cluster": {"worker": [f"127.0.0.1:{port}", f"127.0.0.1:{port + 1}"]},
        "task": {"type": "worker", "index": index},
    }
)

import larq_bvit  # noqa: E402, F401, I001
import tensorflow as tf  # noqa: E402

strategy = tf.distribute.MultiWorkerMirroredStrategy()

from larq_bvit.train.interruption import InterruptedRun  # noqa: E402
from larq_bvit.train.workers import highest  # noqa: E402
from tests.train import tiny_run  # noqa: E402


class Signal(tf.keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if index == 1 and (self.epoch, batch) == (1, 1):
            os.kill(os.getpid(), signal.SIGTERM)


assert highest(strategy, 10 + index) == 11
with strategy.scope():
    model = tiny_run.tiny_model(dropout=0.0)  # each worker draws its own
try:
    callbacks = [Signal()] if "signal" in sys.argv else []
    tiny_run.fit(folder, model=model, callbacks=callbacks, chief=index == 0)
except InterruptedRun as stopped:
    print("stopped with", stopped.exit_code)
else:
    print("done")
