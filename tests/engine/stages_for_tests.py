"""Tiny stages for the tests of engine, custody and accessions: they do what the bytes of an item tell them.

Here: stages that misbehave on demand, and a small container format with passwords, so that no test needs a real reader.
Not here: assertions, holdings (small_holding).
"""

from __future__ import annotations

import base64
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from iimm_pipelines.engine.outcome import MadeFile, Outcome, Problem, Reason, Row, ended, produced
from iimm_pipelines.engine.stage import HINTS, Ingredient, Limits, Source, Stage, Task
from iimm_pipelines.schema import DOCUMENT, MEMBERS, NORMAL_SEGMENTS, SEGMENTS

PACK = b"PACK"
_leaked: list[object] = []


def said(text: str) -> Outcome:
    """A good outcome."""
    return produced({"segments": [{"text": text}]})


# What an item can do to its worker


def segmentation_fault(task: Task) -> Outcome:
    ctypes.string_at(0)
    return said("never")


def hang_holding_the_interpreter(task: Task) -> Outcome:
    ctypes.PyDLL(None).sleep(600)
    return said("never")


def hang_with_a_child(task: Task) -> Outcome:
    subprocess.Popen(["sh", "-c", "sleep 601 & sleep 602"])
    time.sleep(600)
    return said("never")


def hang_with_a_daemon(task: Task) -> Outcome:
    subprocess.Popen(["sh", "-c", "setsid sleep 603 || sleep 603"])
    time.sleep(600)
    return said("never")


def start_many_children(task: Task) -> Outcome:
    for _ in range(200):
        subprocess.Popen(["sleep", "606"])
    time.sleep(600)
    return said("never")


def have_children_eat_memory(task: Task) -> Outcome:
    code = "import time; x = b'x' * (200 << 20); time.sleep(600)"
    for _ in range(7):
        subprocess.Popen([sys.executable, "-S", "-c", code])
    time.sleep(600)
    return said("never")


def leave_a_child(task: Task) -> Outcome:
    subprocess.Popen(["sleep", "604"])
    return said("left")


def leave_a_daemon(task: Task) -> Outcome:
    subprocess.Popen(["sh", "-c", "setsid sleep 605 & sleep 605 & "])
    return said("left")


def eat_memory(task: Task) -> Outcome:
    return said(str(len([bytes(16 << 20) for _ in range(1000)])))


def eat_memory_in_c(task: Task) -> Outcome:
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes = [ctypes.c_size_t]
    libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
    while True:  # like most C code, it does not look whether it got any
        libc.memset(libc.malloc(16 << 20), 1, 16 << 20)


def keep_memory(task: Task) -> Outcome:
    """Take nearly all that the worker may have, and answer well."""
    _leaked.append(bytearray(200 << 20))
    return said("kept")


def need_some_memory(task: Task) -> Outcome:
    return said(str(len(bytearray(100 << 20))))


def keep_files_open(task: Task) -> Outcome:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    while True:
        try:
            _leaked.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            return said(str(most))


def open_a_file(task: Task) -> Outcome:
    return said(str(len(Path("/dev/null").read_bytes())))


def die_soon_after(task: Task) -> Outcome:
    threading.Timer(0.3, os._exit, [9]).start()
    return said("alive")


def speak(task: Task) -> Outcome:
    print("the witness is called Su")
    sys.stderr.write("the witness is called Su\n")
    sys.stdout.flush()
    ctypes.CDLL(None).puts(b"the witness is called Su")
    ctypes.CDLL(None).fflush(None)
    return said("spoken")


def contain_itself(task: Task) -> Outcome:
    """What some ZIP files do."""
    assert task.file is not None
    assert task.scratch is not None
    files = []
    for i in range(2):
        (task.scratch / f"{i}").write_bytes(task.file.read_bytes())
        files.append(MadeFile("members", i, task.scratch / f"{i}"))
    rows = [{"path": b"again", "relation": "member"}, {"path": b"again", "relation": "member"}]
    return produced({"members": rows}, files=tuple(files))


def file_elsewhere(task: Task) -> Outcome:
    return produced({"segments": [{"text": "x"}]}, files=(MadeFile("segments", 0, Path("/etc/hostname")),))


class _NotPicklable(dict[str, Any]):
    def __reduce__(self) -> str:
        raise AttributeError("cannot leave")


def _raise(error: BaseException) -> Outcome:
    raise error


