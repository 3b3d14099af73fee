"""OpenID Connect as a client: authorization code flow with PKCE, and an ID token that is checked whole.

Sources: OpenID Connect Core 1.0 (3.1.2 the flow, 3.1.3.7 the checks), Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (iss).
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from secondread.core.errors import NetworkError
from secondread.serve.config.room import AccessSettings
from secondread.serve.room import Room

if TYPE_CHECKING:
    from collections.abc import Iterator

    from authlib.integrations.httpx_client import OAuth2Client

SCOPE = "openid profile email"
# Signatures with a public key only: with HS256 the client secret would sign, with "none" nobody.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
TIMEOUT_SECONDS = 10
LEEWAY_SECONDS = 60
VISIT_SECONDS = 600  # how long a person may take at the provider
# Unreadable answers end as one of the last three; OSError is the file with the secret.
_FAILURES = (AuthlibBaseError, JoseError, httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, KeyError, TypeError)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class SignOnError(NetworkError):
    """Single sign-on did not work: the provider was not reached, or its answer cannot be trusted."""


@dataclass(frozen=True, slots=True)
class Provider:
    """What its discovery document says."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    end_session_endpoint: str
    algorithms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """What is remembered of a person who was sent to the provider, in a signed cookie of their browser.

    Attributes:
        state: Comes back with them, so that nobody else's answer is taken for theirs.
        nonce: Stands in the ID token, so that it is of this visit.
        verifier: Proves to the provider that who fetches the token is who asked (PKCE).
        next: Where they wanted to go.
        at: When they were sent, in seconds.
    """

    state: str
    nonce: str
    verifier: str
    next: str
    at: int


def sealed(room: Room, visit: Visit) -> str:
    """The visit as a cookie that cannot be changed unseen."""
    content = json.dumps([visit.state, visit.nonce, visit.verifier, visit.next, visit.at]).encode().hex()
    return f"{content}.{_seal(room, content)}"


def opened(room: Room, cookie: str) -> Visit | None:
    """The visit of a cookie, or None where it is not ours or too old."""
    content, _, seal = cookie.partition(".")
    if not hmac.compare_digest(seal.encode(), _seal(room, content).encode()):
        return None
    visit = Visit(*json.loads(bytes.fromhex(content)))
    return visit if 0 <= room.clock().timestamp() - visit.at <= VISIT_SECONDS else None


def discover(access: AccessSettings) -> Provider:
    """Ask the provider where its endpoints are.

    Raises:
        SignOnError: If it is not reached, is not the issuer that is set, or would be spoken to in the clear.
    """
    issuer = access.oidc_issuer
    _check_https(issuer)
    with _client(access, "") as client:
        found = _json(client, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise SignOnError(f"single sign-on: the provider says that it is {found.get('issuer')!r}; needed {issuer!r}.")
    provider = Provider(
        issuer=issuer,
        authorization_endpoint=str(found.get("authorization_endpoint", "")),
        token_endpoint=str(found.get("token_endpoint", "")),
        jwks_uri=str(found.get("jwks_uri", "")),
        userinfo_endpoint=str(found.get("userinfo_endpoint", "")),
        end_session_endpoint=str(found.get("end_session_endpoint", "")),
        algorithms=tuple(set(found.get("id_token_signing_alg_values_supported", ["RS256"])) & set(ALGORITHMS)),
    )
    if not provider.algorithms:
        raise SignOnError(f"single sign-on: the provider signs with none of {', '.join(ALGORITHMS)}. Set one there.")
    for url in (provider.authorization_endpoint, provider.token_endpoint, provider.jwks_uri):
        _check_https(url)
    return provider


def address_to_visit(access: AccessSettings, provider: Provider, visit: Visit, back: str) -> str:
    """Where the browser is sent."""
    with _client(access, back) as client:
        url, _ = client.create_authorization_url(
            provider.authorization_endpoint, state=visit.state, code_verifier=visit.verifier, nonce=visit.nonce
        )
    return str(url)


def claims_of(room: Room, provider: Provider, visit: Visit, back: str, query: Mapping[str, str]) -> dict[str, Any]:
    """What the provider says of the person who came back: claims of the ID token, then those of its user info.

    Raises:
        SignOnError: If anything about the answer is not as it must be.
    """
    access = room.settings.access
    if not hmac.compare_digest(query.get("state", "").encode(), visit.state.encode()):
        raise SignOnError("single sign-on: the answer belongs to another visit. Log in again.")
    if query.get("iss", provider.issuer) != provider.issuer:
        raise SignOnError("single sign-on: the answer comes from another provider. Log in again.")
    if "code" not in query:
        raise SignOnError(f"single sign-on: the provider refused ({query.get('error', 'no code')[:64]}). Log in again.")
    with _client(access, back) as client:
        token = client.fetch_token(
            provider.token_endpoint,
            grant_type="authorization_code",
            code=query["code"],
            code_verifier=visit.verifier,
            redirect_uri=back,
        )
        claims = _checked(room, provider, visit, token, _json(client, provider.jwks_uri))
        if provider.userinfo_endpoint:
            _check_https(provider.userinfo_endpoint)
            more = _json(client, provider.userinfo_endpoint, token["access_token"])
            if more.get("sub") != claims["sub"]:  # Core 5.3.2: it may have been swapped
                raise SignOnError("single sign-on: the user info is of somebody else. Log in again.")
            claims = {**more, **claims}
    return claims


def _checked(
    room: Room, provider: Provider, visit: Visit, token: Mapping[str, Any], keys: Mapping[str, Any]
) -> dict[str, Any]:
    """The claims of the ID token: signature, issuer, audience, times, nonce; and it belongs to the access token."""
    client_id = room.settings.access.oidc_client_id
    found = jwt.decode(
        str(token.get("id_token", "")),
        KeySet.import_key_set({"keys": list(keys["keys"])}),
        algorithms=provider.algorithms,
    )
    claims = CodeIDToken(
        found.claims,
        found.header,
        options={"iss": {"essential": True, "value": provider.issuer}, "aud": {"essential": True, "value": client_id}},
        params={"nonce": visit.nonce, "client_id": client_id, "access_token": token.get("access_token")},
    )
    claims.validate(now=int(room.clock().timestamp()), leeway=LEEWAY_SECONDS)
    return dict(found.claims)


@contextmanager
def _client(access: AccessSettings, back: str) -> "Iterator[OAuth2Client]":
    """A client whose every failure is one error; what it sent and got is never in the message."""
    from authlib.integrations.httpx_client import OAuth2Client

    secret = None
    if access.oidc_client_secret_file is not None:
        secret = access.oidc_client_secret_file.read_text(encoding="utf-8").strip()
    try:
        with OAuth2Client(
            client_id=access.oidc_client_id,
            client_secret=secret,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            scope=SCOPE,
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=TIMEOUT_SECONDS,
        ) as client:
            yield client
    except _FAILURES as error:
        raise SignOnError(
            f"single sign-on: the provider's answer cannot be used ({type(error).__name__}). Try again; if it "
            "stays so, compare [access] oidc_issuer, oidc_client_id and the secret with what the provider knows."
        ) from error


def _json(client: "OAuth2Client", url: str, bearer: str = "") -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    answer = client.request("GET", url, headers=headers, withhold_token=True)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise TypeError(url)
    return found


def _check_https(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise SignOnError(f"single sign-on: {url[:200]!r} is not https. Tokens are never sent in the clear.")


def _seal(room: Room, content: str) -> str:
    return hmac.new(room.secret, f"sign-on {content}".encode(), hashlib.sha256).hexdigest()
