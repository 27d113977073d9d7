# SPDX-License-Identifier: BSD-3-Clause
"""What other libraries call the activations, for comparisons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ..conformance.certificate import Question


class Peer(NamedTuple):
    """A function of another library, and the keywords that make it the activation."""

    target: str
    keywords: tuple[tuple[str, Any], ...] = ()


_TORCH = "torch.nn.functional:"
PEERS: Mapping[str, Mapping[str, Peer]] = {
    "torch": {
        **{
            name: Peer(f"{_TORCH}{name}")
            for name in (
                *("logsigmoid", "relu6", "leaky_relu", "elu", "celu", "selu", "softplus", "softsign", "tanhshrink"),
                *("gelu", "silu", "mish", "hardsigmoid", "hardswish"),
            )
        },
        "gelu_tanh": Peer(f"{_TORCH}gelu", (("approximate", "tanh"),)),
        "sigmoid": Peer("torch:sigmoid"),
        "tanh": Peer("torch:tanh"),
        "relu": Peer("torch:relu"),
    },
    "jax": {
        "gelu": Peer("jax.nn:gelu", (("approximate", False),)),
        "gelu_tanh": Peer("jax.nn:gelu", (("approximate", True),)),
        "silu": Peer("jax.nn:silu"),
        "sigmoid": Peer("jax.nn:sigmoid"),
        "logsigmoid": Peer("jax.nn:log_sigmoid"),
        "tanh": Peer("jax.numpy:tanh"),
        "softplus": Peer("jax.nn:softplus"),
        "softsign": Peer("jax.nn:soft_sign"),
        "mish": Peer("jax.nn:mish"),
        "elu": Peer("jax.nn:elu"),
        "celu": Peer("jax.nn:celu"),
        "selu": Peer("jax.nn:selu"),
        "hardsigmoid": Peer("jax.nn:hard_sigmoid"),
        "hardswish": Peer("jax.nn:hard_swish"),
    },
    "numpy": {  # with SciPy, which works on NumPy's arrays
        "sigmoid": Peer("scipy.special:expit"),
        "logsigmoid": Peer("scipy.special:log_expit"),
        "tanh": Peer("numpy:tanh"),
    },
}


def questions(activation: str, dtype: str, *, gradient: bool = False) -> Iterator[Question]:
    """What to ask of every library that is installed and has the activation."""
    from ..conformance.certificate import Question
    from .work import installed

    for library, functions in PEERS.items():
        if activation in functions and installed(library) and not (library == "numpy" and not installed("scipy")):
            peer = functions[activation]
            yield Question(activation, peer.target, peer.keywords, dtype, library, "cpu", gradient)
