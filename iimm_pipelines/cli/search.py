"""`iimm search`: the index, asked as a reader.

Here: the command and how hits look.
Not here: queries and access (iimm_pipelines.search).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.text import Text

from iimm_pipelines.cli.terminal import AsJson, Data, console, opened, print_json, shown_text
from iimm_pipelines.search.query import Hit, Narrowing, Result
from iimm_pipelines.search.typed import Way


def search(query: Annotated[str, typer.Argument(help="what to look for; may be left out where a role is asked for")] = "",
           data: Data = None,
           reader: Annotated[str, typer.Option("--as", help="who asks: an account")] = ...,  # type: ignore[assignment]
           size: Annotated[int, typer.Option(min=1, max=100, help="most hits")] = 10,
           record: Annotated[str | None, typer.Option(help="only message, post, comment, call, mail, row, cue …")] = None,
           sender: Annotated[str | None, typer.Option(help="only from this name, number or address")] = None,
           after: Annotated[str, typer.Option(help="not before this time: 2024, 2024-05, 2024-05-03T14:30+06:30")] = "",
           before: Annotated[str, typer.Option(help="not after this time")] = "",
           when: Annotated[str, typer.Option(help="which time: event, document, file, capture, receipt, or a meaning such as "
                                                  "'picture taken'")] = "",
           near: Annotated[str, typer.Option(help="latitude,longitude,kilometres of a place that files state")] = "",
           person: Annotated[str, typer.Option(help="a text must tell a role of this person, in any spelling")] = "",
           rank: Annotated[str, typer.Option(help="of the same person: 'Lt Col', ဗိုလ်မှူး, COLONEL")] = "",
           unit: Annotated[str, typer.Option(help="of the same person: 'LIB 345', 'ခမရ (၃၄၅)', RMC-WESTERN")] = "",
           organisation: Annotated[str, typer.Option(help="of the same person: NLD, 'Kachin Independence Army'")] = "",
           post: Annotated[str, typer.Option(help="of the same person: 'battalion commander', တပ်ရင်းမှူး")] = "",
           starter: Annotated[bool, typer.Option("--starter", help="search translations by starter models too")] = False,
           as_json: AsJson = False) -> None:  # fmt: skip
    """Search as a reader: words must all stand in one segment, "quoted" and Burmese stretches are phrases; OR, NOT, ~5, word*."""
    from iimm_pipelines.people.access_log import AccessEvent, What
    from iimm_pipelines.search.access import reader as known
    from iimm_pipelines.search.query import Shape
    from iimm_pipelines.search.query import search as ask
    from iimm_pipelines.search.when_and_where import Asked
    from iimm_pipelines.search.who_was_what import AskedRole

    role = AskedRole(person, rank, unit, organisation, post)
    within = Narrowing(record, sender, Asked(after, before, when, near), role)
    with opened(data) as holding:
        who = known(holding, reader)
        result = ask(holding, who, query, size, within, shape=Shape(starter=starter))
        holding.access_log.add(AccessEvent(who.name, What.SEARCHED, query=_typed(query, within), hits=result.total))
    if as_json:
        print_json(as_plain(result))
    else:
        show(result)


def _typed(query: str, within: Narrowing) -> str:
    """All that was asked for, as one text for the log of access."""
    asked = {**asdict(within), **asdict(within.when_and_where), **asdict(within.role)}
    said = [f"{name}: {value}" for name, value in asked.items() if isinstance(value, str) and value]
    return " | ".join([query, *said])


def as_plain(result: Result) -> dict[str, Any]:
    """A result for programs."""
    return {"total": result.total, "facets": result.facets, "suggestions": result.suggestions,
            "hits": [{"item": h.item, "score": h.score, "fields": h.fields, "highlights": h.highlights,
                      "found": h.way}
                     for h in result.hits]}  # fmt: skip


def show(result: Result) -> None:
    """Print hits for a person."""
    console.print(f"{result.total} found" if result.total else "Nothing found.")
    for facet, counts in result.facets.items():
        if counts:
            console.print(f"  {facet}: " + ", ".join(f"{k} {n}" for k, n in counts.items()), style="dim")
    for suggestion in result.suggestions:
        console.print(f"  perhaps: {suggestion}")
    for hit in result.hits:
        console.print(headline(hit))
        console.print(excerpt(hit))
        for told in roles(hit):
            console.print(told)


def headline(hit: Hit) -> Text:
    """Number, place inside the item, and what a machine had to do with it."""
    fields = hit.fields
    places = [f"page {fields['page']}" if "page" in fields else "", _time(fields.get("start_ms")),
              f"row {fields['row']}" if "row" in fields else ""]  # fmt: skip
    way = "" if hit.way is Way.WRITTEN else f"found {hit.way}"
    machine = [way, _given(fields), f"read by {fields['machine']}" if "machine" in fields else "",
               "not reliable" if fields.get("reliable") is False else "",
               _translated(fields), "kept shut" if fields.get("kept_shut") else "",
               f"malware: {fields['malware']}" if "malware" in fields else ""]  # fmt: skip
    said = ", ".join(
        filter(
            None,
            [*_said(fields), str(fields.get("media_type", "")), _languages(fields), *places, *machine],
        )
    )
    return Text.assemble((hit.item, "bold cyan"), "  ", (shown_text(said), "dim"))


def _languages(fields: Mapping[str, Any]) -> str:
    """The language of a segment; a mixed one has several."""
    said = fields.get("language", "")
    return said if isinstance(said, str) else " and ".join(said)


_SHOWN_FIRST = ("text", "text.loose", "translation", "people", "people.loose", "name", "name.loose", "entities",
                "entities.loose", "number")  # fmt: skip


def excerpt(hit: Hit) -> Text:
    """The stretch that was found, with the found words marked; a translation says that it is one."""
    text = Text("    ")
    if cells := _cells(hit):
        return text.append(_one_line("; ".join(cells)))
    found = {f: pieces[0] for f, pieces in hit.highlights.items() if pieces}
    for name in _SHOWN_FIRST:
        if name in found:
            if name == "translation":
                text.append("machine translation: ", "yellow")
            for i, piece in enumerate(found[name].split("<em>")):
                inside, _, after = piece.partition("</em>") if i else ("", "", piece)
                text.append(_one_line(inside), "bold reverse")
                text.append(_one_line(after))
            return text
    text.append(_one_line(str(hit.fields.get("text", hit.fields.get("name", "")))[:160]))
    return text


_ROLES_SHOWN = 3


def roles(hit: Hit) -> list[Text]:
    """Who was what by this text, as a machine read it: the first of them, and how many more."""
    from iimm_pipelines.search.who_was_what import told

    all_of = hit.fields.get("roles", ())
    lines = [Text.assemble(("    role: ", "yellow"), _one_line(told(role))) for role in all_of[:_ROLES_SHOWN]]
    if len(all_of) > _ROLES_SHOWN:
        lines.append(Text(f"    and {len(all_of) - _ROLES_SHOWN} more roles", "dim"))
    return lines


def _said(fields: Mapping[str, Any]) -> list[str]:
    """Who and when, for a message or a mail."""
    if not fields.keys() & {"sender", "account", "time_written"}:
        return []
    who = str(fields.get("sender") or fields.get("account") or "nobody named")
    doubts = ["taken back or deleted" if fields.get("deleted") else "", "changed later" if fields.get("edited") else "",
              "day, month or half of the day uncertain" if fields.get("time_ambiguous") else ""]  # fmt: skip
    return [f"{fields.get('record', '')} from {who}", when(fields), *doubts]


def when(fields: Mapping[str, Any]) -> str:
    """The time of a record: on its own clock with its offset, else in UTC, else as it was written."""
    local, utc, offset = fields.get("time_local"), fields.get("time_utc"), fields.get("offset_minutes")
    if local and offset is not None:
        return (
            f"{local[:16].replace('T', ' ')} {'-' if offset < 0 else '+'}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}"
        )
    if utc:
        return f"{utc[:16].replace('T', ' ')} UTC"
    return f"{local[:16].replace('T', ' ')} local time" if local else str(fields.get("time_written", ""))


def _cells(hit: Hit) -> list[str]:
    """Of a row, the cells in which the found words stand, each with the name of its column."""
    pieces = [piece for name in ("text", "text.loose") for piece in hit.highlights.get(name, ())]
    words = {word for piece in pieces for word in re.findall(r"<em>(.*?)</em>", piece)}
    return [cell for cell in hit.fields.get("cells", ()) if any(word in cell.partition(": ")[2] for word in words)]


def _one_line(text: str) -> str:
    return shown_text(re.sub(r"[\n\r\t]+", " ", text))


def _translated(fields: Any) -> str:
    if "translation_machine" not in fields:
        return ""
    doubt = "" if fields.get("translation_reliable") else ", not reliable"
    return f"translated by {fields['translation_machine']} ({fields.get('translation_status')} model{doubt})"


def _given(fields: Any) -> str:
    """What a text is that was handed over beside a document, and whose."""
    if "given" not in fields:
        return ""
    return f"{fields['given']} by a human" if fields.get("maker") == "human" else f"{fields['given']} of another system"


def _time(start_ms: int | None) -> str:
    return "" if start_ms is None else f"at {start_ms // 60000}:{start_ms // 1000 % 60:02d}"
