# Sourced by the scripts beside it. Terraform's provider takes keys, profiles and SSO sessions, but not yet a session of
# `aws login`: the AWS CLI hands out its short-lived credentials.
if [ -z "${AWS_ACCESS_KEY_ID:-}" ] && command -v aws >/dev/null; then
    eval "$(aws configure export-credentials --format env 2>/dev/null || true)"
fi

no_login() {
    echo "AWS did not accept the request, or there are no credentials. See who you are: aws sts get-caller-identity" >&2
    echo "Log in: aws login, or aws sso login with AWS_PROFILE set, or aws configure." >&2
}
