"""A small OpenID Connect issuer on a real port: discovery, authorize, token with PKCE, keys, user info.

It is not ours and not allauth's: tokens are signed by joserfc. `person` is whoever signs in there next.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "madang", "client secret"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})


class Issuer:
    """State of the issuer: the codes it gave, and what it will say about `person`."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}  # put over those of the token, to forge it
        self.given: dict[str, dict[str, str]] = {}
        self.address = ""
        self.faults: list[str] = []

    def authorize(self, query: dict[str, str]) -> str:
        """Signs `person` in at once; returns the address that the browser is sent back to."""
        for name in ("client_id", "redirect_uri", "state", "code_challenge"):
            if not query.get(name):
                self.faults.append(f"authorize without {name}")
        if query.get("code_challenge_method") != "S256" or "openid" not in query.get("scope", ""):
            self.faults.append("authorize without S256 or openid")
        code = f"code-{len(self.given)}"
        self.given[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        asked = self.given.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "").encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        if asked is None or challenge != asked["code_challenge"]:
            self.faults.append("token without the verifier of its challenge")
            return None
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            self.faults.append("token for another client")
            return None
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300, **self.person, **self.claims}
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEY)
        return {"access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": signed}

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "jwks_uri": f"{self.address}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }


@contextmanager
def running() -> Iterator[Issuer]:
    """The issuer, at its address, until the block ends."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/.well-known/openid-configuration":
                self._json(issuer.configuration())
            elif parts.path == "/keys":
                self._json({"keys": [KEY.as_dict(private=False)]})
            elif parts.path == "/userinfo" and self.headers["Authorization"] == "Bearer access":
                self._json(issuer.person)
            elif parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", issuer.authorize(query))
                self.end_headers()
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            told = issuer.token({name: values[0] for name, values in parse_qs(body).items()})
            self._json(told or {"error": "invalid_grant"}, 200 if told else 400)

        def _json(self, value: Any, status: int = 200) -> None:
            data = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
