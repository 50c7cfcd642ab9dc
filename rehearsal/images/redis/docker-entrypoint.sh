#!/bin/sh
# The original's Redis accepts other containers without a password; Debian's needs an option for that.
set -eu
if [ "$1" = redis-server ]; then
    set -- "$@" --protected-mode no
fi
exec "$@"
