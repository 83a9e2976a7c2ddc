"""What pages show: what was found and where, and evidence as nothing but text."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from iimm_pipelines.page.words import Language, Words

HIDDEN = "zanzibarite"


class Tags(HTMLParser):
    """Elements of a page, and the text in those that are marked."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: set[str] = set()
        self.marked: list[str] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.names[-1:] == ["mark"]:
            self.marked.append(data)

    def handle_endtag(self, tag: str) -> None:
        self.names.append(f"/{tag}")


def search(person: Any, typed: str, who: str = "analyst", **more: str) -> str:
    answer = person(who).get("/search", params={"q": typed, **more})
    assert answer.status_code == 200
    return str(answer.text)


def items(page: str) -> list[str]:
    return re.findall(r'href="/items/([^"/]+)"', page)


def test_what_was_found_is_marked_and_leads_to_its_item(person: Any, numbers: dict[str, str]) -> None:
    page = search(person, '"monastery bell"')
    assert items(page) == [numbers["A00002 letters/bell.txt"]]
    assert Tags(page).marked == ["monastery", "bell"] or Tags(page).marked == ["monastery bell"]
    assert "original" in page


def test_burmese_is_found_and_its_machine_translation_says_so(person: Any) -> None:
    page = search(person, "မြစ်ကမ်းနား")
    assert "မြစ်ကမ်းနား" in Tags(page).marked
    assert "starter model" in page


@pytest.mark.parametrize("view", ["", "table"])
def test_markup_in_evidence_is_text(person: Any, view: str) -> None:
    plain, hostile = Tags(search(person, "bell", view=view)), Tags(search(person, "alert", view=view))
    assert hostile.names.count("script") == plain.names.count("script") == 1
    assert "img" not in hostile.names
    assert "onerror" not in hostile.attributes
    assert "alert" in hostile.marked
    assert any("<script>" in text for text in hostile.texts)


def test_markup_in_what_is_typed_is_text(person: Any) -> None:
    page = Tags(search(person, '"><script>alert(1)</script>', after="2023", sender='"onfocus=alert(1) '))
    assert page.names.count("script") == 1
    assert "onfocus" not in page.attributes


def test_an_item_with_markup_in_name_and_text_shows_both_as_text(person: Any, numbers: dict[str, str]) -> None:
    for name, number in numbers.items():
        if name.startswith(("A00002 hostile/", "A00002 blns/")):
            answer = person("analyst").get(f"/items/{number}")
            assert answer.status_code == 200
            tags = Tags(answer.text)
            assert tags.names.count("script") == 1
            assert not {"img", "svg", "object", "style", "video", "audio", "math"} & set(tags.names)
            # what is taken for a web page stands in a frame of ours, in which nothing runs
            ours = answer.text.count(f'<iframe sandbox src="/items/{number}/text?')
            assert tags.names.count("iframe") == ours <= 1
            assert not any(a.startswith("on") for a in tags.attributes)


def test_writing_that_turns_around_is_written_out(person: Any) -> None:
    page = search(person, "turns around")
    number = items(page)[0]
    item = person("analyst").get(f"/items/{number}").text
    assert "\u202e" not in page + item
    assert "\\u202egpj.exe" in item


def test_equal_files_are_one_hit_and_their_number_is_said(person: Any, numbers: dict[str, str]) -> None:
    page = search(person, "persimmons")
    assert len(items(page)) == 1
    assert "and 1 copies" in page
    twins = {numbers["A00002 twins/1.txt"], numbers["A00002 twins/2.txt"]}
    assert twins <= set(items(person("analyst").get(f"/items/{items(page)[0]}").text)) | set(items(page))


def test_copies_that_a_reader_may_not_see_are_not_counted(person: Any) -> None:
    assert "copies" not in search(person, "villages near the river")
    assert "and 1 copies" in search(person, "villages near the river", "lead")


def test_facets_narrow_and_can_be_left(person: Any) -> None:
    page = search(person, "monastery")
    assert 'href="/search?q=monastery&amp;language=eng"' in page
    narrowed = search(person, "monastery", language="mya")
    assert items(narrowed) == []
    assert 'href="/search?q=monastery"' in narrowed


