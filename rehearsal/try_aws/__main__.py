"""`make try-aws`: runs everything once in a real AWS account, records it, and leaves nothing.

It uses a separate name (hnpal-try) and Terraform state, prints the price, asks for confirmation,
has a time limit, and destroys everything in any case. The report is written to docs/runs/.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.lab.programs import ProgramFailedError, run
from rehearsal.lab.workspace import CLONE, LabError, Workspace
from rehearsal.try_aws.cloud import Cloud
from rehearsal.try_aws.price import Price
from rehearsal.try_aws.record import LeakError, Record
from rehearsal.try_aws.trial import Trial

MINUTES = 90
REPORTS = CLONE / "docs/runs"


class TimeLimitError(Exception):
    """The run exceeded its time limit."""


def main() -> int:
    arguments = _parse()
    workspace = Workspace(CLONE / ".rehearsal/try-aws")
    cloud = Cloud(workspace, arguments.region, arguments.type, arguments.image)
    if arguments.destroy_only:
        return _take_away(cloud, Record())
    price = Price(arguments.type, arguments.minutes)
    print(f"{_account(arguments.region)}\n{price}")
    if not _agreed():
        print("Nothing was created.")
        return 1
    record = Record(_facts(arguments))
    trial = Trial(workspace, cloud, record, arguments.repository, arguments.lab_inventory)
    signal.signal(signal.SIGALRM, _too_long)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.alarm(arguments.minutes * 60)
    began = time.monotonic()
    try:
        trial.take()
    except (Exception, KeyboardInterrupt, SystemExit) as error:
        print(f"\nThe run failed: {error}", file=sys.stderr)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGINT, lambda *_: print("Destroying everything first ..."))
        left = _take_away(cloud, record)
    hours = (time.monotonic() - began) / 3600
    record.facts["took"] = f"{hours * 60:.0f} minutes; {price}"
    try:
        print(f"\nReport: {record.write(arguments.reports, trial.secrets())}")
    except LeakError as error:
        print(error, file=sys.stderr)
        return 1
    return 0 if record.passed and not left else 1


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make try-aws", description=__doc__)
    environment = os.environ.get
    parser.add_argument("--region", default=environment("AWS_REGION") or "ap-southeast-1")
    parser.add_argument("--type", default=environment("TYPE") or "t3.micro")
    parser.add_argument("--image", default=environment("IMAGE") or "ubuntu-24.04")
    parser.add_argument("--minutes", type=int, default=int(environment("MINUTES") or MINUTES))
    parser.add_argument("--repository", default=environment("REPOSITORY") or _origin())
    parser.add_argument("--reports", type=Path, default=REPORTS)
    parser.add_argument(
        "--destroy-only",
        action="store_true",
        default=bool(environment("DESTROY")),
        help="destroy what an earlier, interrupted run has left",
    )
    parser.add_argument(
        "--lab-inventory",
        type=Path,
        help="use this inventory's host: those of a simulated AWS do not respond",
    )
    return parser.parse_args()


def _origin() -> str:
    try:
        return run("git", "-C", CLONE, "remote", "get-url", "origin", timeout=10).strip()
    except ProgramFailedError:
        return ""


def _account(region: str) -> str:
    try:
        identity = boto3.client("sts", region_name=region).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"{error}\nLog in first: aws login, aws sso login, or aws configure.")
    account = identity["Account"]
    return f"This creates a host in AWS account {account}, {region}, and destroys it again."


def _agreed() -> bool:
    if os.environ.get("YES") == "1":
        return True
    try:
        return input("Do this? Type yes: ") == "yes"
    except EOFError:
        print("There is no terminal for the question. Set YES=1 to confirm.")
        return False


def _facts(arguments: argparse.Namespace) -> dict[str, str]:
    simulated = "AWS_ENDPOINT_URL" in os.environ
    return {
        "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "commit": run("git", "-C", CLONE, "rev-parse", "--short=10", "HEAD", timeout=10).strip(),
        "cloud": "a simulated AWS (moto); the host is a container of the rehearsal"
        if simulated
        else "AWS",
        "asked for": f"{arguments.image} on {arguments.type} in {arguments.region}",
        "Telegram": "simulated, on the host itself, reached through a tunnel",
    }


def _take_away(cloud: Cloud, record: Record) -> int:
    """Destroy everything and check that nothing is left; returns 1 if something is."""
    try:
        with record.step("make destroy, data included") as said:
            cloud.destroy()
            left = cloud.left()
            if left:
                raise LabError(f"Left in the account: {', '.join(left)}")
            said.append("nothing left under this run's tag")
    except (LabError, ProgramFailedError, BotoCoreError, ClientError) as error:
        print(f"{error}\nTry again: make try-aws DESTROY=1", file=sys.stderr)
        return 1
    return 0


def _too_long(*_: object) -> None:
    raise TimeLimitError("the time limit is exceeded (MINUTES=)")


if __name__ == "__main__":
    sys.exit(main())
