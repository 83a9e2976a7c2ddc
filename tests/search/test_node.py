"""The search node: who sees what, who may do what, what is left behind."""

from __future__ import annotations

import base64
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest
from opensearchpy import AuthenticationException, AuthorizationException, NotFoundError, OpenSearch

from iimm_pipelines.search import layout
from iimm_pipelines.search.node import Node, NodeError, fitting_heap_mb, lay_out, reachable_place, usable_mark

INDEX = "iimm-test-marks"
DOCUMENTS: dict[str, list[str]] = {"plain": ["staff"], "both": ["staff", "အထူး 1/a"], "other": ["other"], "unmarked": []}

as_root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another user")


@pytest.fixture(scope="module")
def marked(opensearch: Node) -> Iterator[Node]:
    properties = {"marks": {"type": "keyword"}, "marks_needed": {"type": "integer"}, "text": {"type": "text"}}
    ingest = opensearch.client("ingest")
    ingest.indices.create(index=INDEX, body={"mappings": {"dynamic": "strict", "properties": properties}})
    for name, marks in DOCUMENTS.items():
        body = {"text": name, **({"marks": marks, "marks_needed": len(marks)} if marks else {})}
        ingest.index(index=INDEX, id=name, body=body)
    ingest.indices.refresh(index=INDEX)
    yield opensearch
    ingest.indices.delete(index=INDEX)


@pytest.fixture
def outside() -> Iterator[Path]:
    """A folder of this test that, unlike tmp_path, the server's account can be let into."""
    folder = Path(tempfile.mkdtemp(prefix="iimm-search-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def seen(client: OpenSearch) -> set[str]:
    return {hit["_id"] for hit in client.search(index=INDEX)["hits"]["hits"]}


def with_token(node: Node, token: str) -> OpenSearch:
    ca = str(node.folder / "private" / "ca.pem")
    headers = {"Authorization": f"Bearer {token}"}
    return OpenSearch(hosts=[{"host": "127.0.0.1", "port": node.http_port}], use_ssl=True, ca_certs=ca, headers=headers)


def key_of(node: Node) -> bytes:
    return base64.b64decode(json.loads((node.folder / "private" / "secrets.json").read_bytes())["jwt_key"])


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([], set()),
        (["staff"], {"plain"}),
        (["အထူး 1/a"], set()),
        (["staff", "အထူး 1/a"], {"plain", "both"}),
        (["Staff"], set()),
        (["staff", "other"], {"plain", "other"}),
    ],
)
def test_a_reader_sees_documents_all_of_whose_marks_it_holds(
    marked: Node, marks: list[str], expected: set[str]
) -> None:
    reader = marked.reader_client("r1", marks)
    assert seen(reader) == expected
    assert reader.count(index=INDEX)["count"] == len(expected)


def test_a_reader_does_not_get_a_hidden_document_by_its_id(marked: Node) -> None:
    with pytest.raises(NotFoundError):
        marked.reader_client("r1", ["staff"]).get(index=INDEX, id="both")


def test_a_document_without_marks_is_seen_by_none(marked: Node) -> None:
    assert "unmarked" not in seen(marked.reader_client("r1", ["staff", "အထူး 1/a", "other"]))
    assert "unmarked" in seen(marked.client("admin"))


def test_a_reader_cannot_write(marked: Node) -> None:
    with pytest.raises(AuthorizationException):
        marked.reader_client("r1", ["staff"]).index(index=INDEX, body={"text": "x"})


def test_ingest_cannot_touch_indices_outside_its_own(marked: Node) -> None:
    ingest = marked.client("ingest")
    with pytest.raises(AuthorizationException):
        ingest.indices.create(index="other")
    with pytest.raises(AuthorizationException):
        ingest.search(index="security-auditlog-*,.opendistro_security")


def test_ingest_can_move_an_alias_and_delete_by_query(marked: Node) -> None:
    ingest = marked.client("ingest")
    ingest.indices.create(index="iimm-test-moved")
    ingest.indices.update_aliases(body={"actions": [{"add": {"index": "iimm-test-moved", "alias": "iimm-test-now"}}]})
    ingest.bulk(body='{"index":{"_index":"iimm-test-moved"}}\n{"shard":"a"}\n', refresh=True)
    deleted = ingest.delete_by_query(index="iimm-test-now", body={"query": {"match": {"shard": "a"}}})
    ingest.indices.delete(index="iimm-test-moved")
    assert deleted["deleted"] == 1


def test_no_index_springs_up_by_a_mistyped_name(marked: Node) -> None:
    with pytest.raises(NotFoundError):
        marked.client("ingest").index(index="iimm-test-mistyped", body={"text": "x"})


