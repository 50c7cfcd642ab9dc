# Sourced by the scripts beside it. DESTINATION=staging makes a second installation beside production: project
# hnpal-staging, a state of its own (a workspace), and staging.tfvars, if there is one, after terraform.tfvars.
# shellcheck shell=bash
destination_vars=()
if [ -n "${DESTINATION:-}" ] && [ "$DESTINATION" != production ]; then
    if [[ ! $DESTINATION =~ ^[a-z][a-z0-9-]{1,13}$ ]]; then
        echo "DESTINATION must be 2 to 14 small letters, digits or hyphens, beginning with a letter." >&2
        exit 1
    fi
    # Which workspace is selected is kept there, so production's commands never see another.
    export TF_DATA_DIR=.terraform/destinations/$DESTINATION
    destination_vars=(-var "project=hnpal-$DESTINATION")
    if [ -f "$DESTINATION.tfvars" ]; then destination_vars+=(-var-file "$DESTINATION.tfvars"); fi
    for command in plan console destroy; do
        export "TF_CLI_ARGS_$command=${destination_vars[*]}"
    done
    destination_workspace() { terraform workspace select -or-create "$DESTINATION" >/dev/null; }
else
    destination_workspace() { :; }
fi
