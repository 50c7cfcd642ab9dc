"""A machine reached over SSH as the host."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.lab import remote
from rehearsal.lab.host import Host
from rehearsal.lab.inventory import write_inventory
from rehearsal.lab.services import ExternalServices
from rehearsal.lab.workspace import LabError, Workspace

OUTSIDE = ExternalServices(*(f"127.0.0.1:{port}" for port in range(5001, 5006)))


@pytest.mark.parametrize("url", ["ssh://198.51.100.7", "ssh://admin@", "ssh://"])
def test_an_address_without_a_user_or_a_host_is_refused(url: str, tmp_path: Path) -> None:
    assert remote.is_remote(url)
    with pytest.raises(LabError, match="user@address"):
        remote.host_at(Workspace(tmp_path), url)


def test_the_login_names_port_and_key_only_if_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HNPAL_SSH_KEY", raising=False)
    host = remote.host_at(Workspace(tmp_path), "ssh://admin@198.51.100.7:2222")
    assert host.login()[-1] == "admin@198.51.100.7"
    assert tuple(host.login()[1:3]) == ("-p", "2222")
    assert "-i" not in host.login()
    monkeypatch.setenv("HNPAL_SSH_KEY", "/keys/mine")
    host = remote.host_at(Workspace(tmp_path), "ssh://admin@198.51.100.7")
    assert "/keys/mine" in host.login()


def test_the_host_is_told_its_own_addresses_of_the_services(tmp_path: Path) -> None:
    host = remote.host_at(Workspace(tmp_path), "ssh://admin@198.51.100.7")
    text = write_inventory(Workspace(tmp_path), host, remote.for_host(OUTSIDE)).read_text()
    assert f"http://{remote.ADDRESS}:5001" in text
    assert "127.0.0.1" not in text


def test_variables_of_the_surroundings_are_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "more.yml").write_text("docker_upstream_url: http://mirror.example\n")
    monkeypatch.setenv("HOST_VARIABLES", str(tmp_path / "more.yml"))
    host = remote.host_at(Workspace(tmp_path), "ssh://admin@198.51.100.7")
    text = write_inventory(Workspace(tmp_path), host, remote.for_host(OUTSIDE)).read_text()
    assert "docker_upstream_url: http://mirror.example" in text


class Occupied(Host):
    """A host on which something is installed."""

    def ssh(self, command: str, timeout: float = 60, text: str | None = None) -> str:
        assert command == remote.WHAT_IS_THERE, "nothing may be changed"
        return "/opt/hnpal\ncontainer hnpal-app\n"


def test_a_host_in_use_is_refused_before_anything_is_changed(tmp_path: Path) -> None:
    host = Occupied("198.51.100.7", None, tmp_path / "known_hosts")
    with pytest.raises(LabError, match=r"in use.*container hnpal-app"):
        remote.prepare_host(host)
