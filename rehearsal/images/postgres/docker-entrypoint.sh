#!/bin/bash
# Creates the database of POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB on first use, like the original.
set -eu

if [ "$(id -u)" = 0 ]; then
    chown postgres "$PGDATA"
    exec gosu postgres "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    chmod 0700 "$PGDATA"
    initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") \
        --auth-local=trust --auth-host=trust
    printf "\nlisten_addresses = '*'\n" >>"$PGDATA/postgresql.conf"
    printf '\nhost all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
    if [ "$POSTGRES_DB" != postgres ]; then
        pg_ctl start --wait --options="-c listen_addresses=''"
        createdb --username="$POSTGRES_USER" "$POSTGRES_DB"
        pg_ctl stop --wait --mode=fast
    fi
fi
exec "$@"
