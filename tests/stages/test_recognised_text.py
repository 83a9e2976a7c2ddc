"""Text read from pictures and PDF pages, in real workers, by the installed Tesseract."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont

from iimm_pipelines.engine.outcome import Kind, Outcome, Reason
from iimm_pipelines.engine.stage import HINTS, Task, Upstream
from iimm_pipelines.engine.workers import Workers
from iimm_pipelines.sample import letters, pdf, pictures
from iimm_pipelines.stages.recognised_text import STAGE, triage

WITH_PASSWORDS = STAGE.with_hints("digest of the passwords")
READ = frozenset({"page", "tesseract"})
ENGLISH = ("The bridge is closed until Friday", "Nobody may cross at night")


def staged(task: Task, path: Path) -> None:
    path.write_bytes(task.object)


def task(data: bytes, media_type: str = "image/png", kind: str = "picture", passwords: Sequence[str] = (),
         **facts: str) -> Task:  # fmt: skip
    metadata = [{"name": name, "value": value} for name, value in facts.items()]
    document: Mapping[str, Any] = {"media_type": media_type, "kind": kind, "metadata": metadata}
    upstream = {"contents": Upstream(Kind.PRODUCED, None, {"document": [document]})}
    hints = {"passwords": list(passwords)}
    return Task(item="A00001-0001-00001", place=1, object=data, size=len(data), upstream=upstream, hints=hints)


def pdf_task(data: bytes, pages: str, passwords: Sequence[str] = ()) -> Task:
    return task(data, "application/pdf", "document", passwords, pages="2", page_needs_ocr=pages)


def read(tmp_path: Path, *tasks: Task, stage: Any = WITH_PASSWORDS) -> list[Outcome]:
    with Workers(stage, processes=1, models=tmp_path, scratch=tmp_path / "scratch", memory=2 << 30) as workers:
        numbered = [replace(task, place=place) for place, task in enumerate(tasks)]
        found = {task.place: done.outcome for task, done in workers.run(numbered, staged)}
    return [found[place] for place in range(len(tasks))]


def texts(outcome: Outcome) -> list[str]:
    return [row["text"] for row in outcome.tables.get("segments", ())]


def drawn(lines: Sequence[str] = ENGLISH, pixels: int = 30, ground: Any = "white", mode: str = "RGB") -> Image.Image:
    image = Image.new(mode, (pixels * 24, pixels * 2 * len(lines) + 40), ground)
    font = ImageFont.truetype(pictures.FONT, pixels, layout_engine=ImageFont.Layout.RAQM)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((20, 20 + number * pixels * 2), line, font=font, fill="black")
    return image


def saved(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def test_a_scanned_page_in_two_scripts_is_read_with_the_place_of_each_line(tmp_path: Path) -> None:
    page = pictures.png_of(pictures.scanned_page(letters.SCANNED_ORDER))
    outcome, again = read(tmp_path, task(page), task(page))
    assert (outcome.kind, outcome.used) == (Kind.PRODUCED, READ)
    found = {row["text"]: row for row in outcome.tables["segments"]}
    order, burmese = found["The bridge will be repaired on Wednesday."], found["အမိန့်စာ အမှတ် ၂၁ / ၂၀၂၂"]
    assert order["reliable"]
    assert burmese["reliable"]
    assert burmese["box"][1] < burmese["box"][3] <= order["box"][1] < order["box"][3] < 1_000_000
    assert order["model"].startswith("tesseract 5")
    assert order["model"].endswith("mya+eng")
    assert outcome == again


def test_a_picture_without_text_is_empty_and_one_that_plainly_holds_none_is_not_read(tmp_path: Path) -> None:
    market, wall, dot = (
        pictures.scenes()["market"],
        saved(Image.new("L", (600, 400), 90)),
        saved(Image.new("L", (8, 8))),
    )
    looked_at, *left_out = read(tmp_path, task(market, "image/jpeg"), task(wall), task(dot))
    assert (looked_at.reason, looked_at.used) == (Reason.NO_TEXT, READ)
    assert [(o.reason, o.used) for o in left_out] == [(Reason.PLAINLY_NO_TEXT, frozenset({"page"}))] * 2


def test_a_picture_held_upright_and_one_with_transparent_ground_are_read(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = saved(drawn().transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif)
    clear = saved(drawn(ground=(0, 0, 0, 0), mode="RGBA"))
    for outcome in read(tmp_path, task(lying, "image/jpeg"), task(clear)):
        assert texts(outcome) == list(ENGLISH)


def test_each_page_of_a_tiff_is_read(tmp_path: Path) -> None:
    pages = saved(drawn(ENGLISH[:1]), "TIFF", save_all=True, append_images=[drawn(ENGLISH[1:])])
    [outcome] = read(tmp_path, task(pages, "image/tiff"))
    assert [(row["page"], row["text"]) for row in outcome.tables["segments"]] == [(1, ENGLISH[0]), (2, ENGLISH[1])]


def test_what_can_be_read_of_a_picture_that_was_cut_off_stays(tmp_path: Path) -> None:
    whole = saved(drawn(), "JPEG")
    cut_off = task(whole[: len(whole) * 6 // 10], "image/jpeg")
    outcome, nonsense = read(tmp_path, cut_off, task(b"\x89PNG nonsense"))
    assert (outcome.kind, outcome.reason, texts(outcome)) == (Kind.FAILED, Reason.TRUNCATED, [ENGLISH[0]])
    assert nonsense.reason is Reason.DAMAGED


HEIC = next(
    (Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack" / "tika_formats").rglob("testHEIF.heic"),
    None,
)


@pytest.mark.skipif(HEIC is None, reason="the evidence pack is not here")
def test_a_telephones_heic_is_looked_at(tmp_path: Path) -> None:
    assert HEIC is not None
    (outcome,) = read(tmp_path, task(HEIC.read_bytes(), "image/heic"))
    assert (outcome.kind is not Kind.FAILED, outcome.used) == (True, READ | {"heif"})


def test_a_format_that_nothing_here_opens_is_unsupported(tmp_path: Path) -> None:
    [outcome] = read(tmp_path, task(b"\0\0\0\x18ftypheic" + bytes(100), "image/jxl"))
    assert outcome.reason is Reason.UNSUPPORTED


def test_a_picture_of_far_too_many_pixels_reaches_the_limit(tmp_path: Path) -> None:
    bomb = saved(Image.new("1", (20_000, 20_000)))
    assert len(bomb) < 100_000
    [outcome] = read(tmp_path, task(bomb))
    assert outcome.reason is Reason.LIMIT_REACHED


def test_only_the_pages_that_need_it_are_read(tmp_path: Path) -> None:
    pages = saved(drawn(ENGLISH[:1]), "PDF", save_all=True, append_images=[drawn(ENGLISH[1:])], resolution=150)
    [outcome] = read(tmp_path, pdf_task(pages, "2"))
    assert [(row["page"], row["text"]) for row in outcome.tables["segments"]] == [(2, ENGLISH[1])]
    assert outcome.used == READ


def test_beyond_the_limit_of_pages_what_was_read_stays(tmp_path: Path) -> None:
    pages = saved(drawn(ENGLISH[:1]), "PDF", save_all=True, append_images=[drawn(ENGLISH[1:])], resolution=150)
    stage = WITH_PASSWORDS.with_parameters({"page": {"most_pages": 1}})
    [outcome] = read(tmp_path, pdf_task(pages, "1,2"), stage=stage)
    assert (outcome.reason, texts(outcome)) == (Reason.LIMIT_REACHED, [ENGLISH[0]])


def test_a_locked_pdf_is_drawn_with_its_password_which_then_has_a_part_in_it(tmp_path: Path) -> None:
    locked = pdf.encrypted_pdf(["A list of the stock"], title="Stock", password=b"lantern", bits=128)
    opened, closed = read(tmp_path, pdf_task(locked, "1", ["wrong", "lantern"]), pdf_task(locked, "1", ["wrong"]))
    assert texts(opened) == ["A list of the stock"]
    assert opened.used == READ | {HINTS}
    assert (closed.reason, closed.used) == (Reason.ENCRYPTED, READ | {HINTS})


def test_without_the_languages_the_engine_is_unavailable(tmp_path: Path) -> None:
    stage = WITH_PASSWORDS.with_parameters({"tesseract": {"languages": "mya+xxx"}})
    [outcome] = read(tmp_path, task(saved(drawn())), stage=stage)
    assert outcome.reason is Reason.UNAVAILABLE


@pytest.mark.parametrize(("given", "reason"), [
    (task(b"", "audio/wav", "sound"), Reason.WRONG_KIND),
    (task(b"", "image/svg+xml", "picture"), Reason.WRONG_KIND),
    (task(b"", "application/pdf", "document", pages="3", pages_without_text="0"), Reason.NO_NEED),
    (task(b"", "application/pdf", "document"), Reason.NO_INPUT),
    (Task("", 0, b"", 0, upstream={"contents": Upstream(Kind.FAILED, Reason.TIMED_OUT, {})}), Reason.NO_INPUT),
])  # fmt: skip
def test_what_does_not_need_it_is_left_out_without_a_worker(given: Task, reason: Reason) -> None:
    outcome = triage(given)
    assert outcome is not None
    assert (outcome.reason, outcome.used) == (reason, frozenset())


BURMESE = ("ကျောင်းသားများသည် မနက်ဖြန် ပြန်လာမည်", "ရွာသားအားလုံး တံတားအနီးတွင် စောင့်နေသည်", "ဆရာမက စာအုပ်များကို ဝေပေးသည်")


def same_letters(outcome: Outcome, lines: Sequence[str]) -> float:
    found, right = ("".join("".join(part).split()) for part in (texts(outcome), lines))
    return SequenceMatcher(None, found, right, autojunk=False).ratio()


def test_a_page_on_its_side_or_head_is_turned_and_its_boxes_stand_on_the_page_as_it_came(tmp_path: Path) -> None:
    image = drawn(BURMESE)
    side, head = image.transpose(Image.Transpose.ROTATE_90), image.transpose(Image.Transpose.ROTATE_180)
    lying, upside_down = read(tmp_path, task(saved(side)), task(saved(head)))
    for outcome, degrees in ((lying, 90), (upside_down, 180)):
        assert outcome.tables["pages_read"][0]["turned"] == degrees
        assert same_letters(outcome, BURMESE) > 0.9
    left, top, right, bottom = lying.tables["segments"][0]["box"]
    assert left < 300_000
    assert bottom - top > right - left  # the first line runs up the left side


def test_a_photographed_page_askew_in_the_shade_is_straightened_and_evened(tmp_path: Path) -> None:
    page = drawn(BURMESE).rotate(3, Image.Resampling.BICUBIC, fillcolor="white")
    shade = Image.linear_gradient("L").rotate(90).resize(page.size).point(lambda level: 90 + level * 165 // 255)
    [outcome] = read(tmp_path, task(saved(ImageChops.multiply(page, shade.convert("RGB")), "JPEG"), "image/jpeg"))
    assert outcome.tables["pages_read"][0]["skew"] == pytest.approx(-3000, abs=300)
    assert same_letters(outcome, BURMESE) > 0.9


def test_coloured_ink_over_the_text_is_looked_through(tmp_path: Path) -> None:
    page = drawn(BURMESE)
    ring = Image.new("RGBA", page.size)
    ImageDraw.Draw(ring).ellipse((250, 0, 480, 215), outline=(190, 20, 60, 200), width=12)
    [outcome] = read(tmp_path, task(saved(Image.alpha_composite(page.convert("RGBA"), ring).convert("RGB"))))
    assert same_letters(outcome, BURMESE) > 0.9


def test_captions_of_a_film_are_read_once_with_the_time_through_which_they_stand(tmp_path: Path) -> None:
    shown = [ENGLISH[0]] * 4 + [ENGLISH[1]] * 4
    frames = [drawn([line]).resize((720, 100)) for line in shown]
    [outcome] = read(tmp_path, task(film(tmp_path / "film", frames), "video/mp4", "film"))
    assert outcome.used == READ | {"frames"}
    assert [(row["text"], row["start_ms"], row["end_ms"]) for row in outcome.tables["segments"]] == [
        (ENGLISH[0], 0, 4000),
        (ENGLISH[1], 4000, 4000),
    ]


def film(path: Path, frames: Sequence[Image.Image]) -> bytes:
    """A film of one frame a second."""
    import av

    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=1)
        stream.width, stream.height, stream.pix_fmt = *frames[0].size, "yuv420p"
        for image in frames:
            container.mux(stream.encode(av.VideoFrame.from_image(image)))
        container.mux(stream.encode())
    return path.read_bytes()


def test_a_film_of_nothing_but_a_wall_is_not_read(tmp_path: Path) -> None:
    [outcome] = read(tmp_path, task(film(tmp_path / "film", [Image.new("RGB", (320, 240))] * 3), "video/mp4", "film"))
    assert (outcome.reason, outcome.used) == (Reason.PLAINLY_NO_TEXT, frozenset({"page", "frames"}))


def test_handwriting_beside_print_is_marked_for_people(tmp_path: Path) -> None:
    page = drawn(BURMESE)
    whole = Image.new("RGB", (page.width, page.height + 200), "white")
    whole.paste(page)
    scribble(whole, page.height + 60)
    marked, printed = read(tmp_path, task(saved(whole)), task(saved(page)))
    boxes = marked.tables["pages_read"][0].get("handwriting")
    assert boxes is not None
    assert min(boxes[1::4]) > page.height * 1_000_000 // whole.height
    assert printed.tables["pages_read"][0].get("handwriting") is None


def scribble(image: Image.Image, top: int) -> None:
    """Words of loops and hooks as a hurried pen makes them."""
    chance = random.Random(5)
    draw = ImageDraw.Draw(image)
    for word in range(7):
        at = 30 + word * 90
        points = [(at + step * 7 + chance.randrange(5), top + chance.randrange(-18, 18)) for step in range(9)]
        draw.line(points, fill=(30, 30, 60), width=3, joint="curve")
