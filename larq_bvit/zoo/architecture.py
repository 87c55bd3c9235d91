"""What every model of the zoo shares: input, head, outputs, weights."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit._collector import paused_collection
from larq_bvit._toml import from_table, unknown
from larq_bvit.layers import bias_uniform, torch_uniform
from larq_bvit.presets import Preset, model_for, preset_for
from larq_bvit.zoo.model_facts import name_classes, set_preprocessing
from larq_bvit.zoo.packed import WeightsMetadata
from larq_bvit.zoo.static_build import static_build
from larq_bvit.zoo.weight_files import weight_file
from larq_bvit.zoo.weights import is_packed, load_weights, read_metadata

# body(image, variant, **options) -> the pyramid's maps, finest first, and the vector (B, C) that
# the classifier reads (None: the average of the last map).
Body = Callable[..., tuple[list[Any], Any]]

log = logging.getLogger(__name__)

INTEGERS = (int, np.integer)


@dataclass(frozen=True)
class Architecture:
    """A family of models: call it to build one as a functional `tf.keras.Model`."""

    name: str
    body: Body
    variants: Mapping[str, Any]  # a variant's `stride` must divide the input's height and width
    default: str
    __doc__: str = field(default="", repr=False)

    def variant_name(self, variant: str) -> str:
        """The model's name in the registry: `binaryvit_small`."""
        return f"{self.name}_{variant}"

    @paused_collection()
    def __call__(
        self,
        variant: Any = None,
        *,
        input_shape: Sequence[int] | None = None,
        num_classes: int | None = None,
        include_top: bool = True,
        pooling: str | None = None,
        classifier_activation: str | Callable | None = "softmax",
        weights: str | Path | None = None,
        pretrained: bool | str = False,
        class_names: Sequence[str] | None = None,
        input_tensor: Any = None,
        features_only: bool = False,
        **options: Any,
    ) -> tf.keras.Model:
        """Builds a model; conventions of Larq Zoo and tf.keras.applications.

        Input: normalised images (B, H, W, channels), see `preprocess_input`. Output:
        `(B, num_classes)`; without the top, `(B, C)` where `pooling` says how, else the list
        of the pyramid's maps (B, H / stride, W / stride, C), finest first (a single map, where the
        architecture has one level, comes bare). The model's `class_names` are those of its
        classifier, and its `preprocessing` is what its weights are for: None where nothing says
        it, and in copies of the model.

        Arguments:
            variant: a name among `variants`, or a variant of your own (a frozen dataclass). None
                is the architecture's default; with `pretrained` the variant whose weights are
                the architecture's default, since the default variant, the paper's, may have
                none yet; with `weights` that of a packed file. A log line says which
                pretrained weights were taken.
            input_shape: (H, W, channels); default (224, 224, 3), or what the pretrained weights,
                or those of a packed file, were trained with. H and W must be multiples of the
                pyramid's total stride and need not be equal.
            num_classes: width of the classifier; default 1000, or that of such weights, or as many
                as there are class names. Without the top it says nothing.
            include_top: whether the classifier is part of the model.
            pooling: without the top: None, "avg" or "max" over the last map; with it, it says
                nothing.
            classifier_activation: "softmax", or None for logits.
            weights: path of a weight file, see `load_weights`.
            pretrained: load published weights: True for the variant's default ones, a data set
                ("cifar10"), or a name of `zoo.list_presets()`. For another `num_classes` the
                classifier is new, for another `input_shape` see `load_weights`.
            class_names: of the classes, in order: where those of the weights are others, the
                classifier is new although they may be as many.
            input_tensor: a Keras tensor of floats to build upon instead of a new input.
            features_only: short for `include_top=False, pooling=None`.
            options: what this architecture alone knows (`drop_path` of the transformers).

        Raises:
            ValueError: what was expected and what came.
            OSError: pretrained weights can't be had, see `weight_file`.
        """
        if tf.keras.backend.image_data_format() != "channels_last":
            raise ValueError(
                "expected Keras' image_data_format to be 'channels_last', as all maps are "
                f"(B, H, W, C); got {tf.keras.backend.image_data_format()!r}"
            )
        preset = self._preset(variant, pretrained, weights)
        if preset is not None:
            variant = preset.model.removeprefix(f"{self.name}_")
        told: Preset | WeightsMetadata | None = preset
        if weights is not None and is_packed(weights):
            told = read_metadata(weights)
            variant = self._told_variant(told) if variant is None else variant
        if told is not None and input_tensor is None and input_shape is None:
            input_shape = told.input_shape
        name, spec = self._spec(self.default if variant is None else variant)
        if num_classes is None:
            num_classes = _number(class_names, told)
        if pooling not in (None, "avg", "max"):
            raise ValueError(f"pooling must be None, 'avg' or 'max'; got {pooling!r}")
        if features_only and pooling is not None:
            raise ValueError(f"features_only has no pooling; got {pooling!r}")
        if include_top and (not isinstance(num_classes, INTEGERS) or num_classes < 1):
            raise ValueError(f"num_classes must be a positive integer; got {num_classes!r}")
        if class_names is not None and len(class_names) != num_classes:
            raise ValueError(
                f"expected as many class_names as num_classes, {num_classes}; got "
                f"{len(class_names)}"
            )
        image = self._image(input_shape, input_tensor, spec.stride)
        source = image if input_tensor is None else tf.keras.utils.get_source_inputs(input_tensor)
        if preset is not None:
            weights = _published(preset, image)
        with static_build():
            with nullcontext() if weights is None else tf.variable_creator_scope(_blank):
                levels, vector = self.body(image, spec, **options)
            if features_only or (not include_top and pooling is None):
                outputs = levels
            elif not include_top:
                outputs = _pool(levels[-1], pooling)
            else:
                vector = _pool(levels[-1], "avg") if vector is None else vector
                outputs = _classify(vector, num_classes, classifier_activation)
            model = own = tf.keras.Model(source, outputs, name=name)
            if input_tensor is not None and weights is not None:  # layers before it have their own
                own = tf.keras.Model(input_tensor, outputs, name=name)
        for each in (model, own):
            each.variant = spec  # for weight files, which say whose they are
            name_classes(each, None)
            set_preprocessing(each, None)
        if weights is not None:
            named = class_names is not None
            new = named or (preset is not None and num_classes != preset.num_classes)
            load_weights(own, weights, new_classifier=new, class_names=class_names)
            name_classes(model, own.class_names)
            if model.inputs[0] is image:  # else its images are for the layers before
                set_preprocessing(model, own.preprocessing)
        if class_names is not None and include_top:
            name_classes(model, class_names)
        return model

    def _preset(self, variant: Any, pretrained: Any, weights: Any) -> Preset | None:
        """What `pretrained` means here."""
        if pretrained is False:
            return None
        if weights is not None:
            raise ValueError(
                f"give either pretrained= or weights=; got both (pretrained={pretrained!r}, "
                f"weights={weights!r})"
            )
        if variant is None:
            model = model_for(self.name, pretrained) or self.variant_name(self.default)
            return preset_for(model, pretrained)
        name, _ = self._spec(variant)
        if not isinstance(variant, str):
            raise ValueError(
                f"pretrained weights are of {self.name}'s own variants "
                f"({', '.join(sorted(self.variants))}); got {variant!r}. Use weights=PATH"
            )
        return preset_for(name, pretrained)

    def _told_variant(self, told: WeightsMetadata) -> Any:
        """The variant that packed weights are of; None where that is none of this architecture."""
        named = [name for name in self.variants if self.variant_name(name) == told.model]
        if named:
            return named[0]
        if told.model == self.name and told.variant is not None:
            for kind in dict.fromkeys(map(type, self.variants.values())):
                with suppress(ValueError):  # of another kind, or of another version
                    return from_table(kind, dict(told.variant))
        return None

    def _spec(self, variant: Any) -> tuple[str, Any]:
        """The model's name and its variant."""
        if isinstance(variant, str):
            if variant not in self.variants:
                raise unknown(f"variant of {self.name}", variant, sorted(self.variants))
            return self.variant_name(variant), self.variants[variant]
        kinds = {type(spec) for spec in self.variants.values()}
        if not isinstance(variant, tuple(kinds)):
            expected = " or ".join(sorted(kind.__name__ for kind in kinds))
            raise ValueError(f"variant must be a name or a {expected}; got {variant!r}")
        return self.name, variant

    def _image(self, input_shape: Any, input_tensor: Any, stride: int) -> Any:
        shape = input_shape if isinstance(input_shape, Iterable) else (input_shape,)
        shape = (224, 224, 3) if input_shape is None else tuple(shape)
        if input_tensor is None:
            self._check_shape(shape, stride)
            return tf.keras.Input(shape, name="image")
        symbolic = tf.is_tensor(input_tensor) and tf.keras.backend.is_keras_tensor(input_tensor)
        if not symbolic or not input_tensor.dtype.is_floating:
            raise ValueError(f"input_tensor must be a Keras tensor of floats; got {input_tensor}")
        given = tuple(input_tensor.shape[1:])
        if input_shape is not None and shape != given:
            raise ValueError(f"input_tensor must have shape {shape}; got {given}")
        self._check_shape(given, stride)
        return input_tensor

    def _check_shape(self, shape: Sequence[Any], stride: int) -> None:
        if len(shape) != 3 or not all(isinstance(n, INTEGERS) and n > 0 for n in shape):
            raise ValueError(
                f"input_shape must be (height, width, channels), positive integers; got {shape}"
            )
        if shape[0] % stride or shape[1] % stride:
            raise ValueError(
                f"input height and width of {self.name} must be multiples of {stride}; "
                f"got {shape[0]}x{shape[1]}"
            )


