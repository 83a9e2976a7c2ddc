"""What a stage is: its name, version, ingredients, and the function that does the work.

Here: the definition of a stage and the digests that name its recipe.
Not here: running it (engine/run, engine/workers), the stages themselves (stages/).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from iimm_pipelines.accessions.sets import Form
from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.engine.outcome import Kind, Outcome, Reason
from iimm_pipelines.schema import Table, part_schema

HINTS = "hints"
"""The ingredient that stands for what a stage may know of the accession (passwords, expected languages)."""


@dataclass(frozen=True, slots=True)
class Ingredient:
    """One thing that goes into a result and can change: code with a version, parameters, model digests.

    An outcome names the ingredients that had a part in it, so that a change of one redoes just that work. All values
    are strings, whole numbers, truth values, or lists and maps of these.
    """

    version: int = 1
    parameters: Mapping[str, Any] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    """Name of a model to its digest; a model that the store does not hold has the digest `absent`."""


class Source(StrEnum):
    """What a stage is given of an item besides the outcomes that it reads."""

    NOTHING = "nothing"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one item may cost. Time grows with its size."""

    seconds: float = 60
    seconds_per_mb: float = 2
    most_seconds: float = 6 * 3600
    memory: int | None = None
    """Bytes beyond the tools; None: as in settings."""
    made_bytes: int = 8 << 30
    """Bytes of files that a worker may write for one item."""

    def time(self, size: int) -> float:
        """Seconds for an item of `size` bytes."""
        return min(self.most_seconds, self.seconds + self.seconds_per_mb * size / (1 << 20))


@dataclass(frozen=True, slots=True)
class Upstream:
    """An earlier stage's outcome for the same item, as the next stage reads it."""

    kind: Kind
    reason: Reason | None
    tables: Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of a set that is read together with its head."""

    object: bytes
    size: int


@dataclass(frozen=True, slots=True)
class OfSet:
    """Which piece an item is, of a container in several pieces.

    `ending`: of its name; `head`: the item that stands for all, None where that one is not there; `lacking`: endings of
    what is not there; `count`: how many pieces are.
    """

    form: Form
    ending: str
    head: str | None
    lacking: tuple[str, ...]
    count: int
    pieces: tuple[Piece, ...] = ()
    """Only for the head: what is read, in order, itself among it."""

    def with_pieces(self, pieces: tuple[Piece, ...]) -> OfSet:
        """The same for the head."""
        return replace(self, pieces=pieces)


@dataclass(frozen=True, slots=True)
class Task:
    """One item as it is handed to a stage."""

    item: str
    place: int
    object: bytes
    size: int
    suffix: bytes = b""
    """The file name's suffix with its dot, in lower case; only for stages with `by_suffix`."""
    upstream: Mapping[str, Upstream] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)
    """What is known of this very occurrence (parent, family …); only for stages with `by_item`."""
    file: Path | None = None
    """Its bytes in scratch, without an extension; only for stages that read bytes. Of the head of a set that is not
    joined: a folder with the pieces' files, named in order."""
    scratch: Path | None = None
    hints: Mapping[str, Any] = field(default_factory=dict)
    set: OfSet | None = None
    """Where it is a piece of a container in several; only for stages with `by_set`."""


Load = Callable[[Mapping[str, Ingredient], Path], Any]
ApplyOne = Callable[[Any, Task], Outcome]
ApplyMany = Callable[[Any, Sequence[Task]], Sequence[Outcome]]


def nothing_to_load(ingredients: Mapping[str, Ingredient], models: Path) -> Mapping[str, Ingredient]:
    """The tool of a stage that needs no more than its ingredients."""
    return ingredients


def nothing_to_make_ready(tool: Any) -> None:
    """What a worker does with a tool while it waits, where that is nothing."""


def always_wanted(task: Task) -> Outcome | None:
    """The triage of a stage that takes every item."""
    return None


