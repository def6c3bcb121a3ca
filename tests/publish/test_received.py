"""The demo's mail server and the pages of what it received: letters as they came, HTML without any right."""

from __future__ import annotations

import smtplib
import socket
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import lxml.html
import pytest
from starlette.testclient import TestClient

from core.config import Config
from core.errors import UsageError
from publish.letters.mail_sink import receiving
from publish.letters.received import link_addresses, make_pages

HOSTILE = """<h1>Hello</h1><script>parent.document.title = "taken"</script><img src="https://far.example/pixel.png">
<a href="http://127.0.0.1:8002/m/x">Manage</a>"""


def make_mail(subject: str = "Retina cells: 1 new story", text: str = "Read http://127.0.0.1:8001/s/4b03.\n") -> bytes:
    mail = EmailMessage(policy=policy.SMTP)
    mail["Subject"], mail["From"], mail["To"] = subject, "letters@stemwire.example", "ada@lab.example"
    mail["List-Id"] = "<letters.stemwire.example>"
    mail.set_content(text)
    mail.add_alternative(HOSTILE, subtype="html")
    return mail.as_bytes()


def send(port: int, *mails: bytes) -> None:
    for mail in mails:  # as the letters are sent: a connection each
        with smtplib.SMTP("127.0.0.1", port) as relay:
            relay.sendmail("letters@stemwire.example", ["ada@lab.example"], mail)


@pytest.fixture
def client(tmp_path: Path, config: Config) -> TestClient:
    with receiving(tmp_path / "received", 0) as port:
        send(port, make_mail(), make_mail("<b>세포</b> & co", ".a line that begins with a dot\n한국어\n"))
    return TestClient(make_pages(config, tmp_path / "received"), base_url="http://127.0.0.1")


def test_a_letter_is_written_as_it_came(tmp_path: Path) -> None:
    mails = [make_mail(f"Letter {number}", ".dots\n한국어\n") for number in range(3)]
    with receiving(tmp_path / "received", 0) as port:
        send(port, *mails[:2])
    with receiving(tmp_path / "received", 0) as port:  # the night after: numbers go on
        send(port, mails[2])
    written = [path.read_bytes() for path in sorted((tmp_path / "received").iterdir())]
    assert written == mails
    assert BytesParser(policy=policy.default).parsebytes(written[2])["subject"] == "Letter 2"


def test_nothing_listens_when_it_has_ended(tmp_path: Path) -> None:
    with receiving(tmp_path, 0) as port:
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_it_ends_though_a_sender_stays_connected(tmp_path: Path) -> None:
    with receiving(tmp_path, 0) as port:
        relay = smtplib.SMTP("127.0.0.1", port)
        relay.ehlo()
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        relay.noop()
    relay.close()


def test_a_port_that_is_taken_is_one_clear_error(tmp_path: Path) -> None:
    with receiving(tmp_path, 0) as port, pytest.raises(UsageError, match=str(port)), receiving(tmp_path, port):
        pass


def test_the_list_has_the_newest_first(client: TestClient) -> None:
    page = lxml.html.document_fromstring(client.get("/received").text)
    assert page.xpath("//li//a/text()") == ["<b>세포</b> & co", "Retina cells: 1 new story"]
    assert page.xpath("//li//a/@href") == ["/received/2", "/received/1"]


def test_a_letter_is_shown_as_text_with_links_and_as_html_in_a_frame(client: TestClient) -> None:
    answer = client.get("/received/1")
    page = lxml.html.document_fromstring(answer.text)
    assert page.xpath("//pre//a/@href") == ["http://127.0.0.1:8001/s/4b03"]
    assert page.xpath("//pre")[0].text_content() == "Read http://127.0.0.1:8001/s/4b03.\n"
    (frame,) = page.xpath("//iframe")
    assert "allow-scripts" not in frame.get("sandbox") and "allow-same-origin" not in frame.get("sandbox")
    assert "<script" not in answer.text and "letters.stemwire.example" in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]


def test_the_html_may_run_and_load_nothing(client: TestClient) -> None:
    answer = client.get("/received/1/html")
    rules = dict(rule.strip().partition(" ")[::2] for rule in answer.headers["content-security-policy"].split(";"))
    assert rules["default-src"] == "'none'" and not rules.keys() & {"script-src", "img-src", "connect-src"}
    assert set(rules["sandbox"].split()) == {"allow-popups", "allow-popups-to-escape-sandbox"}
    assert answer.headers["referrer-policy"] == "no-referrer" and 'href="http://127.0.0.1:8002/m/x"' in answer.text


def test_what_is_not_there_and_other_names_of_this_machine(client: TestClient) -> None:
    assert {client.get(f"/received/{one}").status_code for one in ("3", "3/html", "x", "../../etc/passwd")} == {404}
    assert client.get("/received", headers={"host": "far.example"}).status_code == 400
    assert client.post("/received").status_code == 405


def test_an_empty_folder_says_how_to_get_a_letter(tmp_path: Path, config: Config) -> None:
    page = TestClient(make_pages(config, tmp_path / "none"), base_url="http://127.0.0.1").get("/received")
    assert page.status_code == 200 and "Follow" in page.text


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("<http://a.example/x>", ["http://a.example/x"]),
        ("see http://a.example/x?a=1&b=%22, or (http://b.example/).", ["http://a.example/x?a=1&b=%22", "http://b.example/"]),
        ('http://a.example/"><script>', ["http://a.example/"]),
        ("javascript:alert(1)", []),
    ],
)  # fmt: skip
def test_addresses_become_links_and_the_rest_stays_text(text: str, links: list[str]) -> None:
    found = lxml.html.fromstring(f"<div>{link_addresses(text)}</div>")
    assert found.xpath("//a/@href") == links
    assert found.text_content() == text
