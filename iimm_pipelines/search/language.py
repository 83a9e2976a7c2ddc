"""The query language: what a person typed as a tree of words, fields, `AND`, `OR`, `NOT`, `~5` and `word*`.

Here: the grammar, and what is said of a query that cannot be read.
Not here: how words may stand in a text (search/typed), what a field means in the index (search/asked_fields).

    query  = every (("OR" | "|") every)*
    every  = (["AND"] (term | "NOT" term))+
    term   = "(" query ")" | near | field
    near   = word ("~" number word)*
    field  = [name ":"] word ["*"]          word: without spaces, or in quotes

Only capitals are commands, `*` only directly behind a letter, `~` only with its number between two words, a name before
`:` only directly before its value. So nearly all that is pasted from a text stays what it is: words.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass


class QueryInvalid(ValueError):
    """A query that says nothing, or too much, or cannot be read; the text says what to type."""


@dataclass(frozen=True, slots=True)
class Plain:
    """Words, Burmese stretches and quoted phrases, all of which must be there."""

    text: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a word, or words of which the last one only begins so."""

    text: str


@dataclass(frozen=True, slots=True)
class Near:
    """Words or phrases with at most so many words, or syllables, between each and the next, in either order."""

    texts: tuple[str, ...]
    gaps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """What stands in one field only; `prefix`: only its beginning was typed."""

    name: str
    value: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """All of these, and none of those."""

    all_of: tuple[Node, ...]
    none_of: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of these."""

    any_of: tuple[Node, ...]


Node = Plain | Prefix | Near | Field | Every | Either

MOST_BETWEEN = 50
"""Words; what stands farther apart is asked for without `~`, and is found in one segment all the same."""
_DEEPEST = 20
_TOKEN = re.compile(
    r'(?P<field>[A-Za-z_0-9]*[A-Za-z_]):(?=["\w\u1000-\u109f(])|"(?P<phrase>[^"]*)"(?P<open_ended>\*?)|'
    r'(?P<sign>[()|])|(?P<near>~\d+)(?!\S)|(?P<word>[^\s"()|]+)|(?P<quote>")'
)
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
"""What telephones make of the key."""
_LETTER = r"[^\W_\u104a\u104b]|[\u102b-\u103e\u1056-\u1060\u1062-\u1064]"
_OPEN_ENDED = re.compile(rf"(?:{_LETTER})\*$")
_STAR_INSIDE = re.compile(rf"\*(?:{_LETTER})|(?:{_LETTER})\*(?!$)")
_TILDE_BEHIND = re.compile(rf"(?:{_LETTER})~\d*$")
_COMMANDS = ("AND", "OR", "NOT")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """field, words, prefix, near, a command, or a sign."""
    text: str


def parsed(typed: str, fields: Collection[str]) -> Node:
    """What was typed, in normal form, as a tree; without any command it is `Plain` as a whole.

    Raises:
        QueryInvalid: it holds commands that cannot be read together, or a field that is none of these.
    """
    typed = typed.translate(_QUOTES)
    tokens = [_read(match, fields) for match in _TOKEN.finditer(typed)]
    if all(token.kind in ("words", "(", ")", '"') for token in tokens):
        return Plain(typed)
    if any(token.kind == '"' for token in tokens):
        raise QueryInvalid('a quotation mark " is missing')
    reading = _Reading(tokens)
    tree = reading.query(0)
    if reading.here is not None:
        raise QueryInvalid("there is a ) too many")
    return tree


def _read(match: re.Match[str], fields: Collection[str]) -> _Token:
    if name := match["field"]:
        if name.lower() not in fields:
            known = ", ".join(sorted(fields))
            raise QueryInvalid(f"there is no field {name}: (there are {known}); in quotes it is looked for as it is")
        return _Token("field", name.lower())
    if match["phrase"] is not None:
        return _Token("prefix", match["phrase"]) if match["open_ended"] else _Token("words", f'"{match["phrase"]}"')
    if match["near"]:
        return _Token("near", match["near"])
    if not (word := match["word"]):
        return _Token(match["sign"] or '"', "")
    if word in _COMMANDS:
        return _Token(word, "")
    if _STAR_INSIDE.search(word):
        raise QueryInvalid("* stands only at the end of a word: villag*; in quotes it is looked for as a sign")
    if _TILDE_BEHIND.search(word):
        raise QueryInvalid("write two words near each other as: monastery ~5 bell")
    return _Token("prefix", word[:-1]) if _OPEN_ENDED.search(word) else _Token("words", word)


class _Reading:
    """The tokens, from where reading stands."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def here(self) -> str | None:
        """The kind of the next token."""
        return self._tokens[self._at].kind if self._at < len(self._tokens) else None

    def _take(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def query(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise QueryInvalid(f"at most {_DEEPEST} brackets within each other")
        ways = [self._every(depth)]
        while self.here in ("OR", "|"):
            self._take()
            ways.append(self._every(depth))
        return ways[0] if len(ways) == 1 else Either(tuple(ways))

    def _every(self, depth: int) -> Node:
        plain: list[str] = []
        others: list[Node] = []
        without: list[Node] = []
        expected = True  # after AND, and at the beginning
        while self.here not in (None, "OR", "|", ")"):
            if self.here == "AND":
                if expected:
                    raise QueryInvalid("AND stands between two words")
                self._take()
                expected = True
                continue
            expected = False
            if self.here == "NOT":
                self._take()
                without.append(self._term(depth, "NOT stands before a word"))
                continue
            found = self._term(depth, "")
            if isinstance(found, Plain):
                plain.append(found.text)
            else:
                others.append(found)
        if expected and (plain or others or without):
            raise QueryInvalid("AND stands between two words")
        if plain:
            others.insert(0, Plain(" ".join(plain)))
        if not others and without:
            raise QueryInvalid("say beside NOT what to look for: monastery NOT bell")
        if not others:
            raise QueryInvalid("something is missing beside OR, or between ( and )")
        return others[0] if len(others) == 1 and not without else Every(tuple(others), tuple(without))

    def _term(self, depth: int, why: str) -> Node:
        if self.here in (None, "OR", "|", "AND", "NOT", ")"):
            raise QueryInvalid(why)
        token = self._take()
        if token.kind == "(":
            inside = self.query(depth + 1)
            if self.here != ")":
                raise QueryInvalid("a ) is missing")
            self._take()
            return inside
        if token.kind == "field":
            return self._field(token.text)
        if token.kind == "near":
            raise QueryInvalid("write two words near each other as: monastery ~5 bell")
        if self.here == "near":
            return self._near(token)
        return Prefix(token.text) if token.kind == "prefix" else Plain(token.text)

    def _field(self, name: str) -> Field:
        if self.here not in ("words", "prefix"):
            raise QueryInvalid(f"directly behind {name}: stands one word, or several in quotes")
        value = self._take()
        return Field(name, value.text.strip('"'), value.kind == "prefix")

    def _near(self, first: _Token) -> Near:
        texts, gaps = [first], []
        while self.here == "near":
            number = self._take().text[1:]
            if len(number) > 3 or int(number) > MOST_BETWEEN:
                raise QueryInvalid(f"~ is followed by how many words may stand between, 0 to {MOST_BETWEEN}: ~5")
            gaps.append(int(number))
            if self.here not in ("words", "prefix"):
                raise QueryInvalid("write two words near each other as: monastery ~5 bell")
            texts.append(self._take())
        if any(text.kind == "prefix" for text in texts):
            raise QueryInvalid("beside ~ stand whole words, without *")
        return Near(tuple(text.text.strip('"') for text in texts), tuple(gaps))