def _blank(create: Callable[..., tf.Variable], **arguments: Any) -> tf.Variable:
    """A weight of zeros, where a file will fill it: random numbers take time."""
    shape, dtype = (arguments.get(name) for name in ("shape", "dtype"))
    if None in (shape, dtype) or not tf.as_dtype(dtype).is_floating:  # state of random layers
        return create(**arguments)
    return create(**{**arguments, "initial_value": partial(tf.zeros, shape, dtype)})


def _number(class_names: Sequence[str] | None, told: Preset | WeightsMetadata | None) -> int:
    """Of classes, where none is given."""
    if class_names is not None:
        return len(class_names)
    return 1000 if told is None or told.num_classes is None else told.num_classes


def _published(preset: Preset, image: Any) -> Path:
    """The file of a preset's weights, for a model that reads `image`; logged."""
    if image.shape[-1] != preset.input_shape[-1]:
        raise ValueError(
            f"the weights {preset.name!r} are for images of {preset.input_shape[-1]} channels; "
            f"got {image.shape[-1]}"
        )
    log.info(
        "%s with the pretrained weights %s: %s, %dx%d pixels, %d classes, top-1 %.2f%%",
        *(preset.model, preset.name, preset.dataset, *preset.input_shape[:2]),
        *(preset.num_classes, 100 * preset.top_1),
    )
    return weight_file(preset)


def _pool(x: Any, pooling: str | None) -> Any:
    kinds = {
        "avg": tf.keras.layers.GlobalAveragePooling2D,
        "max": tf.keras.layers.GlobalMaxPooling2D,
    }
    return kinds[str(pooling)](name=f"{pooling}_pool")(x)


def _classify(vector: Any, num_classes: int, activation: Any) -> Any:
    dense = tf.keras.layers.Dense(
        num_classes,
        kernel_initializer=torch_uniform(),
        bias_initializer=bias_uniform(fan_in=vector.shape[-1]),
        name="classifier",
    )
    # at least float32, also under mixed precision: a softmax over many classes needs it
    dtype = "float64" if dense.compute_dtype == "float64" else "float32"
    return tf.keras.layers.Activation(activation, dtype=dtype, name="prediction")(dense(vector))
