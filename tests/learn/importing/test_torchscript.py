"""TorchScript is a program: it is not even opened before somebody says that it may run."""

import pytest

torch = pytest.importorskip("torch")

import foreign_networks as foreign  # noqa: E402 - torch decides whether this file runs
from secondread.core.errors import SourceError, UntrustedError  # noqa: E402
from secondread.learn.importing.facts import Facts  # noqa: E402
from secondread.learn.importing.found import Trust  # noqa: E402
from secondread.learn.importing.monai_bundle import read_monai  # noqa: E402
from secondread.learn.importing.torchscript import as_onnx, from_torchscript  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")  # TorchScript says that it is a format of the past


class Writer(torch.nn.Module):
    """Makes a file when it is loaded."""

    def __init__(self, sentinel: str) -> None:
        super().__init__()
        self.weight, self.sentinel = torch.zeros(1), sentinel

    @torch.jit.export
    def __getstate__(self):
        return (self.weight, self.training, self.sentinel)

    @torch.jit.export
    def __setstate__(self, state: tuple[torch.Tensor, bool, str]):
        self.training, self.sentinel = state[1], state[2]
        self.weight = torch.from_file(self.sentinel, shared=True, size=1)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return image * self.weight


@pytest.fixture
def archive(tmp_path):
    """A MONAI bundle whose TorchScript makes a file when it is loaded, and that file's path."""
    bundle = foreign.monai_bundle(tmp_path, foreign.metadata(), None)
    sentinel = tmp_path / "it ran"
    torch.jit.save(torch.jit.script(Writer(str(sentinel))), bundle / "models" / "model.ts")
    sentinel.unlink(missing_ok=True)
    return bundle, sentinel


def test_it_is_refused_and_does_not_run(archive):
    bundle, sentinel = archive
    with pytest.raises(UntrustedError, match="--trust-code"):
        read_monai(bundle, Trust(pickle=True))
    assert not sentinel.exists()


def test_it_runs_when_it_is_loaded_so_the_refusal_is_no_mere_caution(archive):
    bundle, sentinel = archive
    read_monai(bundle, Trust(code=True))
    assert sentinel.exists()


def test_it_is_not_read_as_a_file_of_weights(archive):
    bundle, sentinel = archive
    (bundle / "models" / "model.ts").rename(bundle / "models" / "model.pt")
    config = foreign.inference(foreign.UNET, foreign.LOAD)
    (bundle / "configs" / "inference.json").write_text(foreign.json.dumps(config))
    with pytest.raises(SourceError, match="TorchScript archive under the name"):
        read_monai(bundle, Trust(pickle=True))
    assert not sentinel.exists()


@torch.no_grad()
def test_a_trusted_network_becomes_the_same_in_onnx(tmp_path):
    import onnxruntime

    network = foreign.scatter(torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.ReLU()))
    torch.jit.save(torch.jit.script(network), tmp_path / "model.ts")
    found = from_torchscript(tmp_path / "model.ts", Facts(), Trust(code=True))
    model = as_onnx(found.raw, (1, 8, 9), "model.ts")
    image = torch.rand(3, 1, 8, 9)
    (answer,) = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"image": image.numpy()})
    torch.testing.assert_close(torch.from_numpy(answer), network(image))


def test_a_damaged_archive_is_refused(tmp_path):
    (tmp_path / "model.ts").write_bytes(b"no archive")
    with pytest.raises(SourceError, match=r"^model\.ts: no TorchScript"):
        from_torchscript(tmp_path / "model.ts", Facts(), Trust(code=True))
