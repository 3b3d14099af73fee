"""Single sign-on with a provider that others wrote and use: oidc-provider (MIT), run by node on loopback."""

import json
import re
import shutil
import subprocess

import httpx2
import pytest
from sqlalchemy import select

import rooms
from ports import free_port
from secondread.serve.config.room import AccessSettings, RoomSettings, ServerSettings
from secondread.serve.database.tables import users
from secondread.serve.moments import wall_clock

VERSION = "9.13.3"
SCRIPT = """
import { Provider } from 'oidc-provider';
const [port, back] = [Number(process.argv[2]), process.argv[3]];
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: 'reading-room', client_secret: 'a secret: of the client?', redirect_uris: [back],
    post_logout_redirect_uris: [back.replace('/login/sso/back', '/login')],
    token_endpoint_auth_method: 'client_secret_basic',
  }],
  pkce: { required: () => true },
  claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'], email: ['email'] },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({
    sub: id, name: 'Dr. Kim', preferred_username: 'kim', groups: id === 'kim' ? ['radiology'] : ['cooks'] }) }),
});
provider.listen(port, '127.0.0.1', () => console.log('ready'));
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The provider as npm brings it."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("provider")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "provider.js").write_text(SCRIPT)
    got = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", f"oidc-provider@{VERSION}"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    if got.returncode:
        pytest.skip("npm cannot fetch oidc-provider here")
    assert json.loads((folder / "node_modules/oidc-provider/package.json").read_text())["license"] == "MIT"
    return folder


@pytest.fixture
def issuer(program):
    port = free_port()
    with subprocess.Popen(
        ["node", "provider.js", str(port), "http://testserver/login/sso/back"],
        cwd=program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as running:  # fmt: skip
        assert running.stdout.readline().strip() == "ready"
        yield f"http://127.0.0.1:{port}"
        running.terminate()


@pytest.fixture
def room(tmp_path, issuer):
    (tmp_path / "secret").write_text("a secret: of the client?")
    access = AccessSettings(
        oidc_issuer=issuer,
        oidc_client_id="reading-room",
        oidc_client_secret_file=tmp_path / "secret",
        oidc_roles={"radiology": "radiologist"},
    )
    settings = RoomSettings(access=access, server=ServerSettings(public_url="http://testserver"))
    room = rooms.make_room(tmp_path, settings, clock=wall_clock)
    yield room
    room.database.dispose()


def through_the_provider(url, name):
    """What a person does there: log in, agree. Returns where the browser is sent at the end."""
    with httpx2.Client(follow_redirects=False) as browser:
        for _ in range(12):
            answer = browser.get(url)
            while answer.status_code in {302, 303}:
                url = str(answer.url.join(answer.headers["location"]))
                if url.startswith("http://testserver"):
                    return url
                answer = browser.get(url)
            action = re.search(r'action="([^"]+)"', answer.text)[1]
            prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)[1]
            answer = browser.post(answer.url.join(action), data={"prompt": prompt, "login": name, "password": "any"})
            url = str(answer.url.join(answer.headers["location"]))
    raise AssertionError("the provider never sent the browser back")


def sign_on(room, name):
    client = rooms.visitor(room)
    back = through_the_provider(client.get("/login/sso?next=/account").headers["location"], name)
    return client, client.get(back.removeprefix("http://testserver"))


@pytest.mark.slow
def test_a_person_of_a_real_provider_comes_in_and_another_does_not(room, issuer):
    client, answer = sign_on(room, "kim")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "Dr. Kim" in client.get("/account").text
    (row,) = rooms.tables(room, select(users))
    assert (row["role"], row["oidc_issuer"], row["oidc_subject"]) == ("radiologist", issuer, "kim")
    _, refused = sign_on(room, "cook")
    assert refused.status_code == 403
    out = client.get("/login/sso/out").headers["location"]
    assert httpx2.get(out).status_code == 200