BEHAVIOURS: Mapping[str, Callable[[Task], object]] = {
    "good": lambda task: said(task.item),
    "leave by 3": lambda task: os._exit(3),
    "leave by 0": lambda task: os._exit(0),
    "leave by exit": lambda task: sys.exit(0),
    "killed": lambda task: os.kill(os.getpid(), signal.SIGKILL),
    "segmentation fault": segmentation_fault,
    "hang": lambda task: time.sleep(600),
    "hang in C": hang_holding_the_interpreter,
    "hang with a child": hang_with_a_child,
    "hang with a daemon": hang_with_a_daemon,
    "start many children": start_many_children,
    "have children eat memory": have_children_eat_memory,
    "leave a child": leave_a_child,
    "leave a daemon": leave_a_daemon,
    "raise": lambda task: _raise(ValueError("the witness is called Su")),
    "problem": lambda task: _raise(Problem(Reason.DAMAGED)),
    "eat memory": eat_memory,
    "eat memory in C": eat_memory_in_c,
    "keep memory": keep_memory,
    "need some memory": need_some_memory,
    "keep files open": keep_files_open,
    "open a file": open_a_file,
    "die soon after": die_soon_after,
    "speak": speak,
    "contain itself": contain_itself,
    "nothing": lambda task: None,
    "a text": lambda task: "an outcome",
    "unknown table": lambda task: produced({"places": [{"text": "x"}]}),
    "unknown column": lambda task: produced({"segments": [{"colour": "x"}]}),
    "unknown inner column": lambda task: produced(
        {"segments": [{"text": "x", "words": [{"start_ms": 1, "end_ms": 2, "text": "x", "colour": "red"}]}]}
    ),
    "float in whole": lambda task: produced({"segments": [{"text": "x", "page": 1.0}]}),
    "truth in whole": lambda task: produced({"segments": [{"text": "x", "page": True}]}),
    "bytes in text": lambda task: produced({"segments": [{"text": b"x"}]}),
    "too large a number": lambda task: produced({"segments": [{"text": "x", "page": 2**60}]}),
    "lone surrogate": lambda task: produced({"segments": [{"text": "\ud800"}]}),
    "lone surrogate in detail": lambda task: ended(Reason.DAMAGED, detail="\ud800"),
    "null row": lambda task: produced({"segments": [None]}),  # type: ignore[list-item]
    "object in row": lambda task: produced({"segments": [{"text": object()}]}),
    "not picklable": lambda task: produced({"segments": [_NotPicklable(text="x")]}),
    "rows that end": lambda task: produced({"segments": ({"text": t} for t in "xy")}),  # type: ignore[dict-item]
    "unknown ingredient": lambda task: produced({}, frozenset({"salt"})),
    "file elsewhere": file_elsewhere,
    "file of no row": lambda task: produced({}, files=(MadeFile("segments", 5, Path("x")),)),
    "file that is not there": lambda task: produced(
        {"segments": [{"text": "x"}]}, files=(MadeFile("segments", 0, (task.scratch or Path()) / "none"),)
    ),
}


def behave(word: str, task: Task) -> Outcome:
    return BEHAVIOURS[word](task)  # type: ignore[return-value]


def apply_one(tool: object, task: Task) -> Outcome:
    return behave(task.suffix.decode(), task)


def apply_many(tool: object, tasks: Sequence[Task]) -> Sequence[Outcome]:
    return [behave(t.suffix.decode(), t) for t in tasks]


def too_few(tool: object, tasks: Sequence[Task]) -> Sequence[Outcome]:
    return [said(t.item) for t in tasks if t.suffix == b"good"]


LIMITS = Limits(seconds=1.5, seconds_per_mb=0)
ONE = Stage("one", 1, (SEGMENTS,), apply_one, limits=LIMITS, ingredients={"code": Ingredient()})
MANY = Stage("many", 1, (SEGMENTS,), apply_many, limits=LIMITS, batch=4)
TOO_FEW = Stage("too_few", 1, (SEGMENTS,), too_few, limits=LIMITS, batch=4)


# Tools that do not load


def load_raises(ingredients: Mapping[str, Ingredient], models: Path) -> object:
    raise ValueError("the witness is called Su")


def load_has_no_model(ingredients: Mapping[str, Ingredient], models: Path) -> object:
    raise Problem(Reason.NO_MODEL)


