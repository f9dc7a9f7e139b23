"""A local stand-in for the lists of approved WhatsApp texts: Meta's, with its cursors, Gallabox's, and Twilio's.

What is sent through Meta is remembered. Requests that the providers' own documents do not allow are in ``problems``.
"""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from tests.support import twilio_spec
from tests.support.openapi_check import Document

ACCOUNT, TOKEN = "102290129340398", "a-permanent-access-token-of-meta"
SID, TWILIO_TOKEN = "AC0000000000000000000000000000feed", "a-token-of-twilio-0123456789"
KEY, SECRET, GALLABOX_ACCOUNT = "gallabox-key-1", "gallabox-secret-1", "000000000000000000000002"


def row(name: str, text: str, *, language: str = "en_US", status: str = "APPROVED", **more: Any) -> dict[str, Any]:
    """One text as Meta lists it."""
    parts = [{"type": "BODY", "text": text, "example": {"body_text": [["Ann", "Friday"]]}}]
    return {
        "id": name,
        "name": name,
        "language": language,
        "status": status,
        "category": "UTILITY",
        "components": parts,
        **more,
    }


def content(number: int, name: str, types: dict[str, Any], *, status: str = "approved", **more: Any) -> dict[str, Any]:
    """One text as Twilio lists it."""
    return {
        "sid": f"HX{number:032x}",
        "friendly_name": name,
        "language": "en",
        "variables": {"1": "Ann", "2": "Friday"},
        "types": types,
        "approval_requests": {"name": name, "category": "UTILITY", "status": status, "rejection_reason": ""},
        **more,
    }


class TemplateServer:
    """Serves ``rows``, ``size`` a page. ``answer`` overrides everything: (status, body)."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self.size = 1
        self.answer: tuple[int, str] | None = None
        self.endless = False
        self.asked: list[str] = []
        self.sent: list[dict[str, Any]] = []
        self.problems: list[str] = []
        self._documents = {
            "v23.0": Document("meta_whatsapp_v23"),
            "devapi": Document("gallabox"),
            "v1": Document("twilio_content_v1"),
        }
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(*server.respond(self.path, dict(self.headers)))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.answer(*server.take(self.path, self.headers["Content-Type"], body))

            def answer(self, status: int, body: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def check(self, method: str, path: str, *content: Any) -> None:
        """Note what the provider's document does not allow."""
        document = self._documents.get(path.split("/")[1])
        if document:
            self.problems += document.request_problems(method, self.url + path, *content)

    def take(self, path: str, content_type: str, body: bytes) -> tuple[int, str]:
        """Take a message, as Meta and Twilio do."""
        if path.startswith("/2010-04-01/"):
            self.problems += twilio_spec.request_problems("POST", path, content_type, body)
            self.sent.append(dict(parse_qsl(body.decode())))
            return 201, json.dumps({"sid": f"MM{len(self.sent):032x}", "status": "queued"})
        self.check("POST", path, content_type, body)
        self.sent.append(json.loads(body))
        told = {"messaging_product": "whatsapp", "messages": [{"id": f"wamid.sent{len(self.sent)}"}]}
        return 200, json.dumps(told)

    def respond(  # noqa: PLR0911 - one return a list
        self, path: str, headers: dict[str, str]
    ) -> tuple[int, str]:
        """Answer one request as the provider would."""
        self.asked.append(path)
        self.check("GET", path)
        if self.answer is not None:
            return self.answer
        parts = urlsplit(path)
        if parts.path == f"/v23.0/{ACCOUNT}/message_templates":
            return self._meta(headers, {name: values[0] for name, values in parse_qs(parts.query).items()})
        if parts.path == "/v1/ContentAndApprovals":
            return self._twilio(headers, {name: values[0] for name, values in parse_qs(parts.query).items()})
        if (headers.get("apiKey"), headers.get("apiSecret")) != (KEY, SECRET):
            return 401, json.dumps({"message": "Unauthorized"})
        if parts.path == "/devapi/webhooks":
            return 200, json.dumps([{"_id": "w", "accountId": GALLABOX_ACCOUNT, "events": []}])
        if parts.path == f"/devapi/accounts/{GALLABOX_ACCOUNT}/whatsappTemplates":
            return 200, json.dumps(self.rows)
        return 404, json.dumps({"message": "Not Found"})

    def _twilio(self, headers: dict[str, str], query: dict[str, str]) -> tuple[int, str]:
        told = "Basic " + base64.b64encode(f"{SID}:{TWILIO_TOKEN}".encode()).decode()
        if headers.get("Authorization") != told:
            return 401, json.dumps({"code": 20003, "message": "Authenticate", "status": 401})
        start = int(query.get("Page", "0")) * self.size
        rows = self.rows[start : start + self.size]
        meta: dict[str, Any] = {"page": start // self.size, "page_size": self.size, "next_page_url": None}
        if start + self.size < len(self.rows):
            # A host of somebody else must not be followed.
            meta["next_page_url"] = f"http://192.0.2.1/x?PageSize=1&Page={start // self.size + 1}&PageToken=t"
        page = {"contents": rows, "meta": meta}
        path = "/v1/ContentAndApprovals"
        found = self._documents["v1"].answer_problems("GET", path, 200, page)
        # ``nullable`` is a word of OpenAPI 3.0 that JSON Schema does not know.
        self.problems += [one for one in found if not one.startswith("meta/next_page_url: null")]
        return 200, json.dumps(page)

    def _meta(self, headers: dict[str, str], query: dict[str, str]) -> tuple[int, str]:
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            error = {"message": "Invalid OAuth access token", "type": "OAuthException", "code": 190}
            return 401, json.dumps({"error": error})
        start = int(query.get("after", "0"))
        end = start if self.endless else start + self.size
        page: dict[str, Any] = {
            "data": self.rows[start : start + self.size],
            "paging": {"cursors": {"after": str(end)}},
        }
        if end < len(self.rows):
            # As Meta writes it, with the token in it; a host of somebody else must not be followed.
            page["paging"]["next"] = f"http://192.0.2.1/v23.0/{ACCOUNT}/message_templates?access_token=x&after={end}"
        return 200, json.dumps(page)

    def stop(self) -> None:
        """Hang up."""
        self._http.shutdown()
        self._http.server_close()
