#!/usr/bin/env bash
# Plan, ask, apply: `make infra`. YES=1 answers beforehand, for machines.
set -euo pipefail
cd "$(dirname "$0")"
. ./login.sh
. ./destination.sh

if ! command -v terraform >/dev/null; then
    echo "Terraform is missing. Install it: https://developer.hashicorp.com/terraform/install" >&2
    exit 1
fi
if ! compgen -G '*.tfvars' >/dev/null && [ -z "${TF_VAR_admin_cidr:-}" ]; then
    echo "Who may log in, and with which key? Write it down first:" >&2
    echo "  cp terraform/terraform.tfvars.example terraform/terraform.tfvars && \${EDITOR:-nano} terraform/terraform.tfvars" >&2
    exit 1
fi

said=$(mktemp)
trap 'rm -f tfplan "$said"' EXIT
echo "Comparing what is described here with what AWS has ..."
terraform init -input=false >/dev/null
destination_workspace

# A plan for another region or name does not see what exists: it would drop that from the state and create a second
# host.
made() { # output
    terraform output -json | python3 -c 'import json, sys; print(json.load(sys.stdin).get(sys.argv[1], {}).get("value", ""))' "$1"
}
wanted() { # variable
    terraform console <<<"var.$1" | tr -d '"'
}
for choice in region project; do
    is=$(made $choice)
    shall_be=$(wanted $choice)
    if [ -n "$is" ] && [ "$is" != "$shall_be" ]; then
        echo "What was made has the $choice $is; $choice is now $shall_be. Put it back. To move, back up, and make a new host" >&2
        echo "from a clone (a state) of its own; then restore the backup there and \`make destroy\` here." >&2
        exit 1
    fi
done

status=0
terraform plan -input=false -out=tfplan -detailed-exitcode 2>"$said" >/dev/null || status=$?
cat "$said" >&2
case $status in
    0) echo "Nothing to change." && exit ;;
    2) terraform show tfplan ;;
    *)
        if grep -qE 'No valid credential|ExpiredToken|InvalidClientTokenId|AuthFailure|UnauthorizedOperation|AccessDenied' "$said"; then
            no_login
        fi
        exit "$status"
        ;;
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
if terraform apply -input=false tfplan 2>"$said"; then
    cat "$said" >&2
    exit
fi
cat "$said" >&2
if grep -q InsufficientInstanceCapacity "$said"; then
    echo "AWS has no free $(wanted instance_type) in this zone at the moment. Later it may; or take another zone:" >&2
    echo "  make destroy    # takes away what was made so far" >&2
    echo "  zone = \"...\" in terraform.tfvars, one of: $(terraform console <<<'join(", ", local.zones)' | tr -d '"')" >&2
    echo "  make infra" >&2
else
    echo "It stopped half-way. What was made is remembered: correct what AWS complains of, then \`make infra\` goes on." >&2
    echo "\`make destroy\` takes it away instead." >&2
fi
exit 1
