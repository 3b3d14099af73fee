import tomllib
from pathlib import Path

import pytest

from secondread.core.errors import UsageError
from secondread.serve.config.load import load_settings, settings_from
from secondread.serve.config.room import RoomSettings

WHOLE = """
[server]
port = 9000
[storage]
folder = "room"
durability = "process"
[dicom]
ae_title = "READER"
[[dicom.peer]]
ae_title = "PACS"
host = "127.0.0.1"
port = 4242
[[route]]
name = "chest"
modality = ["CR", "DX"]
send_to = ["archive"]
[[destination]]
name = "archive"
kind = "dicom"
peer = "PACS"
"""


def settings(text: str) -> RoomSettings:
    return settings_from(tomllib.loads(text), Path("/etc/secondread"), "room.toml")


def test_an_empty_file_is_a_laptop_that_nobody_outside_reaches():
    found = settings("")
    assert found == RoomSettings()
    assert (found.server.host, found.dicom.host) == ("127.0.0.1", "127.0.0.1")


def test_every_table_is_read():
    found = settings(WHOLE)
    assert found.server.port == 9000
    assert found.dicom.peers[0].port == 4242
    assert found.routes[0].modality == ("CR", "DX")
    assert found.destinations[0].peer == "PACS"


def test_paths_are_below_the_folder_of_the_file(tmp_path):
    file = tmp_path / "room.toml"
    file.write_text('[storage]\nfolder = "images"\n', encoding="utf-8")
    assert load_settings(file).storage.folder == tmp_path / "images"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[sever]", r"found \[sever\]; needed one of server"),
        ("[server]\nprot = 1", r"\[server\]: found 'prot'; needed one of host, port"),
        ('[server]\nport = "80"', r"port: found '80'; needed a whole number"),
        ("[server]\nport = true", "needed a whole number"),
        ("[server]\nport = 70000", "needed a number from 0 to 65535"),
        ("server = 3", "needed a table"),
        ("[route]\nname = 'x'", "needed a list of tables"),
        ("[[route]]\nmodality = ['CT']", "number 1: 'name' is missing"),
        ("[[route]]\nname = 'x'\nsend_to = ['nowhere']", "send_to names 'nowhere'"),
        ("[[route]]\nname = 'x'\nmodality = 'CT'", "needed a list, each a text"),
        ("[[route]]\nname = 'x'\npriority = 'soon'", "needed one of critical, urgent, routine"),
        ("[[destination]]\nname = 'a'\nkind = 'dicom'\npeer = 'X'", "needed the ae_title of a"),
        ("[[destination]]\nname = 'a'\nkind = 'fhir'", "needs a url that starts with http"),
        (
            "[[destination]]\nname = 'a'\nkind = 'folder'\npath = 'x'\nobjects = ['rtss']",
            "objects is 'rtss'; needed one of seg",
        ),
        ("[[destination]]\nname = 'a'\nkind = 'folder'\npath = 'x'\ncommitment = true", "needs no commitment"),
        (
            "[dicom]\nenabled = false\n[[dicom.peer]]\nae_title = 'P'\nhost = 'p'\nport = 104\n"
            "[[destination]]\nname = 'a'\nkind = 'dicom'\npeer = 'P'\ncommitment = true",
            "a node that hears the answer",
        ),
        ("[[destination]]\nname = 'A B'\nkind = 'folder'\npath = 'x'", "its name must be plain"),
        ("[[dicom.peer]]\nae_title = 'SECONDREAD'", "stands there 2 times"),
        ("[dicom]\nae_title = 'MORE THAN SIXTEEN'", "needed 1 to 16 plain characters"),
        ("[dicom]\ncertificate = 'a.pem'", "found one of certificate and certificate_key"),
        ("[access]\noidc_issuer = 'https://x'", "needed oidc_client_id too"),
        ("[access.oidc_roles]\nradiology = 'doctor'", "needed one of viewer"),
        ("[storage]\ndurability = 'none'", "needed one of power, process"),
        ("[reading]\nmaps = 'gradcam'", "needed one of best-rated, in-graph, occlusion"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_place(text, told):
    with pytest.raises(UsageError, match=told):
        settings(text)


def test_a_file_that_is_no_toml_is_named_without_its_folder(tmp_path):
    file = tmp_path / "room.toml"
    file.write_text("[server\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"^room\.toml: cannot be read as TOML"):
        load_settings(file)
