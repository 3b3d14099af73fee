"""A small OpenID Connect provider on loopback, written with joserfc; each of its answers can be made wrong.

It checks what a provider must: the client's secret, that a code is used once, and PKCE.
"""

import base64
import hashlib
import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from ports import serving

KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
CLIENT, SECRET = "reading-room", "a secret of the client"


class Provider:
    def __init__(self, now):
        self.now = now
        self.key = KEY
        self.issuer = ""
        self.codes = {}
        self.person = {"sub": "s-1", "preferred_username": "kim", "name": "Dr. Kim", "groups": ["radiology"]}
        self.twist = {}  # claims that are put over the right ones; None leaves one out
        self.document = {}  # likewise for the discovery document
        self.userinfo = {}  # likewise for the user info
        self.sign_with = None
        self.header = {}
        self.asked = []

    def authorise(self, url):
        """What a person does there: agree. Returns code and state."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def discovery(self):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/me",
            "end_session_endpoint": f"{self.issuer}/end",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            **self.document,
        }

    def token(self, form, authorization):
        expected = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if authorization not in {f"Basic {expected}", f"Basic {plain}"}:
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form["code"], None)
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        )
        if asked is None or challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(self.now())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": self.person["sub"], "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], **self.twist,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": "one", **self.header}
        signed = jwt.encode(header, claims, self.sign_with or self.key, algorithms=["RS256", "HS256", "none"])
        return 200, {"access_token": "an access token", "token_type": "Bearer", "expires_in": 300, "id_token": signed}

    def answer(self, method, path, form, headers):
        self.asked.append((method, path))
        if path == "/.well-known/openid-configuration":
            return 200, self.discovery()
        if path == "/jwks":
            return 200, KeySet([self.key]).as_dict(private=False)
        if (method, path) == ("POST", "/token"):
            return self.token(form, headers.get("Authorization"))
        if path == "/me" and headers.get("Authorization") == "Bearer an access token":
            return 200, {**self.person, **self.userinfo}
        return 404, {}


@contextmanager
def provider(now):
    """A provider that runs; ``now`` tells its time in seconds."""
    made = Provider(now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.reply({})

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.reply({name: values[0] for name, values in parse_qs(body).items()})

        def reply(self, form):
            status, answer = made.answer(self.command, urlsplit(self.path).path, form, self.headers)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as url:
        made.issuer = url
        yield made
