"""What stands between the wire and the pages: one edition per request, headers, a lane for readers' SQL.

For each request, in order:
1. Host and scheme become those of the site's own address: nothing a reader sends ends up in a link.
2. The edition is chosen and kept to the end of the request.
3. A browser that holds this very page of this edition (ETag) is told so, before any query.
4. Pages of Datasette's that tell about the machine do not exist here; the index of words has no table pages.
5. Datasette's own pages, which run readers' SQL, pass a narrow lane: a few at a time, a short queue, then 503.
6. Answers get security headers: a strict policy on our pages (no script, nothing from elsewhere), a looser one on
   Datasette's own.
"""

import asyncio
import hashlib
import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from datasette import Response, hookimpl

HERE = Path(__file__).resolve().parent.parent
STRICT = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LOOSE = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
}
CLOSED = re.compile(
    r"/-/(databases|threads|versions|plugins|actor|allow-debug|permissions|messages|patterns|logout|auth-token|settings)"
)
INDEX = re.compile(r"search_(data|idx|content|docsize|config)", re.IGNORECASE)
AT_ONCE, QUEUE, PATIENCE = 2, 8, 4.0  # requests; requests; seconds


def _look():
    """Digest of everything that decides how pages look."""
    total = hashlib.sha256()
    for path in sorted(HERE.glob("*/**/*")) + sorted(HERE.glob("*.*")):
        if path.is_file() and "editions" not in path.parts and "__pycache__" not in path.parts:
            total.update(path.read_bytes())
    return total.hexdigest()[:12]


@hookimpl
def asgi_wrapper(datasette):
    look = _look()
    lane = asyncio.Semaphore(AT_ONCE)
    waiting = 0

    def wrap(app):
        async def gate(scope, receive, send):
            nonlocal waiting
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            home = urlsplit(datasette.stemwire.url)
            headers = [(name, value) for name, value in scope["headers"] if name not in (b"host", b"x-forwarded-host")]
            scope = dict(scope, headers=[*headers, (b"host", home.netloc.encode())], scheme=home.scheme)
            path, query = scope["path"], scope["query_string"].decode("latin-1")
            core = path == "/stemwire" or path.startswith(("/stemwire/", "/stemwire.", "/-/"))
            database = datasette.databases.get("stemwire")
            if not hasattr(database, "begin"):  # the first request of all: startup runs inside
                await app(scope, receive, send)
                return
            file = database.begin()
            etag = f'"{file.facts["content"][:12]}-{file.facts["name"][9:]}-{look}"'.encode()

            async def answer(message):
                if message["type"] == "http.response.start":
                    kept = {name.lower(): value for name, value in message.get("headers", [])}
                    for name, value in ALWAYS.items():
                        kept[name.encode()] = value.encode()
                    kept[b"content-security-policy"] = (LOOSE if core else STRICT).encode()
                    if message["status"] == 200 and scope["method"] in ("GET", "HEAD") and b"set-cookie" not in kept:
                        kept[b"cache-control"] = b"public, max-age=60"
                        kept[b"etag"] = etag
                    elif message["status"] != 304:
                        kept[b"cache-control"] = b"no-store"
                    message = dict(message, headers=list(kept.items()))
                await send(message)

            if etag in dict(headers).get(b"if-none-match", b"") and scope["method"] in ("GET", "HEAD"):
                start = {"type": "http.response.start", "status": 304, "headers": [(b"etag", etag)]}
                await answer(start)
                await answer({"type": "http.response.body", "body": b""})
                return
            if CLOSED.match(path):
                await _say(datasette, 404, "There is no such page.", answer)
                return
            if core and (INDEX.search(path) or any(INDEX.search(value) for pair in parse_qsl(query) for value in pair)):
                await _say(datasette, 403, "The index of words can be searched, not read.", answer)
                return
            with file.request():
                if not core or path.startswith("/-/"):
                    await app(scope, receive, answer)
                    return
                if waiting >= QUEUE:
                    await _busy(datasette, answer)
                    return
                waiting += 1
                try:
                    await asyncio.wait_for(lane.acquire(), PATIENCE)
                except TimeoutError:
                    await _busy(datasette, answer)
                    return
                finally:
                    waiting -= 1
                try:
                    await app(scope, receive, answer)
                finally:
                    lane.release()

        return gate

    return wrap


async def _busy(datasette, send):
    text = "Other readers' queries are running. Please try again in a few seconds."
    await _say(datasette, 503, text, send, {"retry-after": "5"})


async def _say(datasette, status, text, send, headers=None):
    """A page in the style of the house, without a query."""
    template = datasette.jinja_env.get_template("error.html")
    body = await template.render_async({"status": status, "error": text})
    await Response.html(body, status=status, headers=headers or {}).asgi_send(send)


@hookimpl
def permission_allowed(action, resource):
    """The index has no table pages, and nobody downloads the file."""
    if action == "view-table" and resource and INDEX.fullmatch(resource[1]):
        return False
    return False if action == "view-database-download" else None


@hookimpl
def startup():
    # Datasette prints every 404 with all local variables where rich is installed; a log line is uvicorn's to write
    import datasette.handle_exception as library

    library.rich = None
