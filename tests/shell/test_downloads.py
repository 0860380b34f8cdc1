"""Public weights files against a server that serves, cuts off, stalls and lies: the whole file lies there or none."""

import hashlib
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from segcore.errors import DataError
from segshell import downloads, files
from tests.attacks import hostile_hdf5

NAME = "encoder_notop.h5"


class Answers(BaseHTTPRequestHandler):
    """Gives the content of its server, as much of it as the server says."""

    def do_GET(self):
        self.server.asked.append(self.path)
        content, sent = self.server.content, self.server.sent
        self.send_response(self.server.status)
        if self.server.tells_length:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:sent])

    def log_message(self, *_words):
        """Say nothing."""


@pytest.fixture(scope="module")
def serving():
    """Give a server on this machine; its attributes say what it answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def server(serving, tmp_path, monkeypatch):
    """Give the server, ready to serve a whole file, with an empty folder of Keras."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    serving.content = hostile_hdf5.plain(tmp_path / "published.h5").read_bytes()
    serving.status, serving.sent, serving.tells_length, serving.asked = 200, None, True, []
    return serving


def fetch(server, digest=None):
    return downloads.fetched(NAME, f"http://127.0.0.1:{server.server_port}/files/{NAME}", digest)


def md5(content):
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def cached():
    folder = downloads.cache_folder() / "models"
    return {one.name: one.read_bytes() for one in folder.iterdir()} if folder.exists() else {}


@contextmanager
def refused(*told):
    with pytest.raises(DataError) as caught:
        yield
    (finding,) = caught.value.findings
    assert (caught.value.exit_code, finding.code) == (3, "encoder-weights-download")
    assert finding.advice == (
        f"Put the file into {downloads.cache_folder() / 'models'}, or write encoder_weights: null."
    )
    for text in (NAME, *told):
        assert text in finding.message


@pytest.mark.parametrize("algorithm", [None, "md5", "sha256"])
def test_a_file_is_downloaded_once(server, algorithm):
    digest = algorithm and hashlib.new(algorithm, server.content).hexdigest()
    first, second = fetch(server, digest), fetch(server, digest)
    assert first == second == downloads.cache_folder() / "models" / NAME
    assert cached() == {NAME: server.content}
    assert server.asked == [f"/files/{NAME}"]


@pytest.mark.parametrize("tells_length", [True, False])
@pytest.mark.parametrize("has_digest", [True, False])
def test_a_connection_that_ends_early_leaves_nothing_and_the_next_run_fetches_the_whole(
    server, tells_length, has_digest
):
    """Fault 49: without the checks of length, checksum and content in `segshell.downloads` half a file is kept."""
    digest = md5(server.content) if has_digest else None
    server.sent, server.tells_length = len(server.content) // 2, tells_length
    with refused("connection ended" if tells_length else "checksum" if has_digest else "not whole"):
        fetch(server, digest)
    assert cached() == {}
    server.sent = None
    assert fetch(server, digest).read_bytes() == server.content


@pytest.mark.parametrize("has_digest", [True, False])
def test_half_a_file_of_an_interrupted_download_is_replaced(server, has_digest):
    """Fault 49: what Keras' own download leaves when it is killed is not taken for the file."""
    folder = downloads.cache_folder() / "models"
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(server.content[: len(server.content) // 2])
    assert fetch(server, md5(server.content) if has_digest else None).read_bytes() == server.content


def test_while_a_download_lasts_nothing_lies_under_its_name(server, monkeypatch):
    """Fault 49: without `files.replacing` a killed download leaves half a file under the name."""
    seen = []

    class Watching(Answers):
        def do_GET(self):
            seen.append(sorted(cached()))
            super().do_GET()

    monkeypatch.setattr(server, "RequestHandlerClass", Watching)
    fetch(server)
    assert NAME not in seen[0]
    assert len(seen[0]) == 1, "the bytes go to a file beside it"


def test_offline_the_message_names_the_file_and_the_folder(server):
    """Fault 49: without a network nothing is trained, and the user reads where to put which file."""
    with refused("Connection refused", "https://127.0.0.1:9/a.h5"):
        downloads.fetched(NAME, "https://127.0.0.1:9/a.h5")  # the discard port: nothing listens
    assert cached() == {}


def test_offline_a_file_that_somebody_put_there_is_used(server):
    """Fault 49: the advice of the message is followed and works."""
    folder = downloads.cache_folder() / "models"
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(server.content)
    assert downloads.fetched(NAME, "https://127.0.0.1:9/a.h5", md5(server.content)) == folder / NAME


def test_offline_a_damaged_file_is_named_as_the_reason(server):
    folder = downloads.cache_folder() / "models"
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(b"half")
    with refused(f"the {NAME} in {folder} is damaged"):
        downloads.fetched(NAME, "https://127.0.0.1:9/a.h5", md5(server.content))
    assert cached() == {NAME: b"half"}


def test_a_page_in_place_of_the_file_is_not_kept(server):
    """Fault 49: what a proxy or a login page answers is no weights file; `segshell.hdf5_files` looks at it."""
    server.content = b"<html>Please log in</html>"
    with refused("no HDF5 file"):
        fetch(server)
    assert cached() == {}


@pytest.mark.parametrize("status", [404, 503])
def test_what_the_server_says_is_told(server, status):
    server.status = status
    with refused(f"HTTP Error {status}"):
        fetch(server)


def test_a_file_with_another_checksum_is_not_kept(server):
    with refused("checksum is not the published one"):
        fetch(server, "0" * 64)
    assert cached() == {}


def test_a_file_that_leads_elsewhere_is_not_kept(server, tmp_path):
    """Fault 22: `segshell.downloads` hands Keras nothing that `segshell.hdf5_files` has not looked through."""
    server.content = hostile_hdf5.build("a link to another file", tmp_path / "a.h5").read_bytes()
    with refused("is a link"):
        fetch(server)
    assert cached() == {}


def test_a_server_that_says_nothing_is_given_up(server, monkeypatch):
    monkeypatch.setattr(downloads, "PATIENCE", 0.1)
    release = threading.Event()

    class Silent(Answers):
        def do_GET(self):
            release.wait(10)

    monkeypatch.setattr(server, "RequestHandlerClass", Silent)
    with refused("timed out"):
        fetch(server)
    release.set()


def test_a_folder_that_cannot_be_written_to_is_told_as_such(server, tmp_path):
    (tmp_path / "keras").write_text("a file in its place")
    with pytest.raises(files.WriteError, match="models"):
        fetch(server)
