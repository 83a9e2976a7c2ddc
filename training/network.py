"""A small Transformer whose weights map one to one onto CTranslate2's own layout.

Here: layers, loss, sizes. Not here: how it is trained (train.py) and written for CTranslate2 (convert.py).
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.corpus import PADDING

LONGEST = 512
_HIDDEN = -1e4  # far below any score, and within bfloat16


@dataclass(frozen=True, slots=True)
class Size:
    """7.5 million parameters: 8 MB as int8."""

    source_pieces: int
    target_pieces: int
    width: int = 256
    inner: int = 1024
    heads: int = 4
    encoder_layers: int = 4
    decoder_layers: int = 2


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded piece numbers: source, target as fed in (from BEGIN), target as expected (to END)."""

    source: Tensor
    fed: Tensor
    expected: Tensor


def positions(width: int) -> Tensor:
    """Sines and then cosines, as CTranslate2 expects them."""
    steps = torch.exp(torch.arange(0, width, 2).float() * (-math.log(10_000.0) / width))
    angles = torch.arange(LONGEST).float()[:, None] * steps
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class Attention(nn.Module):
    """Pre-norm attention by plain matrix products: for short sentences on a CPU cheaper than the fused kernel.

    Measured backward and forward of a step: 0.86 against 1.16 core-seconds.
    """

    def __init__(self, width: int, heads: int, across: bool) -> None:
        """Across: keys and values come from the encoder."""
        super().__init__()
        self.heads, self.across = heads, across
        self.norm = nn.LayerNorm(width)
        self.inputs = nn.Linear(width, width if across else 3 * width)
        self.memory = nn.Linear(width, 2 * width) if across else None
        self.output = nn.Linear(width, width)

    def forward(self, state: Tensor, memory: Tensor | None, hidden: Tensor | None) -> Tensor:
        """Hidden is true where nothing may be read."""
        batch, _, width = state.shape
        mixed = self.inputs(self.norm(state))
        if self.memory is not None:
            query, (key, value) = mixed, self.memory(memory).split(width, dim=2)
        else:
            query, key, value = mixed.split(width, dim=2)
        query, key, value = (
            part.view(batch, -1, self.heads, width // self.heads).transpose(1, 2) for part in (query, key, value)
        )
        scores = (query * (width // self.heads) ** -0.5) @ key.transpose(2, 3)
        if hidden is not None:
            scores = scores.masked_fill(hidden, _HIDDEN)
        read = scores.softmax(dim=3, dtype=torch.float32).to(value.dtype) @ value
        return self.output(read.transpose(1, 2).reshape(batch, -1, width))


class FeedForward(nn.Module):
    """Pre-norm, two layers, ReLU."""

    def __init__(self, width: int, inner: int) -> None:
        """Width in and out, inner between."""
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.wide = nn.Linear(width, inner)
        self.narrow = nn.Linear(inner, width)

    def forward(self, state: Tensor) -> Tensor:
        """The addition to the state."""
        return self.narrow(functional.relu(self.wide(self.norm(state))))


class Layer(nn.Module):
    """One layer of the encoder, or of the decoder when it also reads across."""

    def __init__(self, size: Size, across: bool) -> None:
        """Across: a decoder layer."""
        super().__init__()
        self.within = Attention(size.width, size.heads, across=False)
        self.across = Attention(size.width, size.heads, across=True) if across else None
        self.forth = FeedForward(size.width, size.inner)


class Network(nn.Module):
    """Encoder and decoder; the decoder's embedding is the output matrix too."""

    def __init__(self, size: Size, dropout: float = 0.1) -> None:
        """Weights from torch's current seed."""
        super().__init__()
        self.size, self.dropout = size, dropout
        self.source = nn.Embedding(size.source_pieces, size.width)
        self.target = nn.Embedding(size.target_pieces, size.width)
        self.encoder = nn.ModuleList(Layer(size, across=False) for _ in range(size.encoder_layers))
        self.decoder = nn.ModuleList(Layer(size, across=True) for _ in range(size.decoder_layers))
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(size.width), nn.LayerNorm(size.width)
        self.output_bias = nn.Parameter(torch.zeros(size.target_pieces))
        self.register_buffer("positions", positions(size.width), persistent=False)
        for parameter in self.matrices():
            nn.init.normal_(parameter, std=0.6 * size.width**-0.5)
        for embedding in (self.source, self.target):
            nn.init.normal_(embedding.weight, std=size.width**-0.5)

    def matrices(self) -> list[nn.Parameter]:
        """The weights of all linear layers, largest first."""
        found = [module.weight for module in self.modules() if isinstance(module, nn.Linear)]
        return sorted(found, key=lambda parameter: -parameter.numel())

    def vectors(self) -> list[nn.Parameter]:
        """All other parameters: embeddings, biases, norms."""
        matrices = {id(parameter) for parameter in self.matrices()}
        return [parameter for parameter in self.parameters() if id(parameter) not in matrices]

    def _dropped(self, addition: Tensor) -> Tensor:
        """Dropout of whole channels of a sentence: nearly free on a CPU, where a mask for each element is not."""
        if not self.training or not self.dropout:
            return addition
        kept = torch.rand(addition.shape[0], 1, addition.shape[2]) > self.dropout
        return addition * (kept.to(addition.dtype) / (1 - self.dropout))

    def _embedded(self, embedding: nn.Embedding, pieces: Tensor) -> Tensor:
        return self._dropped(embedding(pieces) * math.sqrt(self.size.width) + self.positions[: pieces.shape[1]])

    def encode(self, source: Tensor, hidden: Tensor | None) -> Tensor:
        """States of the source pieces."""
        state = self._embedded(self.source, source)
        for layer in self.encoder:
            state = state + self._dropped(layer.within(state, None, hidden))
            state = state + self._dropped(layer.forth(state))
        return self.encoder_norm(state)

    def decode(self, fed: Tensor, memory: Tensor, hidden: Tensor | None) -> Tensor:
        """States of the target pieces, each of which sees only what stands before it."""
        state = self._embedded(self.target, fed)
        future = torch.ones(fed.shape[1], fed.shape[1], dtype=torch.bool).triu(1)
        for layer in self.decoder:
            state = state + self._dropped(layer.within(state, None, future))
            state = state + self._dropped(layer.across(state, memory, hidden))
            state = state + self._dropped(layer.forth(state))
        return self.decoder_norm(state)

    def loss(self, batch: Batch, smoothing: float) -> tuple[Tensor, int]:
        """Summed cross-entropy in nats, with label smoothing, and the number of target pieces."""
        padding = batch.source == PADDING
        hidden = padding[:, None, None, :] if padding.any() else None
        state = self.decode(batch.fed, self.encode(batch.source, hidden), hidden)
        counted = batch.expected != PADDING
        logits = functional.linear(state[counted], self.target.weight, self.output_bias).float()
        expected = batch.expected[counted]
        total = functional.cross_entropy(logits, expected, reduction="sum", label_smoothing=smoothing)
        return total, expected.numel()
