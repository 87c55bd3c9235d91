"""An experiment: what is trained, on what, and how. Plain, checked values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from larq_bvit.train.data import checks
from larq_bvit.train.data.config import DataConfig

OptimizerName = Literal["adam", "adamw", "sgd"]
ScheduleName = Literal["cosine", "linear", "constant"]
Precision = Literal["float32", "mixed_bfloat16", "mixed_float16"]
Binary = Literal["all", "activations", "nothing"]


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Which model of the zoo.

    Attributes:
        name: one of `zoo.list_models()`.
        variant: fields of its plan that are changed, such as {"depths": [1, 1, 2, 1]}.
        options: what its architecture takes, such as {"drop_path": 0.1}.
        weights: file of weights to start from; random without it. It may hold a model of another
            `binary`.
        new_classifier: with `weights` or `grown_from`: the classifier stays new where the file's
            is of another number of classes, or, in a packed file, of others; else that is an error.
        pretrained: weights of the zoo to start from, by their data set (see `zoo.create`); the
            classifier is new where the data has another number of classes.
        grown_from: packed weights of a smaller variant to start from, a file or a name of
            `larq-bvit list`'s trained ones (see `train.grow`); needs `binary` "all".
        spread_latent: latent weights of a packed file, which knows only their signs and scales,
            start at the distances from a change of sign that trained ones have (see
            `train.spread_latent`); else they are all equally far.
        binary: what has one bit: "all"; "activations", the weights real, which is the first of
            ReActNet's two steps; "nothing", the model's full-precision twin.
    """

    name: str
    variant: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    weights: str | None = None
    new_classifier: bool = False
    pretrained: str | None = None
    grown_from: str | None = None
    spread_latent: bool = True
    binary: Binary = "all"

    def __post_init__(self) -> None:
        checks.one_of("binary", self.binary, get_args(Binary))
        starts = self.weights, self.pretrained, self.grown_from
        given = [start for start in starts if start is not None]
        if len(given) > 1:
            raise ValueError(
                "expected one of weights, pretrained and grown_from; got "
                + " and ".join(map(repr, given))
            )
        if self.grown_from is not None and not self.spread_latent:
            raise ValueError("grown_from: expected spread_latent, or copies stay equal; got false")
        if self.grown_from is not None and self.binary != "all":
            raise ValueError(f"grown_from: expected binary to be 'all'; got {self.binary!r}")


@dataclass(frozen=True, kw_only=True)
class OptimizerConfig:
    """How weights move.

    Attributes:
        name: "adamw", with decoupled weight decay, "adam" or "sgd" (Nesterov's momentum), which
            decay weights through the gradient, as PyTorch does.
        learning_rate: the highest, for batches of `reference_batch`.
        reference_batch: the learning rate grows in proportion to the batch size from here;
            without it, it is as it stands.
        weight_decay: of kernels; scales, shifts, slopes, norms, embeddings, biases and clips have
            none.
        beta_1, beta_2, epsilon: Adam's.
        momentum: of "sgd".
        clip_norm: gradients are scaled down to this global norm; 0 for not at all.
        clip_latent: latent weights of binary layers are kept in +-1.
        ema: decay of the moving average of all trained weights, which is what is evaluated and
            kept; 0 for none. After t steps it is at most (1 + t) / (10 + t), so that short runs
            do not keep a share of their random first weights. Batch normalisation keeps the moving
            statistics of the weights themselves, until `precise_bn` measures the averages' own.
    """

    name: OptimizerName = "adamw"
    learning_rate: float = 5e-4
    reference_batch: int | None = None
    weight_decay: float = 0.0
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    momentum: float = 0.9
    clip_norm: float = 0.0
    clip_latent: bool = False
    ema: float = 0.0

    def __post_init__(self) -> None:
        checks.one_of("name", self.name, get_args(OptimizerName))
        for name in ("learning_rate", "weight_decay", "epsilon", "clip_norm"):
            checks.number(name, getattr(self, name))
        for name in ("beta_1", "beta_2", "momentum", "ema"):
            checks.number(name, getattr(self, name), upper=1)
        if self.reference_batch is not None:
            checks.whole("reference_batch", self.reference_batch, lower=1)


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig:
    """The learning rate over time.

    Attributes:
        name: "cosine" or "linear" from the highest to the last, or "constant".
        warmup_epochs: it rises linearly from 0 to the highest in so many epochs.
        last: the learning rate that it ends at; grows with the batch as the highest does.
    """

    name: ScheduleName = "cosine"
    warmup_epochs: float = 0.0
    last: float = 0.0

    def __post_init__(self) -> None:
        checks.one_of("name", self.name, get_args(ScheduleName))
        checks.number("warmup_epochs", self.warmup_epochs)
        checks.number("last", self.last)