def test_a_word_that_a_reader_may_not_see_is_no_word(person: Any) -> None:
    assert len(items(search(person, HIDDEN, "lead"))) == 2
    client = person("analyst")
    hidden, unheard_of = (client.get("/search", params={"q": q}).text for q in (HIDDEN, "zanzibarity"))
    assert hidden.replace(HIDDEN, "") == unheard_of.replace("zanzibarity", "")
    assert HIDDEN.encode() not in client.get("/search.csv", params={"q": "monastery"}).content
    assert items(search(person, "monastery", "nobody")) == []


@pytest.mark.parametrize("address", ["/items/{}", "/items/{}/history"])
def test_an_item_that_a_reader_may_not_see_is_no_item(person: Any, address: str) -> None:
    client = person("analyst")
    hidden, nowhere = (client.get(address.format(n)) for n in ("A00001-0000-00000", "A00009-0000-00000"))
    assert hidden.status_code == nowhere.status_code == 404
    assert hidden.text == nowhere.text.replace("A00009", "A00001")
    assert person("lead").get(address.format("A00001-0000-00000")).status_code == 200


def test_an_item_says_what_it_lies_in_and_what_lies_in_it(person: Any, numbers: dict[str, str]) -> None:
    box, note = numbers["A00003 boxes/box.zip"], numbers["A00003 inner/note.txt"]
    client = person("analyst")
    assert note in items(client.get(f"/items/{box}").text)
    inner = client.get(f"/items/{note}").text
    assert box in items(inner)
    assert "file modified in container" in inner
    assert "the container it lay in" in inner


def test_an_item_says_which_source_handed_it_over_and_leads_to_the_rest(person: Any, numbers: dict[str, str]) -> None:
    page = person("analyst").get(f"/items/{numbers['A00002 letters/bell.txt']}").text
    assert '<a href="/search?source=S-2"><bdi>S-2</bdi></a>' in page


def test_history_says_of_each_step_that_its_proof_holds(person: Any, numbers: dict[str, str]) -> None:
    page = person("analyst").get(f"/items/{numbers['A00003 inner/note.txt']}/history").text
    for stage in ("inventory", "contents", "languages", "search_index"):
        assert f'<th scope="row">{stage}</th>' in page
    assert page.count("signature, path and log hold") >= 5
    assert "does not hold" not in page.lower()


def test_a_list_that_ends_names_no_next_page(person: Any) -> None:
    first = search(person, "orchard")
    assert len(items(first)) == 1  # rows of one list are one object
    assert 'rel="next"' not in first


def test_a_query_that_says_nothing_is_answered_with_what_to_do(person: Any) -> None:
    answer = person("analyst").get("/search", params={"q": "?!"})
    assert answer.status_code == 400
    assert "type words to look for" in answer.text
    assert person("analyst").get("/search", params={"q": "bell", "near": "here"}).status_code == 400


def test_the_list_as_a_table_has_no_formula_and_nothing_hidden(person: Any, numbers: dict[str, str]) -> None:
    answer = person("analyst").get("/search.csv", params={"q": "lemons"})
    assert answer.headers["content-disposition"] == 'attachment; filename="search.csv"'
    columns, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert columns[0] == "item"
    assert {r[0] for r in rows} >= {numbers["A00002 hostile/=HYPERLINK(1).txt"]}
    assert not [value for row in rows for value in row if value.lstrip().startswith(("=", "+", "-", "@"))]


def test_the_interface_speaks_burmese(person: Any) -> None:
    client = person("analyst")
    client.fill_in("/language", language="my", back="/search")
    page = client.get("/search", params={"q": "bell"}).text
    assert '<html lang="my">' in page
    assert "ရှာဖွေရန်" in page
    assert Words(Language.BURMESE)("narrow") != Words(Language.ENGLISH)("narrow")
    assert Words(Language.BURMESE)("search") != Words(Language.ENGLISH)("search")


def test_a_node_that_does_not_run_is_said(person: Any, shown: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown.node, "running", lambda: False)
    answer = person("analyst").get("/search", params={"q": "bell"})
    assert answer.status_code == 503
    assert "search node" in answer.text