def load_dies(ingredients: Mapping[str, Ingredient], models: Path) -> object:
    os._exit(3)


def load_hangs(ingredients: Mapping[str, Ingredient], models: Path) -> object:
    time.sleep(600)
    return None


def load_eats_memory(ingredients: Mapping[str, Ingredient], models: Path) -> object:
    return [bytes(16 << 20) for _ in range(1000)]


# A run of its own: containers, texts, words


def load_unpack(ingredients: Mapping[str, Ingredient], models: Path) -> Mapping[str, Ingredient]:
    return ingredients


def unpack(tool: Mapping[str, Ingredient], task: Task) -> Outcome:
    """A `PACK` with its members, else a text with its paragraphs; the reader of either is an ingredient."""
    assert task.file is not None
    assert task.scratch is not None
    if task.set is not None and task.set.head is not None and not task.set.pieces:
        return ended(Reason.PIECE, frozenset({"pack"}))
    data = task.file.read_bytes()
    if not data:
        return ended(Reason.NO_BYTES, frozenset())
    if not data.startswith(PACK):
        word = data.decode("utf-8", errors="replace")
        if word.startswith("do:"):
            return behave(word.removeprefix("do:"), task)
        return produced({"document": [{"media_type": "text/plain", "kind": "document"}],
                         "segments": [{"text": word}]}, frozenset({"text"}))  # fmt: skip
    held = json.loads(data[len(PACK) :])
    rows: list[Row] = []
    files: list[MadeFile] = []
    locked = False
    for i, (name, member) in enumerate(held["members"]):
        if tool["pack"].parameters.get("first_only") and i:
            break
        if member.get("lock") and member["lock"] not in task.hints.get("passwords", ()):
            rows.append({"path": name.encode(), "relation": "member", "problem": "encrypted"})
            locked = True
            continue
        path = task.scratch / f"{i}"
        path.write_bytes(base64.b64decode(member["base64"]))
        files.append(MadeFile("members", i, path))
        rows.append({"path": name.encode(), "relation": held.get("relation", "member")})
    tables = {"document": [{"media_type": "x-pack", "kind": "container"}], "members": rows}
    used = frozenset({"pack", HINTS}) if any(m["lock"] for _, m in held["members"]) else frozenset({"pack"})
    if locked:
        return ended(Reason.ENCRYPTED, used, tables, tuple(files))
    return produced(tables, used, tuple(files))


def pack(*members: tuple[str, bytes], locks: Mapping[str, str] | None = None, relation: str = "member") -> bytes:
    """A container; `locks`: member to the password that opens it."""
    held = [(n, {"base64": base64.b64encode(b).decode(), "lock": (locks or {}).get(n)}) for n, b in members]
    return PACK + json.dumps({"members": held, "relation": relation}).encode()


def chained(depth: int) -> bytes:
    """Containers in containers."""
    data = b"at the bottom"
    for i in range(depth):
        data = pack((f"level {i}", data))
    return data


def no_text(task: Task) -> Outcome | None:
    return None if task.upstream["contents"].tables.get("segments") else ended(Reason.NO_INPUT, frozenset())


def shout(tool: Mapping[str, Ingredient], task: Task) -> Outcome:
    """Each text in capitals; long ones by an ingredient of their own."""
    rows = [{"origin": "contents", "ordinal": i, "text": r["text"].upper()}
            for i, r in enumerate(task.upstream["contents"].tables["segments"])]  # fmt: skip
    used = "long" if any(len(r["text"]) > 20 for r in rows) else "short"
    return produced({"normal_segments": rows}, frozenset({used}))


def never(task: Task) -> Outcome | None:
    raise KeyError("the witness is called Su")


UNPACK = Stage("contents", 1, (DOCUMENT, MEMBERS, SEGMENTS), unpack, source=Source.BYTES, load=load_unpack,
               ingredients={"pack": Ingredient(parameters={"first_only": False}), "text": Ingredient()}, limits=LIMITS,
               by_suffix=True, by_set=True, hints=("passwords",), makes_items=True, slice_items=4)  # fmt: skip
SHOUT = Stage("languages", 1, (NORMAL_SEGMENTS,), shout, reads=("contents",), triage=no_text, slice_items=5,
              ingredients={"short": Ingredient(), "long": Ingredient()}, limits=LIMITS)  # fmt: skip
STAGES = (UNPACK, SHOUT)
