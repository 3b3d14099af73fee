"""The ONNX operators that networks of bundles are made of, in a form that gives gradients."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from onnx import TensorProto
from torch import Tensor, nn

Attributes = Mapping[str, Any]
Given = Sequence[Tensor | None]
Operator = Callable[[Given, Attributes], Tensor]
BY_AXES: dict[int, Callable[..., Tensor]] = {2: nn.functional.conv2d, 3: nn.functional.conv3d}
BACK_BY_AXES: dict[int, Callable[..., Tensor]] = {
    2: nn.functional.conv_transpose2d,
    3: nn.functional.conv_transpose3d,
}
MEAN_BY_AXES: dict[int, Callable[..., Tensor]] = {2: nn.functional.avg_pool2d, 3: nn.functional.avg_pool3d}
MAX_BY_AXES: dict[int, Callable[..., Tensor]] = {2: nn.functional.max_pool2d, 3: nn.functional.max_pool3d}
SMOOTH = {3: "linear", 4: "bilinear", 5: "trilinear"}
TYPES = {
    TensorProto.FLOAT: torch.float32,
    TensorProto.FLOAT16: torch.float16,
    TensorProto.INT64: torch.int64,
    TensorProto.INT32: torch.int32,
    TensorProto.BOOL: torch.bool,
}


def cast(given: Given, attributes: Attributes) -> Tensor:
    """Values in another type."""
    return there(given, 0).to(TYPES[attributes["to"]])


def convolution(given: Given, attributes: Attributes) -> Tensor:
    """A convolution, padded with 0."""
    image, weight = there(given, 0), there(given, 1)
    axes = weight.ndim - 2
    return BY_AXES[axes](
        padded(image, attributes, axes, 0.0),
        weight,
        optional(given, 2),
        attributes.get("strides", [1] * axes),
        0,
        attributes.get("dilations", [1] * axes),
        attributes.get("group", 1),
    )


def transposed(given: Given, attributes: Attributes) -> Tensor:
    """A transposed convolution."""
    image, weight = there(given, 0), there(given, 1)
    axes = weight.ndim - 2
    return BACK_BY_AXES[axes](
        image,
        weight,
        optional(given, 2),
        attributes.get("strides", [1] * axes),
        even_pads(attributes, axes),
        attributes.get("output_padding", [0] * axes),
        attributes.get("group", 1),
        attributes.get("dilations", [1] * axes),
    )


def batch_normalised(given: Given, attributes: Attributes) -> Tensor:
    """Batch normalisation with the statistics of the training."""
    image, scale, shift, mean, variance = (there(given, n) for n in range(5))
    epsilon = attributes.get("epsilon", 1e-5)
    return nn.functional.batch_norm(image, mean, variance, scale, shift, training=False, eps=epsilon)


def mean_pooled(given: Given, attributes: Attributes) -> Tensor:
    """Means of windows."""
    kernel = attributes["kernel_shape"]
    return MEAN_BY_AXES[len(kernel)](
        there(given, 0),
        kernel,
        attributes.get("strides", [1] * len(kernel)),
        even_pads(attributes, len(kernel)),
        bool(attributes.get("ceil_mode", 0)),
        bool(attributes.get("count_include_pad", 0)),
    )


def max_pooled(given: Given, attributes: Attributes) -> Tensor:
    """Largest values of windows."""
    kernel = attributes["kernel_shape"]
    image = padded(there(given, 0), attributes, len(kernel), -torch.inf)
    return MAX_BY_AXES[len(kernel)](image, kernel, attributes.get("strides", [1] * len(kernel)))


def resized(given: Given, attributes: Attributes) -> Tensor:
    """Linear interpolation to another size, by pixel centres."""
    image, scales, sizes = there(given, 0), optional(given, 2), optional(given, 3)
    asked = (attributes.get("mode", b"nearest"), attributes.get("coordinate_transformation_mode", b"half_pixel"))
    if asked != (b"linear", b"half_pixel") or attributes.get("antialias", 0):
        raise NotImplementedError(f"Resize {asked[0].decode()} {asked[1].decode()}")
    if sizes is None:
        assert scales is not None
        sizes = (torch.tensor(image.shape) * scales).floor().to(torch.int64)
    return nn.functional.interpolate(image, size=sizes.tolist()[2:], mode=SMOOTH[image.ndim], align_corners=False)


def mean(given: Given, attributes: Attributes) -> Tensor:
    """Mean over axes."""
    image, axes = there(given, 0), optional(given, 1)
    over = list(range(image.ndim)) if axes is None else axes.tolist()
    return image.mean(over, keepdim=bool(attributes.get("keepdims", 1)))


def sliced(given: Given, attributes: Attributes) -> Tensor:  # noqa: ARG001 - operators take the same arguments
    """A part along axes; a negative step turns it round."""
    image, starts, ends = there(given, 0), there(given, 1).tolist(), there(given, 2).tolist()
    axes, steps = optional(given, 3), optional(given, 4)
    for n, (start, end) in enumerate(zip(starts, ends, strict=True)):
        axis = n if axes is None else int(axes[n])
        step = 1 if steps is None else int(steps[n])
        kept = range(image.shape[axis])[slice(start, end, step)]
        image = image.index_select(axis, torch.tensor(list(kept), dtype=torch.int64))
    return image


def clipped(given: Given, attributes: Attributes) -> Tensor:  # noqa: ARG001 - operators take the same arguments
    """Values kept between two bounds."""
    return torch.clamp(there(given, 0), optional(given, 1), optional(given, 2))


def shape(given: Given, attributes: Attributes) -> Tensor:
    """Lengths of the axes, or of some of them."""
    return torch.tensor(there(given, 0).shape[attributes.get("start", 0) : attributes.get("end")])


def unsqueezed(given: Given, attributes: Attributes) -> Tensor:  # noqa: ARG001 - operators take the same arguments
    """Axes of length 1 put in."""
    image = there(given, 0)
    axes = there(given, 1).tolist()
    for axis in sorted(at % (image.ndim + len(axes)) for at in axes):
        image = image.unsqueeze(axis)
    return image


def concatenated(given: Given, attributes: Attributes) -> Tensor:
    """Several tensors, one behind the other."""
    return torch.cat([there(given, n) for n in range(len(given))], dim=attributes["axis"])


def flattened(given: Given, attributes: Attributes) -> Tensor:
    """A matrix: the axes before ``axis`` in its rows, the others in its columns."""
    image = there(given, 0)
    rows = int(torch.tensor(image.shape[: attributes.get("axis", 1)]).prod())
    return image.reshape(rows, -1)


OPERATORS: dict[str, Operator] = {
    "Add": lambda given, _: there(given, 0) + there(given, 1),
    "AveragePool": mean_pooled,
    "BatchNormalization": batch_normalised,
    "Cast": cast,
    "Clip": clipped,
    "Concat": concatenated,
    "Conv": convolution,
    "ConvTranspose": transposed,
    "Div": lambda given, _: there(given, 0) / there(given, 1),
    "Flatten": flattened,
    "LeakyRelu": lambda given, attributes: nn.functional.leaky_relu(there(given, 0), attributes.get("alpha", 0.01)),
    "MatMul": lambda given, _: there(given, 0) @ there(given, 1),
    "MaxPool": max_pooled,
    "Mul": lambda given, _: there(given, 0) * there(given, 1),
    "Pow": lambda given, _: there(given, 0) ** there(given, 1),
    "ReduceMean": mean,
    "Relu": lambda given, _: torch.relu(there(given, 0)),
    "Resize": resized,
    "Shape": shape,
    "Sigmoid": lambda given, _: torch.sigmoid(there(given, 0)),
    "Slice": sliced,
    "Softmax": lambda given, attributes: torch.softmax(there(given, 0), attributes.get("axis", -1)),
    "Sqrt": lambda given, _: torch.sqrt(there(given, 0)),
    "Sub": lambda given, _: there(given, 0) - there(given, 1),
    "Unsqueeze": unsqueezed,
}


def there(given: Given, n: int) -> Tensor:
    """An input that the operator cannot do without."""
    value = given[n]
    assert value is not None
    return value


def optional(given: Given, n: int) -> Tensor | None:
    """An input that may be left out."""
    return given[n] if n < len(given) else None


def padded(image: Tensor, attributes: Attributes, axes: int, value: float) -> Tensor:
    """An image with what the attribute ``pads`` asks for: first all beginnings, then all ends."""
    pads = attributes.get("pads", [0] * 2 * axes)
    if not any(pads):
        return image
    pairs = [side for axis in reversed(range(axes)) for side in (pads[axis], pads[axes + axis])]
    return nn.functional.pad(image, pairs, value=value)


def even_pads(attributes: Attributes, axes: int) -> list[int]:
    """Padding that is the same at the beginning and at the end of each axis."""
    pads: list[int] = list(attributes.get("pads", [0] * 2 * axes))
    if pads[:axes] != pads[axes:]:
        raise NotImplementedError(f"pads {pads}")
    return pads[:axes]