@dataclass(frozen=True, slots=True)
class Stage:
    """A pure function from one object's bytes, or earlier stages' rows, to one outcome for each item.

    `load` runs once in each worker: it is given the ingredients and the model store's folder. `apply` does one item
    (`batch` 1) or a batch. `triage` runs before anything is staged or sent: an outcome from it is final, so that the
    wrong kind of item costs nothing. `ready` is called after `load` in workers that are started before there are items:
    what else they may start then. All are named functions of a module.
    """

    name: str
    version: int
    tables: tuple[Table, ...]
    apply: ApplyOne | ApplyMany
    reads: tuple[str, ...] = ()
    source: Source = Source.NOTHING
    ingredients: Mapping[str, Ingredient] = field(default_factory=dict)
    load: Load = nothing_to_load
    ready: Callable[[Any], None] = nothing_to_make_ready
    triage: Callable[[Task], Outcome | None] = always_wanted
    batch: int = 1
    slice_items: int = 500
    slice_bytes: int = 64 << 20
    limits: Limits = Limits()
    by_item: bool = False
    """True where the outcome depends on the occurrence (path, family) and not on the object alone."""
    by_suffix: bool = False
    """True where the file name's suffix is a witness, so that equal bytes under another suffix are looked at anew."""
    by_set: bool = False
    """True where a container in several pieces is read as one, at its head."""
    hints: tuple[str, ...] = ()
    """Which of the accession's hints the stage may know: `passwords`, `starter_models`."""
    of_shut: bool = False
    """True where items are answered for that are kept shut (accessions/holds): nothing of their content is looked at."""
    makes_items: bool = False
    """True for the stage whose `members` become items of the shard."""
    workers: int | None = None
    """Most worker processes at once; None: as in settings."""
    _recipes: dict[frozenset[str] | None, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Recipes that were asked for, kept since every outcome asks."""

    def recipe(self, used: frozenset[str] | None) -> bytes:
        """SHA-256 over name, version and the ingredients used (`None`: all)."""
        if used not in self._recipes:
            names = self.ingredients.keys() if used is None else used & self.ingredients.keys()
            said = {"ingredients": {n: _plain(self.ingredients[n]) for n in names}, "stage": self.name,
                    "version": self.version}  # fmt: skip
            self._recipes[used] = hashlib.sha256(canonical(said)).digest()
        return self._recipes[used]

    @property
    def digest(self) -> str:
        """The stage digest: name, version, parameters, model digests."""
        return self.recipe(None).hex()

    def described(self) -> dict[str, Any]:
        """The ingredients as they go into an attestation."""
        return {n: _plain(i) for n, i in sorted(self.ingredients.items())}

    def with_hints(self, digest: str) -> Stage:
        """The same stage as it works in an accession whose hints have this digest."""
        return replace(self, ingredients={**self.ingredients, HINTS: Ingredient(parameters={"digest": digest})})

    def with_parameters(self, changes: Mapping[str, Mapping[str, Any]]) -> Stage:
        """The same stage with parameters that an operator changed.

        Raises:
            KeyError: an ingredient or parameter that the stage does not have.
        """
        ingredients = dict(self.ingredients)
        for name, parameters in changes.items():
            if name not in ingredients:
                raise KeyError(f"stage {self.name} has no ingredient {name!r}, only {sorted(ingredients)}")
            old = ingredients[name]
            unknown = parameters.keys() - old.parameters.keys()
            if unknown:
                raise KeyError(f"{self.name}.{name} has no parameter {sorted(unknown)}, only {sorted(old.parameters)}")
            ingredients[name] = replace(old, parameters={**old.parameters, **parameters})
        return replace(self, ingredients=ingredients)

    def with_models(self, digests: Mapping[str, str]) -> Stage:
        """The same stage with the digests of the models that the store holds; others stay `absent`."""

        def resolve(ingredient: Ingredient) -> Ingredient:
            return replace(ingredient, models={m: digests.get(m, "absent") for m in ingredient.models})

        return replace(self, ingredients={n: resolve(i) for n, i in self.ingredients.items()})

    @property
    def schema(self) -> Any:
        """The Arrow schema of its parts."""
        return part_schema(self.tables)


def _plain(ingredient: Ingredient) -> dict[str, Any]:
    return {"models": dict(ingredient.models), "parameters": dict(ingredient.parameters),
            "version": ingredient.version}  # fmt: skip


def part_key(stage: Stage, shard: str, slice_: tuple[int, int], leaves: Sequence[bytes], retry: int) -> str:
    """The key of a part: SHA-256 over stage digest, slice, the leaves that it reads, and the retry number.

    The slice belongs to it, since all members of a container come from one leaf: two slices of them read the same.
    """
    start, end = slice_
    hasher = hashlib.sha256(f"{stage.digest}\n{shard}\n{start}\n{end}\n{retry}\n".encode())
    for leaf in leaves:
        hasher.update(leaf)
    return hasher.hexdigest()
