"""Single messages of Outlook (MSG), written by Apache POI, which comes with Tika."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from iimm_pipelines.formats import tika
from iimm_pipelines.formats.parsed import Limits
from iimm_pipelines.formats.read import parse
from iimm_pipelines.formats.tika import Tika

WRITER = """
import java.io.*; import java.nio.*; import java.nio.charset.StandardCharsets; import java.nio.file.*;
import org.apache.poi.poifs.filesystem.*;

public class Writer {
    static void stream(DirectoryEntry folder, String name, byte[] data) throws IOException {
        folder.createDocument(name, new ByteArrayInputStream(data));
    }

    static void text(DirectoryEntry folder, String tag, String value) throws IOException {
        stream(folder, "__substg1.0_" + tag + "001F", value.getBytes(StandardCharsets.UTF_16LE));
    }

    static byte[] head(int length, int... counts) {  // MS-OXMSG, 2.4: next and present numbers of recipients and files
        ByteBuffer made = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        made.position(8);
        for (int count : counts) {
            made.putInt(count);
        }
        return made.array();
    }

    public static void main(String[] arguments) throws IOException {
        try (POIFSFileSystem file = new POIFSFileSystem()) {
            DirectoryEntry root = file.getRoot();
            stream(root, "__properties_version1.0", head(32, 1, 1, 1, 1));
            text(root, "001A", "IPM.Note");
            text(root, "0037", "\\u1019\\u103c\\u1005\\u103a");
            text(root, "1000", "the body");
            text(root, "0C1A", "U Ba");
            DirectoryEntry names = root.createDirectory("__nameid_version1.0");
            stream(names, "__substg1.0_00020102", new byte[0]);
            stream(names, "__substg1.0_00030102", new byte[0]);
            stream(names, "__substg1.0_00040102", new byte[0]);
            DirectoryEntry recipient = root.createDirectory("__recip_version1.0_#00000000");
            stream(recipient, "__properties_version1.0", head(8));
            text(recipient, "3001", "Daw Mya");
            text(recipient, "39FE", "mya@example.org");
            DirectoryEntry attached = root.createDirectory("__attach_version1.0_#00000000");
            stream(attached, "__properties_version1.0", head(8));
            text(attached, "3707", "\\u1015\\u102f\\u1036.bin");
            stream(attached, "__substg1.0_37010102", Files.readAllBytes(Paths.get(arguments[1])));
            try (OutputStream output = Files.newOutputStream(Paths.get(arguments[0]))) {
                file.writeFilesystem(output);
            }
        }
    }
}
"""


@pytest.fixture(name="reader", scope="module")
def a_reader() -> Iterator[Tika]:
    reader = Tika(tika.lay_out())
    yield reader
    reader.close()


def test_an_attachment_comes_under_its_name_with_its_bytes(reader: Tika, tmp_path: Path) -> None:
    (tmp_path / "Writer.java").write_text(WRITER)
    (tmp_path / "attached").write_bytes(bytes(range(256)) * 40)
    jar = next(tika.lay_out().glob("tika-server-*.jar"))
    subprocess.run(["java", "-cp", jar, "Writer.java", "message", "attached"], cwd=tmp_path, check=True)
    (tmp_path / "scratch").mkdir()
    media_type = "application/vnd.ms-outlook"
    found = parse(tmp_path / "message", media_type, b"x.msg", tmp_path / "scratch", (), Limits(), reader)
    assert [(m.path.decode(), m.file.read_bytes(), str(m.relation)) for m in found.members if m.file] == [
        ("ပုံ.bin", bytes(range(256)) * 40, "attachment")
    ]
    assert (str(found.kind), found.problem) == ("message", None)
    assert "the body" in [segment.text for segment in found.segments]
    assert any("mya@example.org" in value for _, value in found.metadata)
