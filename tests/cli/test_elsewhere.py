"""echo, send, query, retrieve, and read of a study elsewhere: against an Orthanc, by DIMSE and by DICOMweb."""

import json
from types import SimpleNamespace

import pytest
from pydicom import dcmread

import orthanc
import rooms
from dicom_factory import ct_series
from nodes import storescp
from ports import free_port
from secondread.cli import run
from secondread.cli.elsewhere import place
from secondread.core.errors import UsageError

HAND = rooms.EXAMPLES / "hand.dcm"
STUDY = str(dcmread(HAND).StudyInstanceUID)


@pytest.fixture(scope="module")
def pacs(tmp_path_factory):
    with orthanc.running(tmp_path_factory.mktemp("orthanc"), **orthanc.OPEN) as running:
        yield running


@pytest.fixture(params=["pacs", "web"])
def elsewhere(request, pacs):
    """The same archive by both of its doors."""
    pacs.forget()
    if request.param == "pacs":
        door = f"pacs://WITNESS@127.0.0.1:{pacs.dicom}"
        return SimpleNamespace(door=door, study=f"{door}/{STUDY}", archive=pacs)
    door = f"http://127.0.0.1:{pacs.http}/dicom-web"
    return SimpleNamespace(door=door, study=f"{door}/studies/{STUDY}", archive=pacs)


def answer(capsys, *argv):
    """Exit code and JSON of a command."""
    code = run([*map(str, argv), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_an_archive_is_asked_filled_searched_and_emptied(elsewhere, capsys, tmp_path):
    assert answer(capsys, "echo", elsewhere.door)[0] == 0
    ct_series(tmp_path / "ct", (3, 8, 6), PatientName="Kim^Chul")
    code, told = answer(capsys, "send", elsewhere.door, HAND, tmp_path / "ct")
    assert (code, [one["ok"] for one in told["objects"]]) == (0, [True] * 4)
    code, told = answer(capsys, "query", elsewhere.door, "--match", "PatientName=Kim*")
    assert (code, [one["PatientName"] for one in told]) == (0, ["Kim^Chul"])
    code, told = answer(capsys, "query", elsewhere.study)
    assert [one["Modality"] for one in told] == ["CR"]
    out = tmp_path / "out"
    code, told = answer(capsys, "retrieve", elsewhere.study, "--out", out)
    assert code == 0
    (file,) = [out / name for name in told["files"]]
    assert dcmread(file) == dcmread(HAND)
    assert dcmread(file).file_meta.TransferSyntaxUID == dcmread(HAND).file_meta.TransferSyntaxUID


def test_a_study_elsewhere_is_read_as_if_it_lay_here(elsewhere, capsys, tmp_path):
    elsewhere.archive.send(HAND)
    code, told = answer(capsys, "read", elsewhere.study, "--reader", "chest-xray-pneumonia", "--out", tmp_path / "out")
    assert code == 10  # a hand is refused, by the reader and not by the network
    assert told["report"]["study_uid"] == STUDY
    assert (tmp_path / "out" / "report.json").is_file()


def test_a_study_that_is_not_there_leaves_no_folder(elsewhere, capsys, tmp_path):
    assert run(["retrieve", elsewhere.study, "--out", str(tmp_path / "out")]) == 8
    assert "Error: " in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_is_refused_is_listed_and_the_exit_code_says_so(pacs, capsys, tmp_path):
    door = f"pacs://WITNESS@127.0.0.1:{pacs.dicom}"
    foreign = dcmread(HAND)
    foreign.SOPClassUID = foreign.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.31"
    foreign.save_as(tmp_path / "foreign.dcm")
    code, told = answer(capsys, "send", door, tmp_path / "foreign.dcm", HAND)
    assert code == 8
    assert [(one["ok"], one["status"]) for one in told["objects"]] == [(False, "not accepted"), (True, "0000H")]
    assert run(["send", door, str(tmp_path / "foreign.dcm")]) == 8
    assert "0 of 1 objects stored" in capsys.readouterr().out


def test_a_study_is_sent_on_to_another_title(pacs, capsys, tmp_path):
    door = f"pacs://WITNESS@127.0.0.1:{pacs.dicom}"
    pacs.forget()
    pacs.send(HAND)
    with storescp(tmp_path, "OTHER") as port:
        pacs.put("/modalities/other", {"AET": "OTHER", "Host": "127.0.0.1", "Port": port})
        assert answer(capsys, "retrieve", f"{door}/{STUDY}", "--to", "OTHER") == (0, {"sent": 1, "to": "OTHER"})
    assert len(list(tmp_path.iterdir())) == 1
    assert run(["retrieve", door, "--to", "OTHER"]) == 2


@pytest.mark.parametrize("written", ["pacs://AT@host", "pacs://@host:104", "pacs://A@h:99999", "ftp://host", "hand.dcm",
                                     "pacs://A@h:104/x y", "https://host/dicom-web/studies/a b", ""])  # fmt: skip
def test_a_place_that_cannot_be_read_is_said(written):
    with pytest.raises(UsageError, match="the place cannot be read"):
        place(written)


def test_nobody_there_is_said_in_one_line(capsys):
    port = free_port()
    for door in (f"pacs://X@127.0.0.1:{port}", f"http://127.0.0.1:{port}/dicom-web"):
        assert run(["echo", door]) == 8
        told = capsys.readouterr().err
        assert told.startswith("NetworkError: ")
        assert told.count("\n") == 1


def test_a_token_file_that_is_not_there_is_said(capsys, tmp_path):
    assert run(["echo", "http://127.0.0.1:1/x", "--token-file", str(tmp_path / "none")]) == 2
    assert "--token-file" in capsys.readouterr().err


def test_a_study_must_be_named_to_be_fetched(capsys):
    assert run(["retrieve", "pacs://X@127.0.0.1:1"]) == 2
    assert "no study is named" in capsys.readouterr().err
