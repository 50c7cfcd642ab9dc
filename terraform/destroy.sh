#!/usr/bin/env bash
# Take the host down and keep the data, unless that is asked for as well: `make destroy`.
# YES=1 answers the first question beforehand, DESTROY_DATA="yes, delete all backups" the second.
set -euo pipefail
cd "$(dirname "$0")"

# Everything but the bucket, its protection and the budget that watches its cost. A plain destroy would
# strip a bucket of its protection first, and then fail to delete it because of what is in it.
the_host=(-target=aws_vpc.main -target=aws_iam_role.host -target=aws_key_pair.admin)
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
state=$(terraform state list 2>/dev/null || true)
if ! grep -q '^aws_' <<<"$state"; then
    echo "There is nothing to destroy."
    exit
fi
bucket=$(terraform output -raw bucket)
region=$(terraform output -raw region)
disk=""
if grep -qx aws_instance.host <<<"$state"; then disk=$(terraform output -raw disk); fi

# YES=1 is a yes to the host's end; of the data it says nothing, and silence keeps it.
host_answer=""
data_answer=${DESTROY_DATA:-}
if [ "${YES:-}" = 1 ]; then
    host_answer=yes
    data_answer=${data_answer:-no}
fi

if [ -n "$disk" ]; then
    terraform plan -destroy -input=false -compact-warnings -out=tfplan "${the_host[@]}" >/dev/null
    terraform show tfplan
    if ! ask "End HN Pal's host, its address and its network, and keep the data? Type yes: " yes "$host_answer"; then
        echo "Nothing was changed." >&2
        exit 1
    fi
fi

if ask "Delete bucket $bucket with every backup${disk:+, and disk $disk with the database,} for good?
Type \"$all_data\" to do so. Anything else keeps them: " "$all_data" "$data_answer"; then
    # A destroy goes by what was applied, so the permission has to be applied first.
    terraform apply -auto-approve -input=false -compact-warnings -var "destroy_data=$all_data" \
        -target=aws_s3_bucket.data ${disk:+-target=aws_instance.host} >/dev/null
    terraform destroy -auto-approve -input=false -var "destroy_data=$all_data"
    exit
fi

# Without the outputs, which still speak of the host.
if [ -n "$disk" ]; then terraform apply -no-color -input=false -compact-warnings tfplan | sed '/^Outputs:/,$d'; fi
echo "Kept: bucket $bucket with its backups. \`make infra\` makes a new host for it, restore.yml fills that."
if [ -n "$disk" ]; then
    echo "Kept: disk $disk with the database. Once it is of no more use:"
    echo "  aws ec2 delete-volume --region $region --volume-id $disk"
fi