@dataclass(frozen=True, kw_only=True)
class TeacherConfig:
    """A trained model that a student learns from.

    Attributes:
        teacher: one of `zoo.list_models()`, at the student's input size.
        variant: fields of its plan that are changed, see `ModelConfig`.
        weights: file of its weights, or a name of `larq-bvit list`'s trained ones.
        binary: what of the teacher has one bit, see `ModelConfig`; "nothing" makes a teacher of the
            full-precision twin of a binary model.
        options: what its architecture takes.
    """

    teacher: str
    weights: str
    variant: dict[str, Any] = field(default_factory=dict)
    binary: Binary = "all"
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checks.one_of("binary", self.binary, get_args(Binary))


@dataclass(frozen=True, kw_only=True)
class DistillationConfig(TeacherConfig):
    """What a student learns from a teacher (Hinton et al. 2015, arXiv 1503.02531), or from two.

    Attributes:
        second: another teacher; then what is learnt from is the mean of both ones' logits, of which
            the probabilities are the geometric mean (Sec. 1).
        soft: weight of the cross-entropy with the teacher's probabilities.
        hard: weight of the cross-entropy with the labels; BinaryViT's recipe has none.
        temperature: that both logits are divided by in the soft loss, which grows by its square.
        features: weight of the squared distance between the last maps, averaged over space and
            normalised; both must have as many channels. Of one teacher alone.
    """

    second: TeacherConfig | None = None
    soft: float = 1.0
    hard: float = 0.0
    temperature: float = 1.0
    features: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("soft", "hard", "features"):
            checks.number(name, getattr(self, name))
        checks.positive("temperature", self.temperature)
        if self.features and self.second is not None:
            raise ValueError("expected one teacher where maps are compared (features); got two")

    @property
    def teachers(self) -> tuple[TeacherConfig, ...]:
        """One or two."""
        return (self,) if self.second is None else (self, self.second)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One experiment.

    Attributes:
        name: of the recipe's file, without its suffix.
        description: one line, for lists.
        model, data, optimizer, schedule, distillation: see there.
        epochs: passes over the training images.
        label_smoothing: share of a label that is spread over all classes.
        precise_bn: in the end the best weights get statistics of batch normalisation that are
            measured over so many training images, rounded up to batches (see `train.precise_bn`);
            0 leaves them their moving averages.
        precision: Keras' policy; variables stay float32. Under mixed_float16 deep models without
            affine layers (ReActDeiT) overflow in inference until their norms have statistics;
            in training they do not.
        jit: compile the train step with XLA; slow on CPUs where there are convolutions, and deep
            models may never finish compiling there (TensorFlow 2.19).
        seed: of the weights, and of order and augmentation of the data.
        deterministic: operators that give the same bits in every run, and cost time.
        checkpoint_steps: steps between checkpoints within an epoch; without it at its end alone.
        keep: how many of the newest checkpoints stay, beside the best.
    """

    name: str
    description: str
    model: ModelConfig
    data: DataConfig
    epochs: int
    optimizer: OptimizerConfig = OptimizerConfig()
    schedule: ScheduleConfig = ScheduleConfig()
    distillation: DistillationConfig | None = None
    label_smoothing: float = 0.0
    precise_bn: int = 0
    precision: Precision = "float32"
    jit: bool = False
    seed: int = 0
    deterministic: bool = False
    checkpoint_steps: int | None = None
    keep: int = 2

    def __post_init__(self) -> None:
        checks.whole("epochs", self.epochs, lower=1)
        checks.number("label_smoothing", self.label_smoothing, upper=1)
        checks.whole("precise_bn", self.precise_bn)
        checks.one_of("precision", self.precision, get_args(Precision))
        checks.whole("seed", self.seed)
        checks.whole("keep", self.keep, lower=1)
        if self.checkpoint_steps is not None:
            checks.whole("checkpoint_steps", self.checkpoint_steps, lower=1)
        if self.data.seed not in (0, self.seed):
            raise ValueError(f"expected one seed for all; got data.seed {self.data.seed}")
        if self.schedule.warmup_epochs > self.epochs:
            raise ValueError(
                f"expected warmup_epochs of at most {self.epochs} epochs; "
                f"got {self.schedule.warmup_epochs}"
            )
