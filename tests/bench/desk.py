"""The desk: what a staff act costs with its event, and how soon a reply reaches the provider."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx

from tests.bench.product import ROOT, BenchError
from tests.bench.report import Measure, middle

if TYPE_CHECKING:
    from tests.bench.product import Site
    from tests.bench.seed import Clinic

UNIT = "Unit of work: a staff act with its event / without"
REPLY = "Staff reply, undo time 0"


def measure_unit(site: Site, fifty: list[Clinic], one: list[Clinic], *, full: bool) -> list[Measure]:
    """Eight writers on 50 clinics, and on one."""
    found = []
    for clinics, bar, aim in ((fifty, 0.6, 0.7), (one, 0.35, 0.5)):
        ids = ",".join(str(clinic.id) for clinic in clinics)
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.acts", site.app_dsn, ids, "2" if full else "1", "7" if full else "4"],
            cwd=ROOT,
            env=site.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if done.returncode != 0:
            raise BenchError(f"acts: {done.stderr.strip()[-600:]}")
        got: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        count = len(clinics)
        found.append(
            Measure(
                group=UNIT,
                name=f"{count} clinic{'s' if count > 1 else ''}",
                value=got["ratio"],
                bar=bar,
                aim=aim,
                more_is_better=True,
                note=f"{got['with']:.0f} / {got['without']:.0f} acts/s; "
                f"{got['cpu_with']:.0f} / {got['cpu_without']:.0f} us CPU of the process",
            )
        )
    return found


class Provider:
    """A provider of texts that takes everything and notes when it was asked."""

    def __init__(self) -> None:
        provider = self
        self.asked: list[float] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                provider.asked.append(time.monotonic())
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self._answer({"sid": f"SM{uuid4().hex}", "status": "queued"})

            def do_GET(self) -> None:
                self._answer({"messages": [], "next_page_uri": None})

            def _answer(self, value: dict[str, Any]) -> None:
                body = json.dumps(value).encode()
                self.send_response(201 if self.command == "POST" else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def wait_for(self, count: int, seconds: float = 10) -> float:
        """Return when it was asked for the ``count``-th time."""
        deadline = time.monotonic() + seconds
        while len(self.asked) < count:
            if time.monotonic() > deadline:
                raise BenchError("The reply never reached the provider.")
            time.sleep(0.0005)
        return self.asked[count - 1]


def measure_reply(site: Site, clinic: Clinic, *, full: bool) -> list[Measure]:
    """From the POST of a reply to the first byte at the provider: web, log, queue, worker, claim."""
    provider, took = Provider(), []
    try:
        with (
            site.web(name="reply", TWILIO_API_URL=provider.url) as web,
            site.worker(TWILIO_API_URL=provider.url),
            httpx.Client(
                base_url=f"{web.url}/api/v1/clinics/{clinic.slug}",
                headers={"authorization": f"Bearer {clinic.key}"},
                timeout=10,
            ) as client,
        ):
            threads = client.get("/threads", params={"view": "all", "limit": "50"}).json()["items"]
            for number in range(60 if full else 25):
                thread = client.get(f"/threads/{threads[number % len(threads)]['id']}").json()
                draft = {
                    "channel": "sms",
                    "body": f"We can see you at ten ({number}).",
                    "seen": thread["last_seq"],
                    "client_id": str(uuid4()),
                }
                before, began = len(provider.asked), time.monotonic()
                answer = client.post(f"/threads/{thread['id']}/messages", json=draft)
                if answer.status_code != 201:
                    raise BenchError(f"The reply was refused: {answer.status_code} {answer.text[:300]}")
                took.append(1000 * (provider.wait_for(before + 1) - began))
                time.sleep(0.05)
    finally:
        provider.close()
    kept = sorted(took[5:])
    return [
        Measure(
            group=REPLY,
            name="POST -> provider call started, p50",
            value=middle(kept),
            bar=25,
            aim=8,
            unit="ms",
            note=f"p90 {kept[int(0.9 * (len(kept) - 1))]:.0f} ms",
        )
    ]
