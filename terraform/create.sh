#!/usr/bin/env bash
# Plan, ask, apply: `make infra`. YES=1 answers beforehand, for machines.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v terraform >/dev/null; then
    echo "Terraform is missing. Install it: https://developer.hashicorp.com/terraform/install" >&2
    exit 1
fi
if ! compgen -G '*.tfvars' >/dev/null && [ -z "${TF_VAR_admin_cidr:-}" ]; then
    echo "Who may log in, and with which key? Write it down first:" >&2
    echo "  cp terraform/terraform.tfvars.example terraform/terraform.tfvars && \${EDITOR:-nano} terraform/terraform.tfvars" >&2
    exit 1
fi

trap 'rm -f tfplan' EXIT
echo "Comparing what is described here with what AWS has ..."
terraform init -input=false >/dev/null

# In another region nothing of what was made is to be seen: a plan would forget it, and make a second host.
made_in=$(terraform output -json | python3 -c '
import json, sys
print(json.load(sys.stdin).get("region", {}).get("value", ""))')
wanted_in=$(terraform console <<<var.region | tr -d '"')
if [ -n "$made_in" ] && [ "$wanted_in" != "$made_in" ]; then
    echo "What was made is in $made_in; region is now $wanted_in. Put it back. To move, back up, and make a new host" >&2
    echo "from a clone (a state) of its own; then restore the backup there and \`make destroy\` here." >&2
    exit 1
fi

status=0
terraform plan -input=false -out=tfplan -detailed-exitcode >/dev/null || status=$?
case $status in
    0) echo "Nothing to change." && exit ;;
    2) terraform show tfplan ;;
    *) exit "$status" ;;
esac

where=$(terraform show -json tfplan | python3 -c '
import json, sys
outputs = json.load(sys.stdin)["planned_values"]["outputs"]
print("AWS account", outputs["account"]["value"], "in", outputs["region"]["value"])')
answer=yes
if [ "${YES:-}" != 1 ]; then
    printf '\nDo this in %s? Type yes: ' "$where"
    read -r answer || answer="none, since there is no terminal to ask at. YES=1 is an answer."
fi
if [ "$answer" != yes ]; then
    echo "Nothing was changed. Your answer was: $answer" >&2
    exit 1
fi
terraform apply -input=false tfplan
