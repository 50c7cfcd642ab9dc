"""Queries a registry through the engine and its mirrors, which Docker's command line cannot.

Source: Docker Engine API v1.44, GET /distribution/{name}/json.
"""

from __future__ import annotations

import http.client
import json
import socket
from urllib.parse import quote

from hnpal_host.failure import HostError

SOCKET = "/var/run/docker.sock"
SECONDS = 30
MAX_BYTES = 1 << 20


class _Connection(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(SOCKET)


def digest_in_registry(tag: str, seconds: float = SECONDS) -> str:
    """The digest of a tag in its registry, as sha256:….

    Raises:
        HostError: the registry, or Docker, does not answer.
    """
    connection = _Connection("docker", timeout=seconds)
    try:
        connection.request("GET", f"/distribution/{quote(tag, safe='/:')}/json")
        answer = connection.getresponse()
        content = json.loads(answer.read(MAX_BYTES))
        if answer.status != http.client.OK:
            raise HostError(f"{tag}: {content.get('message', answer.reason)}")
        return str(content["Descriptor"]["digest"])
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException) as error:
        raise HostError(f"{tag}: the registry was not asked: {error}") from error
    finally:
        connection.close()
