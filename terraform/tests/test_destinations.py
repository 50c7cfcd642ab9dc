"""A destination has names, a state and variables of its own; production sees nothing of it."""

from __future__ import annotations

import pytest
from conftest import Cloud

SPACE = "terraform workspace show; terraform console <<<'[var.project, var.instance_type]'"


def asked(cloud: Cloud, question: str, **environment: str) -> str:
    """What Terraform answers after the scripts' beginning."""
    script = f". ./destination.sh; terraform init -input=false >/dev/null; destination_workspace; {question}"
    done = cloud.run("bash", "-euc", script, **environment)
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


def test_a_destination_has_a_workspace_a_project_and_variables_of_its_own(account: Cloud) -> None:
    (account.directory / "staging.tfvars").write_text('instance_type = "t3.small"\n')
    # Neither an environment variable nor production's own file gets it production's names.
    (account.directory / "terraform.tfvars").write_text('project = "hnpal"\n')
    staging = asked(account, SPACE, DESTINATION="staging", TF_VAR_project="hnpal")
    assert staging == 'staging [ "hnpal-staging", "t3.small", ]'
    for production in {}, {"DESTINATION": "production"}:
        assert asked(account, SPACE, **production) == 'default [ "hnpal", "t3.micro", ]'


def test_its_host_is_another_one(account: Cloud) -> None:
    planned = account.run("./create.sh", DESTINATION="staging")
    assert "Nothing was changed" in planned.stderr, planned.stderr
    assert '"hnpal-staging-host"' in planned.stdout and '"hnpal-host"' not in planned.stdout
    assert "There is nothing to destroy." in account.run("./destroy.sh", DESTINATION="staging").stdout


@pytest.mark.parametrize("name", ["Staging", "a", "../production", "a b", "-x", "much-too-long-a-name"])
def test_an_odd_name_is_refused(account: Cloud, name: str) -> None:
    for script in "./create.sh", "./destroy.sh":
        refused = account.run(script, DESTINATION=name)
        assert refused.returncode == 1
        assert "DESTINATION must be" in refused.stderr
