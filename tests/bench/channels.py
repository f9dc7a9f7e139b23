"""WhatsApp and mail beside texts: what a delivery costs, what a large mail costs, what a visitor of a site loads."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import random
import re
import struct
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import httpx
import msgspec

from tests.bench import tools
from tests.bench.product import BenchError
from tests.bench.report import OUT, Measure, middle, spread
from tests.bench.seed import CONTACTS, address_of
from tests.bench.webhooks import Texter

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.product import Site, Web
    from tests.bench.seed import Clinic

GROUP = "Every channel"
APP_SECRET, NUMBER_ID, INBOUND = "bench-app-secret-0123456789", "106540352242922", "bench-inbound-secret"
CONNECTIONS = 32
LARGE_MAIL = 10 * 1024 * 1024
BOUNDARY = "bench-boundary"

ADDRESSES = """
insert into contact_point (id, clinic_id, contact_id, kind, address, created_at)
select uuidv7(), p.clinic_id, p.contact_id, 'email', 'patient' || substr(p.address, 6) || '@mail.example', now()
from contact_point p where p.clinic_id = '{clinic}' and p.kind = 'phone' and p.address like '+1555%'
on conflict do nothing;
update thread t set contact_email = p.address from contact_point p
where p.clinic_id = t.clinic_id and p.contact_id = t.contact_id and p.kind = 'email' and t.clinic_id = '{clinic}';
analyze;
"""


def post(path: str, headers: dict[str, str], body: bytes) -> bytes:
    """Return one whole HTTP request."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return (
        f"POST {path} HTTP/1.1\r\nHost: bench.orasync.test\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


class WhatsApps:
    """Deliveries as Meta makes them: one message each, signed over the body."""

    def __init__(self, channel_id: str, words: Texter) -> None:
        self._path = f"/webhooks/whatsapp/{channel_id}"
        self._words = words
        self._random = random.Random(5)

    def request(self) -> bytes:
        """Return the next one."""
        sender = address_of(self._random.randrange(CONTACTS))[1:]
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15105559001", "phone_number_id": NUMBER_ID},
            "contacts": [{"profile": {"name": "Ann Example"}, "wa_id": sender}],
            "messages": [
                {
                    "from": sender,
                    "id": f"wamid.{self._random.getrandbits(160):040x}",
                    "timestamp": str(int(time.time())),
                    "type": "text",
                    "text": {"body": self._words.words()},
                }
            ],
        }
        changes = [{"value": value, "field": "messages"}]
        body = json.dumps(
            {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": changes}]}
        ).encode()
        signature = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"}
        return post(self._path, headers, body)


class Mails:
    """Deliveries as SendGrid's Inbound Parse makes them."""

    def __init__(self, channel_id: str, words: Texter, address: str) -> None:
        self.path = f"/webhooks/email/{channel_id}/sendgrid"
        self._words, self._address = words, address
        self._random = random.Random(6)
        password = base64.b64encode(f"orasync:{INBOUND}".encode()).decode()
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Authorization": f"Basic {password}",
        }

    def body(self, *, attachment: bytes = b"") -> bytes:
        """Return a form."""
        sender = f"patient{address_of(self._random.randrange(CONTACTS))[5:]}@mail.example"
        text = self._words.words()
        fields = {
            # Most mails answer one of the clinic's.
            "headers": f"Message-ID: <{self._random.getrandbits(128):032x}@mail.example>\nMIME-Version: 1.0\n"
            f"In-Reply-To: <{self._random.getrandbits(128):032x}@bench.example>\n",
            "from": f"Ann Example <{sender}>",
            "to": self._address,
            "subject": "Re: Your appointment",
            "text": text + "\n\nOn Monday the clinic wrote:\n> See you then.\n",
            "html": f"<p>{text}</p><blockquote>See you then.</blockquote>",
            "envelope": json.dumps({"to": [self._address], "from": sender}),
            "charsets": '{"to":"UTF-8","subject":"UTF-8","from":"UTF-8","text":"utf-8","html":"utf-8"}',
            "SPF": "pass",
            "attachments": "1" if attachment else "0",
        }
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        if attachment:
            parts.append(
                f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="attachment1"; filename="scan.pdf"\r\n'
                "Content-Type: application/pdf\r\n\r\n".encode()
                + attachment
                + b"\r\n"
            )
        return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()

    def request(self) -> bytes:
        """Return the next one."""
        return post(self.path, self.headers, self.body())


