"""A crowd at a product's door: patients who write, staff who answer, tabs that listen and drop; and who breaks things.

Everybody behaves as the real ones do: a delivery without a 2xx is made again, a click without an answer is made again
under its ``client_id``, a tab comes back with the last number it saw. What they were told is kept for the checker.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode
from uuid import uuid4

import httpx
from twilio.request_validator import RequestValidator
from websockets.exceptions import WebSocketException

from tests.journeys.checker import Acked, Promised, Stream, problems
from tests.journeys.support import LiveChannel, live_channel, read_history
from tests.support.callers import Browser
from tests.support.clinic import Clinic
from tests.support.product import Product
from tests.support.socket import Socket
from tests.support.trust import TLS
from tests.support.twilio_server import SID, TOKEN, RunningTwilio

SETTLE_SECONDS = 75.0
QUIET_SECONDS = 4.0
PATIENCE = 4.0
"""Seconds after which a call to a frozen server is made again."""
LOST = (OSError, TimeoutError, httpx.TransportError, WebSocketException)


class Recorder(Socket):
    """A socket that keeps events as they come; the checker judges them later."""

    async def _receive(self) -> dict[str, object]:
        text = await self._connection.recv(decode=True)
        assert isinstance(text, str)
        frame: dict[str, object] = json.loads(text)
        if frame["t"] == "event":
            self.frames.append(text)
        return frame

    def cut(self) -> None:
        """Drop the line without a word."""
        self._connection.transport.abort()


class Desk:
    """One clinic of the crowd."""

    def __init__(self, clinic: Clinic, channel: LiveChannel, staff: list[list[Browser]]) -> None:
        self.clinic = clinic
        self.channel = channel
        self.staff = staff
        """Each colleague, as a browser at every replica."""
        self.id = str(clinic.id)


class Crowd:
    """The people of some clinics at one product."""

    def __init__(self, product: Product, twilio: RunningTwilio, seed: int) -> None:
        self.product, self.twilio = product, twilio
        self.random = random.Random(seed)
        self.desks: list[Desk] = []
        self.acked: list[Acked] = []
        self.delivered: set[tuple[str, str]] = set()
        self.promised: list[Promised] = []
        self.streams: list[Stream] = []
        self.refused: dict[str, int] = {}
        self.surprises: list[str] = []
        self.stopping = asyncio.Event()
        self.over = asyncio.Event()
        self._people: list[asyncio.Task[None]] = []
        self._listeners: list[asyncio.Task[None]] = []
        self._http = httpx.AsyncClient(timeout=PATIENCE, trust_env=False, verify=TLS)

    # -- coming and going

    async def come(
        self, new_clinic: Callable[..., Awaitable[Clinic]], *, clinics: int, patients: int, tabs: int
    ) -> None:
        """Open the clinics and begin; numbers are for each clinic."""
        for number in range(clinics):
            clinic = await new_clinic(self.product, f"Clinic {number}")
            channel = await live_channel(clinic, f"+1202555010{number}")
            people = [clinic.owner, await clinic.member()]
            desk = Desk(clinic, channel, [[self._at(one, web.url) for web in self.product.web] for one in people])
            self.desks.append(desk)
            for tab in range(tabs):
                stream = Stream(f"tab {number}.{tab}", desk.id, -1)
                self.streams.append(stream)
                self._listeners.append(asyncio.create_task(self._listen(desk, stream, html=tab % 4 == 3)))
        for desk in self.desks:
            self._people += [asyncio.create_task(self._patient(desk, n)) for n in range(patients)]
            self._people += [asyncio.create_task(self._staff(desk, browsers)) for browsers in desk.staff]

    def _at(self, browser: Browser, url: str) -> Browser:
        """The same person at another replica."""
        other = Browser(url, email=browser.email)
        other.http.headers["origin"] = self.product.url
        other.http.timeout = httpx.Timeout(PATIENCE)
        for cookie in browser.http.cookies.jar:
            other.http.cookies.jar.set_cookie(cookie)
        other.staff_id = browser.staff_id
        return other

    async def settle(self) -> list[str]:
        """Everybody stops; what is on its way comes to rest, the tabs catch up; returns the checker's complaints."""
        self.stopping.set()
        await asyncio.gather(*self._people)
        end, quiet, heads = time.monotonic() + SETTLE_SECONDS, time.monotonic(), None
        while time.monotonic() < end:
            # At rest: nothing on its way, and nothing new for a while. A worker that has just come back fetches what
            # its provider could not deliver.
            now = self.product.sql("select clinic_id, seq from clinic_log order by clinic_id")
            if now != heads or self._moving():
                heads, quiet = now, time.monotonic()
            elif time.monotonic() - quiet > QUIET_SECONDS:
                break
            await asyncio.sleep(0.25)
        self.over.set()
        await asyncio.wait_for(asyncio.gather(*self._listeners), 30)
        await self._http.aclose()
        for desk in self.desks:
            for browsers in desk.staff:
                for browser in browsers:
                    await browser.close()
        history = read_history(
            self.product,
            self.twilio,
            acked=self.acked,
            promised=self.promised,
            streams=self.streams,
            delivered=self.delivered,
        )
        return [*self.surprises, *problems(history)]

    def _moving(self) -> bool:
        lines = self.twilio.lines()
        calls = sum(line["act"] in {"called", "call_failed"} for line in lines)
        if calls < 3 * sum(line["act"] == "accepted" for line in lines):
            return True  # reports are on their way: queued, sent, delivered
        return (
            self.product.sql(
                "select id from message where direction = 'out' "
                "and status in ('scheduled', 'queued', 'sending', 'unknown') "
                "union all select id from job where type = 'message_send' and status not in ('completed', 'dead')"
            )
            != []
        )

    @property
    def summary(self) -> str:
        """What they did, for the reader of a failed run."""
        frames = sum(len(stream.frames) for stream in self.streams)
        return f"{len(self.acked)} texts acked, {len(self.promised)} replies, {frames} frames, refused {self.refused}"

    # -- patients

    async def _patient(self, desk: Desk, number: int) -> None:
        phone, sids = f"+1202555{2000 + number}", []
        while not self.stopping.is_set():
            if sids and self.random.random() < 0.25:
                await self._deliver(desk, phone, self.random.choice(sids))
            else:
                sids.append(f"SM{uuid4().hex}")
                await self._deliver(desk, phone, sids[-1])
            await asyncio.sleep(self.random.uniform(0.05, 0.4))

    async def _deliver(self, desk: Desk, phone: str, sid: str) -> None:
        form = {"MessageSid": sid, "AccountSid": SID, "From": phone, "To": desk.channel.address, "Body": f"I am {sid}"}
        signature = RequestValidator(TOKEN).compute_signature(desk.channel.webhook_url, form)
        headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
        path = desk.channel.webhook_url.removeprefix(self.product.url)
        self.delivered.add((desk.id, sid))
        answer = await self._insist(
            lambda: self._http.post(f"{self._some_web()}{path}", content=urlencode(form), headers=headers)
        )
        if answer is not None and answer.status_code == 200:
            self.acked.append(Acked(desk.id, sid))
        elif answer is not None:
            self.surprises.append(f"a text was answered {answer.status_code}: {answer.text[:200]}")

    def _some_web(self) -> str:
        return self.random.choice(self.product.web).url

    async def _insist(self, call: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response | None:
        """Call until there is an answer that is not "come back later"; None when the day is over."""
        while not self.stopping.is_set():
            try:
                answer = await call()
            except LOST as error:
                self.refused[type(error).__name__] = self.refused.get(type(error).__name__, 0) + 1
            else:
                if answer.status_code != 503:
                    return answer
                self.refused["503"] = self.refused.get("503", 0) + 1
                if "retry-after" not in answer.headers:
                    self.surprises.append(f"503 without Retry-After: {answer.text[:200]}")
            await asyncio.sleep(self.random.uniform(0.05, 0.3))
        return None

    # -- staff

    async def _staff(self, desk: Desk, browsers: list[Browser]) -> None:
        while not self.stopping.is_set():
            await asyncio.sleep(self.random.uniform(0.02, 0.2))
            found = await self._insist(lambda: self.random.choice(browsers).get(desk.clinic.at("threads?view=all")))
            if found is None or not (threads := found.json()["items"]):
                continue
            thread = self.random.choice(threads)
            if self.random.random() < 0.7:
                await self._reply(desk, browsers, thread)
            else:
                await self._act(desk, browsers, thread)

    async def _reply(self, desk: Desk, browsers: list[Browser], thread: dict[str, object]) -> None:
        client_id = str(uuid4())
        click = {"body": f"Answer {client_id}", "seen": thread["last_seq"], "client_id": client_id}
        path = desk.clinic.at(f"threads/{thread['id']}/messages")
        answer = await self._insist(lambda: self.random.choice(browsers).post(path, json=click))
        if answer is None:
            return
        if answer.status_code == 201:
            self.promised.append(Promised(desk.id, answer.json()["id"], client_id))
        elif answer.status_code != 409 or answer.json()["code"] != "thread_moved_on":
            self.surprises.append(f"a reply was answered {answer.status_code}: {answer.text[:200]}")

    async def _act(self, desk: Desk, browsers: list[Browser], thread: dict[str, object]) -> None:
        act, data = self.random.choice(
            [("assign", {"staff_id": str(browsers[0].staff_id)}), ("close", None), ("reopen", None), ("read", None)]
        )
        path = desk.clinic.at(f"threads/{thread['id']}/{act}")
        answer = await self._insist(lambda: self.random.choice(browsers).post(path, json=data))
        if answer is not None and answer.status_code not in {200, 409}:
            self.surprises.append(f"{act} was answered {answer.status_code}: {answer.text[:200]}")

    # -- tabs

    async def _listen(self, desk: Desk, stream: Stream, *, html: bool) -> None:
        """Listen, drop, come back with the last number; at the end stay until the head has come."""
        headers = desk.clinic.owner.socket_headers
        epoch = None
        while True:
            place = {"after": seq_of(stream), "epoch": epoch} if stream.start >= 0 else {}
            try:
                socket = await asyncio.wait_for(
                    Recorder.open(self._some_web(), headers, html=html, **place),  # type: ignore[arg-type]
                    5,
                )
            except (*LOST, AssertionError):  # a frozen or dying server: no hello
                await asyncio.sleep(self.random.uniform(0.05, 0.5))
                continue
            if stream.start < 0:
                stream.start = int(socket.hello["seq"])
            elif not socket.hello["resumed"]:
                stream.resyncs += 1
            epoch = socket.hello["epoch"]
            try:
                if await self._hear(socket, stream):
                    return
            except LOST:
                await asyncio.sleep(self.random.uniform(0.05, 0.5))
            finally:
                socket.cut()

    async def _hear(self, socket: Recorder, stream: Stream) -> bool:
        """Take frames for a while; says whether this was the last of them."""
        last_visit = self.over.is_set()
        end = time.monotonic() + (10 if last_visit else self.random.uniform(0.3, 5))
        head = await asyncio.to_thread(self._head, stream.clinic) if last_visit else None
        kept = len(stream.frames)
        try:
            while time.monotonic() < end and (last_visit or not self.over.is_set()):
                if (
                    last_visit
                    and (seq_of(stream) if not socket.frames else json.loads(socket.frames[-1])["seq"]) >= head
                ):
                    return True
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(socket._receive(), 0.5)
        finally:
            stream.frames[kept:] = socket.frames
        return last_visit

    def _head(self, clinic: str) -> int:
        return int(self.product.sql("select seq from clinic_log where clinic_id = %s", clinic)[0][0])


def seq_of(stream: Stream) -> int:
    """The last number a tab has seen."""
    return int(json.loads(stream.frames[-1])["seq"]) if stream.frames else stream.start
