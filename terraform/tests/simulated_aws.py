"""moto's server, with a record of what is asked of it, and refusals to order.

    python simulated_aws.py PORT RECORD REFUSALS

Each request becomes a line of the file RECORD, named as IAM names the permission for it. Actions listed
in the file REFUSALS, one a line with AWS's error code, are answered with that error.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs

import moto.budgets.urls as budgets_urls
from moto.budgets.responses import BudgetsResponse
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import FakeDeleteMarker
from werkzeug.serving import run_simple

# How S3's API becomes permissions: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
SUBRESOURCES = {
    "accelerate": "AccelerateConfiguration",
    "acl": "BucketAcl",
    "cors": "BucketCORS",
    "encryption": "EncryptionConfiguration",
    "lifecycle": "LifecycleConfiguration",
    "location": "BucketLocation",
    "logging": "BucketLogging",
    "object-lock": "BucketObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "replication": "ReplicationConfiguration",
    "requestPayment": "BucketRequestPayment",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
# Settings of a bucket that have a permission of their own for deleting them.
DELETED_BY_NAME = ("BucketPolicy", "BucketWebsite")
# Requests that ask for another permission than they are called, or for none.
PERMISSIONS = {
    "budgets:CreateBudget": "budgets:ModifyBudget",
    "budgets:UpdateBudget": "budgets:ModifyBudget",
    "budgets:DeleteBudget": "budgets:ModifyBudget",
    "budgets:CreateNotification": "budgets:ModifyBudget",
    "budgets:DescribeBudget": "budgets:ViewBudget",
    "budgets:DescribeNotificationsForBudget": "budgets:ViewBudget",
    "budgets:DescribeSubscribersForNotification": "budgets:ViewBudget",
    "sts:GetCallerIdentity": "",
}
SERVICES = {"monitoring": "cloudwatch"}
REFUSAL = (
    "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    "</Errors><RequestID>00000000-0000-0000-0000-000000000000</RequestID></Response>"
)
# Errors that AWS blames on itself: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
SERVER_ERRORS = {
    "InsufficientInstanceCapacity": "We currently do not have sufficient capacity in the Availability Zone you requested."
}

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def permission(environ: dict[str, Any], body: bytes) -> str:
    """The permission that a request asks for, such as ec2:RunInstances; empty for none."""
    signed = re.search(r"/([a-z0-9-]+)/aws4_request", environ.get("HTTP_AUTHORIZATION", ""))
    if not signed:
        return ""
    service = SERVICES.get(signed[1], signed[1])
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    if service == "s3":
        return f"s3:{s3_action(environ['REQUEST_METHOD'], environ['PATH_INFO'], query)}"
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    smithy = re.search(r"/operation/(\w+)", environ["PATH_INFO"])
    form = parse_qs(body.decode(errors="replace")) if not target else {}
    action = target.rpartition(".")[2] or (smithy[1] if smithy else form.get("Action", ["?"])[0])
    asked = f"{service}:{action}"
    return PERMISSIONS.get(asked, asked)


def s3_action(method: str, path: str, query: dict[str, list[str]]) -> str:
    key = path.strip("/").partition("/")[2]
    if key or "delete" in query:
        verb = {"GET": "Get", "HEAD": "Get", "PUT": "Put", "DELETE": "Delete", "POST": "Delete"}[
            method
        ]
        return f"{verb}Object"
    for name, permission in SUBRESOURCES.items():
        if name in query:
            if method == "DELETE" and permission in DELETED_BY_NAME:
                return f"Delete{permission}"
            # Deleting any other setting of a bucket takes the permission to put it.
            return f"{'Get' if method == 'GET' else 'Put'}{permission}"
    if "versions" in query:
        return "ListBucketVersions"
    return {"PUT": "CreateBucket", "DELETE": "DeleteBucket"}.get(method, "ListBucket")


def watched(application: Application, record: Path, refusals: Path) -> Application:
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        asked = permission(environ, body)
        if asked:
            with record.open("a") as file:
                file.write(f"{asked}\n")
        orders = (
            dict(line.split() for line in refusals.read_text().splitlines())
            if refusals.exists()
            else {}
        )
        if asked in orders:
            code = orders[asked]
            message = SERVER_ERRORS.get(code)
            status = "500 Internal Server Error" if message else "400 Bad Request"
            start_response(status, [("Content-Type", "text/xml")])
            return [
                REFUSAL.format(code=code, message=message or "Refused by the simulation.").encode()
            ]
        return application(environ, start_response)

    return answer


class Budgets(BudgetsResponse):
    """The operations that moto 5.2 lacks and Terraform asks for."""

    tags: ClassVar[dict[str, dict[str, str]]] = {}
    """The tags of each budget, by its ARN."""

    def create_budget(self) -> str:
        name = self._get_param("Budget")["BudgetName"]
        arn = f"arn:aws:budgets::{self._get_param('AccountId')}:budget/{name}"
        self.tags[arn] = _by_key(self._get_param("ResourceTags") or [])
        return super().create_budget()

    def describe_subscribers_for_notification(self) -> str:
        budget = self.backend.budgets[self._get_param("AccountId")][self._get_param("BudgetName")]
        wanted = self._get_param("Notification")
        found = [
            subscriber
            for one in budget.notifications
            if wanted.items() <= one.details.items()
            for subscriber in one.subscribers
        ]
        return json.dumps({"Subscribers": found})

    def list_tags_for_resource(self) -> str:
        tags = self.tags.get(self._get_param("ResourceARN"), {})
        return json.dumps({"ResourceTags": [{"Key": key, "Value": tags[key]} for key in tags]})

    def tag_resource(self) -> str:
        given = _by_key(self._get_param("ResourceTags"))
        self.tags.setdefault(self._get_param("ResourceARN"), {}).update(given)
        return "{}"

    def untag_resource(self) -> str:
        for key in self._get_param("ResourceTagKeys"):
            self.tags[self._get_param("ResourceARN")].pop(key, None)
        return "{}"


def _by_key(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def main() -> None:
    port, record, refusals = sys.argv[1:]
    # moto 5 asks a delete marker to dispose of contents, which a marker does not have.
    setattr(FakeDeleteMarker, "dispose", lambda _: None)  # noqa: B010 - moto does not declare it
    budgets_urls.url_paths = {path: Budgets.dispatch for path in budgets_urls.url_paths}
    application = watched(
        DomainDispatcherApplication(create_backend_app), Path(record), Path(refusals)
    )
    run_simple("127.0.0.1", int(port), application, threaded=True)


if __name__ == "__main__":
    main()