def measure(site: Site, web: Web, clinic: Clinic, *, full: bool) -> list[Measure]:
    """All rows of this group."""
    words = Texter([clinic], seed=3)
    whatsapp = connect(
        web,
        clinic,
        {
            "kind": "whatsapp",
            "provider": "whatsapp_cloud",
            "address": "+15105559001",
            "mode": "live",
            "credentials": {
                "phone_number_id": NUMBER_ID,
                "waba_id": "102290129340398",
                "access_token": "bench-access-token",
                "app_secret": APP_SECRET,
                "verify_token": "bench-verify",
            },
        },
    )
    mailbox = connect(
        web,
        clinic,
        {
            "kind": "email",
            "provider": "sendgrid",
            "address": "hello@bench.example",
            "mode": "live",
            "credentials": {"api_key": "SG.bench", "inbound_secret": INBOUND, "event_public_key": ""},
        },
    )
    site.sql(ADDRESSES.format(clinic=clinic.id))
    mails = Mails(mailbox["id"], words, "hello@bench.example")
    found = costs(site, web, {"text": words, "WhatsApp": WhatsApps(whatsapp["id"], words), "mail": mails}, full=full)
    return [*found, large_mail(web, mails), widget(web, clinic)]


def connect(web: Web, clinic: Clinic, draft: dict[str, Any]) -> dict[str, Any]:
    """Connect a further channel."""
    answer = httpx.post(
        f"{web.url}/api/v1/clinics/{clinic.slug}/channels",
        json=draft,
        headers={"authorization": f"Bearer {clinic.key}"},
        timeout=30,
    )
    if answer.status_code != 201:
        raise BenchError(f"channel: {answer.status_code} {answer.text[:300]}")
    return msgspec.json.decode(answer.content)


def costs(site: Site, web: Web, makers: dict[str, Any], *, full: bool) -> list[Measure]:
    """The cost of a delivery of each kind, in turns, over that of a text."""
    repeats, seconds, count = (5, 3.0, 60_000) if full else (2, 1.5, 14_000)
    files: dict[str, Path] = {}
    for kind, maker in makers.items():
        files[kind] = site.folder / f"{kind}.bin"
        with files[kind].open("wb") as out:
            for _ in range(count):
                request = maker.request()
                out.write(struct.pack("<I", len(request)) + request)
    used, took, cpu = dict.fromkeys(makers, 0), {kind: [] for kind in makers}, {kind: [] for kind in makers}
    for _ in range(repeats):
        for kind, path in files.items():
            before = web.cpu_seconds()
            done = tools.requests(web.port, path, CONNECTIONS, seconds, skip=used[kind])
            used[kind] += done["requests"]
            took[kind].append(1e6 / done["per_second"])
            cpu[kind].append(1e6 * (web.cpu_seconds() - before) / done["requests"])
            OUT.print(f"[dim]  {kind}: {took[kind][-1]:.0f} us each, web {cpu[kind][-1]:.0f} us CPU")
    return [
        Measure(
            group=GROUP,
            name=f"{kind} delivery / text delivery, time each, {CONNECTIONS} connections",
            value=middle(took[kind]) / middle(took["text"]),
            bar=1.5,
            aim=1.5,
            note=f"{middle(took[kind]):.0f} us and {middle(took['text']):.0f} us each; web {middle(cpu[kind]):.0f} us "
            f"and {middle(cpu['text']):.0f} us CPU; {spread(took[kind])}",
        )
        for kind in makers
        if kind != "text"
    ]


def large_mail(web: Web, mails: Mails) -> Measure:
    """How much the process grows, at most, while it takes mails of 10 MB."""
    body = mails.body(attachment=random.Random(7).randbytes(LARGE_MAIL))
    before = peak = web.memory_mb()
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.005):
            peak = max(peak, web.memory_mb())

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        answer = httpx.post(web.url + mails.path, content=body, headers=mails.headers, timeout=60)
    finally:
        done.set()
        watching.join()
    if answer.status_code != 200:
        raise BenchError(f"large mail: {answer.status_code} {answer.text[:300]}")
    return Measure(
        group=GROUP,
        name="growth of the process during a mail of 10 MB with its file, MB",
        value=max(peak, web.memory_mb()) - before,
        bar=60,
        aim=60,
        note=f"{before:.0f} MB before, {web.memory_mb():.0f} MB after",
    )


def widget(web: Web, clinic: Clinic) -> Measure:
    """What a visitor of a clinic's site loads before the chat can be used: script, page, and what the page names."""
    chat = connect(web, clinic, {"kind": "webchat", "provider": "webchat", "address": "bench.example", "mode": "live"})
    sizes: dict[str, int] = {}

    def load(path: str) -> str:
        answer = httpx.get(urljoin(web.url, path), timeout=30)
        if answer.status_code != 200:
            raise BenchError(f"{path}: {answer.status_code}")
        sizes[path] = len(gzip.compress(answer.content, 6, mtime=0))
        return answer.text

    load("/widget.js")
    page, seen = load(f"/widget/{chat['id']}"), set[str]()
    waiting = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        text = load(path)
        if path.partition("?")[0].endswith(".js"):
            waiting += [urljoin(path, name) for name in re.findall(r'(?:from|import)\s*"([^"]+)"', text)]
    return Measure(
        group=GROUP,
        name="first load of the chat on a site, kB gzip",
        value=sum(sizes.values()) / 1024,
        bar=25,
        aim=25,
        note="; ".join(
            f"{path.rpartition('/')[2].partition('?')[0]} {size / 1024:.1f}" for path, size in sizes.items()
        ),
    )
