"""Destinations, such as staging beside production.

A destination is a folder of inventory/; production is the one without a name.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ansible.errors import AnsibleFilterError

ANSIBLE = Path(__file__).resolve().parents[2]
INVENTORIES = ANSIBLE.parent / "inventory"
PRODUCTION = "production"


def destination_of(sources: list[str], chosen: str) -> str:
    """The destination of the inventories; empty for production's and those outside of inventory/.

    Raises:
        AnsibleFilterError: they are of several destinations, or not of `chosen`, if that is set.
    """
    found = {_destination(Path(source).resolve()) for source in sources}
    if len(found) > 1:
        names = ", ".join(sorted(name or PRODUCTION for name in found))
        raise AnsibleFilterError(f"Inventories of several destinations at once: {names}.")
    name = found.pop() if found else ""
    if chosen and (chosen if chosen != PRODUCTION else "") != name:
        raise AnsibleFilterError(
            f"DESTINATION is {chosen}, and the inventory is that of {name or PRODUCTION}."
            f" Nothing was done. Name both: export DESTINATION={chosen}"
            f" ANSIBLE_INVENTORY=../inventory/{chosen}"
        )
    return name


def _destination(path: Path) -> str:
    folder = path if path.parent == INVENTORIES else path.parent
    is_one = folder.parent == INVENTORIES and folder.is_dir() and folder.name != PRODUCTION
    return folder.name if is_one else ""


class FilterModule:
    def filters(self) -> dict[str, Callable[..., str]]:
        return {"destination_of": destination_of}
