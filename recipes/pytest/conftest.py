"""Fixtures for tests inside `guanxi emulator exec`. Each worker of pytest-xdist has a community of its own."""

import os
from urllib.parse import urlsplit

import pytest
import requests

COMMUNITY = os.environ.get("PYTEST_XDIST_WORKER", "main")

if "GUANXI_EMULATOR" not in os.environ:
    pytest.exit("run the tests with: guanxi emulator exec -- pytest", 2)

# The user of the proxy's address selects the community of the program's requests.
proxy = urlsplit(os.environ["GUANXI_EMULATOR_PROXY"]).netloc
for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"):
    os.environ[name] = f"http://{COMMUNITY}:x@{proxy}"


class Emulator:
    """The control API, for the community of the worker."""

    def __init__(self):
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {os.environ['GUANXI_EMULATOR_TOKEN']}"
        self.http.headers["x-guanxi-community"] = COMMUNITY

    def get(self, path, /, **query):
        return self._send("GET", path, params=query)

    def post(self, path, /, **body):
        return self._send("POST", path, json=body)

    def _send(self, method, path, **options):
        response = self.http.request(method, os.environ["GUANXI_EMULATOR"] + path, **options)
        assert response.ok, response.text
        return response.json().get("data")


@pytest.fixture(autouse=True)
def emulator():
    """The emulator, with the community as it was at the start."""
    emulator = Emulator()
    emulator.post("/emulator/restore", name="start")
    emulator.post("/emulator/requests/clear")
    return emulator


@pytest.fixture
def session(emulator):
    """The cookies of a member of the demo's community."""
    return emulator.post("/emulator/session", mid=293793435)["cookies"]
