"""The price of a run, printed before it starts."""

from __future__ import annotations

from dataclasses import dataclass

# US dollars an hour in ap-southeast-1, as of November 2026: docs/operations.md, "Cost".
TYPES = {"t3.micro": 0.0132, "t4g.micro": 0.0106}
ADDRESS = 0.005
DISK_GB_MONTH = 0.096
DISK_GB = 20
HOURS_OF_MONTH = 730
# EC2 bills at least a minute, an address a full hour; requests to S3 stay below a cent.
REST = 0.01


@dataclass(frozen=True, slots=True)
class Price:
    """An upper bound for a run of `minutes`, in US dollars."""

    instance_type: str
    minutes: int

    @property
    def dollars(self) -> float:
        hours = -(-self.minutes // 60)
        # An unknown type counts as ten times the most expensive known one.
        host = TYPES.get(self.instance_type, 10 * max(TYPES.values()))
        disk = DISK_GB * DISK_GB_MONTH / HOURS_OF_MONTH
        return hours * (host + ADDRESS + disk) + REST

    def __str__(self) -> str:
        return (
            f"At most ${self.dollars:.2f} for {self.minutes} minutes of a {self.instance_type} with"
            " its address, disk and bucket (ap-southeast-1, November 2026, before tax)."
        )
