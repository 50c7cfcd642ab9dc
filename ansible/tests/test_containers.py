from __future__ import annotations

from containers import by_service, needs_up


def container(service: str, state: str = "running", definition: str = "d1") -> dict[str, object]:
    labels = {
        "com.docker.compose.service": service,
        "com.docker.compose.config-hash": definition,
    }
    return {"Labels": labels, "State": state}


def test_containers_that_match_their_definition_need_no_start() -> None:
    services = by_service([container("postgres"), container("redis")])
    assert not needs_up(services, ["postgres", "redis"], {"postgres": "d1", "redis": "d1"})


def test_missing_stopped_or_changed_containers_need_a_start() -> None:
    wanted = ["postgres"]
    assert needs_up(by_service([]), wanted, {})
    assert needs_up(by_service([container("postgres", state="exited")]), wanted, {})
    assert needs_up(by_service([container("postgres")]), wanted, {"postgres": "d2"})


def test_without_definitions_running_is_enough() -> None:
    assert not needs_up(by_service([container("postgres")]), ["postgres"], {})
