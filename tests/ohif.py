"""OHIF, a viewer of somebody else's: its ready static build from npm, set up to use one DICOMweb server only."""

import http.server
import shutil
import subprocess
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import web_servers
from ports import serving

PACKAGE = "@ohif/app@3.13.2"
# What the how-to page says too. The last lines keep OHIF from stopping at a measurement that has no place in an image.
CONFIG = """
window.config = {
  routerBasename: '/',
  extensions: [],
  modes: [],
  showStudyList: true,
  maxNumberOfWebWorkers: 2,
  investigationalUseDialog: { option: 'never' },
  defaultDataSourceName: 'room',
  dataSources: [
    {
      namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
      sourceName: 'room',
      configuration: {
        friendlyName: 'Reading room',
        name: 'room',
        qidoRoot: '/dicom-web',
        wadoRoot: '/dicom-web',
        wadoUriRoot: '/dicom-web',
        qidoSupportsIncludeField: true,
        imageRendering: 'wadors',
        thumbnailRendering: 'wadors',
        supportsFuzzyMatching: false,
        supportsWildcard: true,
        bulkDataURI: { enabled: true },
      },
    },
  ],
  customizationService: [
    {
      onBeforeSRAddMeasurement: {
        $set: ({ measurement }) =>
          measurement.coords && measurement.coords.length ? measurement : { ...measurement, coords: [{}] },
      },
    },
  ],
};
"""


def unpacked(folder: Path) -> Path:
    """Fetch the package and unpack it into ``folder``; the test is skipped where that cannot be done."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed: apt-get install npm")
    fetched = subprocess.run([npm, "pack", PACKAGE], cwd=folder, capture_output=True, text=True, check=False)
    if fetched.returncode:
        pytest.skip(f"npm could not fetch {PACKAGE}; is there a network?")
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    (folder / "package" / "dist" / "app-config.js").write_text(CONFIG)  # before its first start
    return folder / "package" / "dist"


@contextmanager
def running(dist: Path, place: web_servers.Place) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Serve the build, and the room's DICOMweb on the same origin; gives the URL and what DICOMweb answered."""
    asked: list[tuple[int, str]] = []

    class Both(http.server.SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(dist))

        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path.startswith("/dicom-web/"):
                self.pass_on()
                return
            if not (dist / path.lstrip("/")).is_file():
                self.path = "/index.html"  # a page of its own router
            super().do_GET()

        def pass_on(self) -> None:
            headers = {"Accept": self.headers.get("Accept", "*/*"), "Host": self.headers["Host"], **place.headers}
            request = urllib.request.Request(place.url + self.path, headers=headers)
            try:
                answer = urllib.request.urlopen(request, timeout=60)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                content = answer.read()
            asked.append((answer.status, self.path))
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers.get("Content-Type", "text/plain"))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Both)) as url:
        yield url, asked