def test_a_forged_token_is_refused(marked: Node) -> None:
    claims = {"sub": "r1", "roles": ["role:reader", "staff"], "exp": int(time.time()) + 60}
    with pytest.raises(AuthenticationException):
        seen(with_token(marked, jwt.encode(claims, b"x" * 64, algorithm="HS512")))


def test_an_expired_token_is_refused(marked: Node) -> None:
    with pytest.raises(AuthenticationException):
        seen(marked.reader_client("r1", ["staff"], lifetime_s=-5))


@pytest.mark.parametrize("name", ["admin", "ingest"])
def test_a_token_that_names_itself_a_service_is_none(marked: Node, name: str) -> None:
    roles = [name, "all_access", "role:reader"]
    claims = {"sub": name, "roles": roles, "exp": int(time.time()) + 60}
    client = with_token(marked, jwt.encode(claims, key_of(marked), algorithm="HS512"))
    assert seen(client) == set()
    with pytest.raises(AuthorizationException):
        client.indices.create(index="iimm-test-minted")
    with pytest.raises(AuthorizationException):
        client.cat.indices()


@pytest.mark.parametrize(
    "mark", ["", "role:reader", 'a"b', "a,b", " a", "a ", "a\\b", "${user.name}", "a\nb", "a" * 101]
)
def test_a_mark_that_could_mean_another_thing_in_the_query_is_refused(mark: str) -> None:
    assert not usable_mark(mark)
    with pytest.raises(ValueError, match="not allowed"):
        Node(Path("/h"), Path("/f"), 9200).reader_client("r1", [mark])


def test_the_audit_settings_are_those_of_the_template(opensearch: Node) -> None:
    settings = opensearch.client("admin").transport.perform_request("GET", "/_plugins/_security/api/audit")["config"]
    assert settings["audit"]["log_request_body"] is False
    assert settings["audit"]["disabled_transport_categories"] == ["AUTHENTICATED", "GRANTED_PRIVILEGES"]
    assert settings["compliance"]["write_log_diffs"] is False


FIELD_NAMES = '{"field_names":["audit"]}'
"""What the log says of the reading of its own settings, by the test above: the name of what was read."""


def test_the_audit_log_keeps_refusals_without_what_was_asked(marked: Node) -> None:
    reader, admin = marked.reader_client("r1", ["staff"]), marked.client("admin")
    with pytest.raises(AuthorizationException):
        reader.search(index="security-auditlog-*", body={"query": {"match": {"text": "askedfor"}}})
    for _ in range(50):
        admin.indices.refresh(index="security-auditlog-*")
        records = admin.search(index="security-auditlog-*", body={"size": 1000})["hits"]["hits"]
        kinds = {record["_source"]["audit_category"] for record in records}
        if "MISSING_PRIVILEGES" in kinds:
            break
        time.sleep(0.2)
    assert "MISSING_PRIVILEGES" in kinds
    assert not kinds & {"AUTHENTICATED", "GRANTED_PRIVILEGES"}
    assert "askedfor" not in json.dumps(records)
    bodies = {(r["_source"]["audit_category"], r["_source"].get("audit_request_body")) for r in records}
    assert bodies <= {(kind, None) for kind in kinds} | {("COMPLIANCE_INTERNAL_CONFIG_READ", FIELD_NAMES)}


def test_both_ports_listen_on_loopback_only(opensearch: Node) -> None:
    sockets = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
    ports = {f"{port:04X}" for port in (opensearch.http_port, opensearch.http_port + 100)}
    listening = {tuple(row[1].split(":")) for row in sockets if row[3] == "0A" and row[1].split(":")[1] in ports}
    assert {port for _, port in listening} == ports
    assert {address for address, _ in listening} <= {"0100007F", "0000000000000000FFFF00000100007F"}


def test_no_secret_stands_in_command_line_or_logs_or_open_to_others(opensearch: Node) -> None:
    pid = (opensearch.folder / "private" / "node.pid").read_text()
    logs = [opensearch.folder / "logs" / "search.log", opensearch.folder / "private" / "console.txt"]
    said = "".join(file.read_text() for file in [Path(f"/proc/{pid}/cmdline"), Path(f"/proc/{pid}/environ"), *logs])
    kept = opensearch.folder / "private" / "secrets.json"
    assert not [secret for secret in json.loads(kept.read_bytes()).values() if secret in said]
    assert kept.stat().st_mode & 0o777 == 0o600
    assert not [file for file in opensearch.folder.rglob("*") if file.lstat().st_mode & 0o007]


