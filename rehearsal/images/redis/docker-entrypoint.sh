#!/bin/sh
# The original's Redis is built to answer other containers without a password; Debian's must be told.
set -eu
if [ "$1" = redis-server ]; then
    set -- "$@" --protected-mode no
fi
exec "$@"
