#!/usr/bin/env bash
# Take the host down and keep the data, unless that is asked for as well: `make destroy`. It also takes away what an
# apply that failed has made so far.
# YES=1 answers the first question beforehand, DESTROY_DATA="yes, delete all backups" the second.
set -euo pipefail
cd "$(dirname "$0")"
. ./login.sh
. ./destination.sh

# Everything but the bucket, its protection and the budget that watches its cost. A plain destroy would
# strip a bucket of its protection first, and then fail to delete it because it is not empty.
the_host=(-target=aws_vpc.main -target=aws_iam_role.host -target=aws_key_pair.admin -target=aws_s3_bucket.website)
kept='^aws_(s3_bucket[a-z_]*\.data|budgets_budget)'
all_data="yes, delete all backups"

ask() { # question, the answer that means yes, an answer given beforehand
    local answer=$3
    if [ -z "$answer" ]; then
        printf '\n%s' "$1"
        read -r answer || echo "There is no terminal to ask at."
    fi
    [ "$answer" = "$2" ]
}

trap 'rm -f tfplan' EXIT
terraform init -input=false >/dev/null
destination_workspace
state=$(terraform state list 2>/dev/null | grep '^aws_' || true)
if [ -z "$state" ]; then
    echo "There is nothing to destroy."
    exit
fi

# From the resources themselves: an apply that failed has left no outputs.
attribute() { # resource, path of the attribute; prints nothing when it is not there
    terraform show -json | python3 -c '
import json, sys
resources = json.load(sys.stdin).get("values", {}).get("root_module", {}).get("resources", [])
value = next((one["values"] for one in resources if one["address"] == sys.argv[1]), None)
for step in sys.argv[2].split("."):
    value = value and (value[int(step)] if step.isdigit() else value.get(step))
print(value or "")' "$1" "$2"
}
bucket=$(attribute aws_s3_bucket.data bucket)
disk=$(attribute aws_instance.host root_block_device.0.volume_id)
# Without a bucket there is nothing to keep, and no cost to watch.
if [ -z "$bucket" ]; then the_host=(); fi
region=$(terraform console <<<var.region | tr -d '"')

# YES=1 confirms that the host is destroyed, not that the data is.
host_answer=""
data_answer=${DESTROY_DATA:-}
if [ "${YES:-}" = 1 ]; then
    host_answer=yes
    data_answer=${data_answer:-no}
fi

more_than_data=""
if [ -z "$bucket" ] || grep -qvE "$kept" <<<"$state"; then more_than_data=yes; fi
if [ -n "$more_than_data" ]; then
    terraform plan -destroy -input=false -compact-warnings -out=tfplan "${the_host[@]}" >/dev/null
    terraform show tfplan
    if ! ask "End HN Pal's host, its address, its network and any website, and keep the data? Type yes: " yes "$host_answer"; then
        echo "Nothing was changed." >&2
        exit 1
    fi
fi

if [ -n "$bucket$disk" ] && ask "Delete bucket ${bucket:-(none)} with every backup${disk:+, and disk $disk with the database,} for good?
Type \"$all_data\" to do so. Anything else keeps them: " "$all_data" "$data_answer"; then
    # A destroy goes by what was applied, so the permission has to be applied first.
    terraform apply -auto-approve -input=false -compact-warnings "${destination_vars[@]}" -var "destroy_data=$all_data" \
        ${bucket:+-target=aws_s3_bucket.data} ${disk:+-target=aws_instance.host} >/dev/null
    terraform destroy -auto-approve -input=false -var "destroy_data=$all_data"
    exit
fi

# Without the outputs, which still name the host.
if [ -n "$more_than_data" ]; then terraform apply -no-color -input=false -compact-warnings tfplan | sed '/^Outputs:/,$d'; fi
if [ -n "$bucket" ]; then
    echo "Kept: bucket $bucket with its backups. \`make infra\` makes a new host for it, restore.yml fills that."
    echo "  To delete it for good: make destroy, and \"$all_data\""
fi
if [ -n "$disk" ]; then
    echo "Kept: disk $disk with the database. Once it is of no more use:"
    echo "  aws ec2 delete-volume --region $region --volume-id $disk"
fi
