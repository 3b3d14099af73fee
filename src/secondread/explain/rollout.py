"""How attention flows from the first layer of a transformer to its last."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def rollout(layers: Sequence[NDArray[np.floating]], *, own: float = 0.5) -> Floats:
    """How much of each token of the input each token of the output is made of, if values only flow by attention.

    The heads of a layer are averaged. A layer passes part of each token on unchanged (its residual connection), the
    rest as its attention says. The layers are multiplied. It applies to networks that are stacks of self-attention
    over the same tokens; no network that ships here is one, imported ones may be.

    Args:
        layers: Of each layer, the first one first, attention [head, token, token]; rows (to) sum to 1 over columns
            (from).
        own: Share of a token that passes unchanged, in [0, 1].

    Returns:
        float64 [token, token]; rows sum to 1. Row 0 is the map of a class token.

    Raises:
        ValueError: If there is no layer, shapes differ, the share leaves [0, 1], or a row does not sum to 1.

    Source: Abnar and Zuidema, Quantifying attention flow in transformers, ACL 2020, section 3.

    >>> rollout([np.array([[[0.0, 1.0], [0.0, 1.0]]])]).tolist()
    [[0.5, 0.5], [0.0, 1.0]]
    """
    if not len(layers) or not 0.0 <= own <= 1.0:
        raise ValueError(f"found {len(layers)} layers and the share {own}; needed at least one, and a share in [0, 1]")
    heads = [np.asarray(layer, dtype=np.float64) for layer in layers]
    tokens = heads[0].shape[-1]
    if any(layer.ndim != 3 or layer.shape[1:] != (tokens, tokens) for layer in heads):
        raise ValueError(f"found attention {[layer.shape for layer in heads]}; needed [head, token, token] throughout")
    if any(not np.allclose(layer.sum(-1), 1.0, atol=1e-3) or (layer < 0.0).any() for layer in heads):
        raise ValueError("found attention whose rows do not sum to 1; give what comes after the softmax")
    flow = np.eye(tokens)
    for layer in heads:
        flow = (own * np.eye(tokens) + (1.0 - own) * layer.mean(axis=0)) @ flow
    return flow