@as_root_only
def test_the_server_does_not_run_as_root_and_cannot_read_the_secrets(opensearch: Node) -> None:
    owner = (opensearch.folder / "data").stat().st_uid
    pid = (opensearch.folder / "private" / "node.pid").read_text()
    assert Path(f"/proc/{pid}").stat().st_uid == owner != 0
    assert (opensearch.folder / "private").stat().st_uid == 0


def test_starting_a_running_node_changes_nothing(opensearch: Node) -> None:
    before = (opensearch.folder / "private" / "node.pid").read_text()
    Node(opensearch.home, opensearch.folder, opensearch.http_port).start(30)
    assert (opensearch.folder / "private" / "node.pid").read_text() == before


@pytest.mark.parametrize(("held_mb", "room_gb", "heap_mb"), [(1, 16, 512), (300, 16, 2048), (300, 4, 512)])
def test_a_node_that_holds_much_gets_more_memory_where_there_is_room(
    tmp_path: Path, held_mb: int, room_gb: int, heap_mb: int
) -> None:
    (tmp_path / "nodes").mkdir()
    with (tmp_path / "nodes" / "segment").open("wb") as file:
        file.truncate(held_mb << 20)
    assert fitting_heap_mb(tmp_path, room_gb << 30) == heap_mb


def test_configuring_twice_is_refused(opensearch: Node) -> None:
    with pytest.raises(NodeError, match="configured once"):
        opensearch.configure()


def test_a_port_in_use_is_named(opensearch: Node, outside: Path) -> None:
    second = Node(opensearch.home, outside / "node", opensearch.http_port)
    second.configure()
    with pytest.raises(NodeError, match=f"port {opensearch.http_port} is in use"):
        second.start(5)


def test_a_second_node_keeps_its_documents_over_a_restart_and_leaves_no_process(
    opensearch: Node, outside: Path, free_port: int
) -> None:
    node = Node(opensearch.home, outside / "node", free_port)
    node.configure()
    try:
        node.start()
        node.client("ingest").indices.create(index="iimm-kept")
        node.client("ingest").index(index="iimm-kept", id="1", body={"marks": ["a"]})
        node.stop()
        assert not node.running()
        assert not processes_naming(node.folder)
        node.start()
        assert node.client("admin").get(index="iimm-kept", id="1")["found"]
        assert not opensearch.client("admin").indices.exists(index="iimm-kept")
    finally:
        node.stop()
    assert not processes_naming(node.folder)


def processes_naming(folder: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += [process.parent.name] if os.fsencode(folder) in process.read_bytes() else []
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


@as_root_only
def test_a_folder_that_the_server_cannot_reach_is_refused_by_name(search_home: Path, outside: Path) -> None:
    closed = outside / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(NodeError, match=f"{closed} is closed to user opensearch"):
        Node(search_home, closed / "node", 9200).configure()
    assert not list(closed.iterdir())


@as_root_only
def test_a_folder_closed_after_configuring_is_refused_at_start(
    search_home: Path, outside: Path, free_port: int
) -> None:
    parent = outside / "parent"
    node = Node(search_home, parent / "node", free_port)
    node.configure()
    parent.chmod(0o700)
    with pytest.raises(NodeError, match=f"{parent} is closed to user opensearch"):
        node.start(5)
    assert reachable_place(node.folder) != node.folder


def test_laying_out_again_does_nothing(search_home: Path) -> None:
    before = (search_home / "lib").stat().st_ctime_ns
    lay_out(search_home)
    assert (search_home / "lib").stat().st_ctime_ns == before


def test_without_maven_nothing_is_laid_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NodeError, match="mvn is not on PATH"):
        lay_out(tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_an_unexpected_jar_stops_the_layout_and_the_next_try_starts_afresh(
    search_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, sources = tmp_path / "home", tmp_path / "sources"
    shutil.copytree(layout.SOURCES, sources)
    sums = (sources / "SHA256SUMS").read_text()
    (sources / "SHA256SUMS").write_text("0" * 64 + sums[64:])
    with monkeypatch.context() as patch:
        patch.setattr(layout, "SOURCES", sources)
        with pytest.raises(NodeError, match=f"1 files .*: {sums.split()[1]}"):
            lay_out(home)
    assert not home.exists()
    lay_out(home)
    assert {file.name for file in home.iterdir()} == {file.name for file in search_home.iterdir()}


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter").touch()
    with pytest.raises(NodeError, match="something else"):
        lay_out(tmp_path)
    assert (tmp_path / "letter").exists()


def test_an_unsuitable_java_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"25.0.1\"' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert layout.find_java() != java
    monkeypatch.setattr(layout, "JAVA_VERSIONS", range(0))
    with pytest.raises(NodeError, match=r"needs Java 17 to 21.*java \(25\)"):
        layout.find_java()
