"""The roles in PostgreSQL: one that owns the tables and migrates, one for the app's rows.

Neither is a superuser. The owner keeps its name and its password, which the app is not given, so
that the previous release, which used it, still starts.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from hnpal_host import postgres, settings
from hnpal_host.config import HostConfig
from hnpal_host.failure import HostError

# What the settings call the roles' addresses.
ADDRESSES = {"owner": "HNPAL_MIGRATIONS_URL", "app": "HNPAL_APP_URL"}
PLAIN = re.compile(r"[A-Za-z0-9_.~-]+")
ATTRIBUTES = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
# Changing an owner takes a lock that the app's transactions may hold for a moment.
ATTEMPTS = 20
PAUSE_SECONDS = 0.5

# What the owner does not own yet, as the statements that change it.
OF_OTHERS = """
    SELECT format('ALTER %s %s OWNER TO {owner}', kind, name) FROM (
      SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW'
             WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END,
             oid::regclass::text, relowner
      FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
        AND NOT EXISTS (SELECT FROM pg_depend
                        WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid
                          AND deptype IN ('a', 'i') AND relkind = 'S')
      UNION ALL
      SELECT 'ROUTINE', oid::regprocedure::text, proowner
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace
      UNION ALL
      SELECT 'TYPE', oid::regtype::text, typowner FROM pg_type
      WHERE typnamespace = 'public'::regnamespace AND typtype IN ('d', 'e')
      UNION ALL
      SELECT 'DATABASE', quote_ident(datname), datdba FROM pg_database
      WHERE datname = current_database()
    ) AS objects (kind, name, owner)
    WHERE owner <> '{owner}'::regrole
"""
# One line for each thing that the app's role lacks.
LACKING = """
    SELECT 'the right to ' || word || ' ' || oid::regclass FROM pg_class,
      unnest(CASE relkind WHEN 'S' THEN '{{USAGE,SELECT}}'::text[]
             ELSE '{{SELECT,INSERT,UPDATE,DELETE}}' END) AS word
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
      AND NOT CASE relkind WHEN 'S' THEN has_sequence_privilege('{app}', oid, word)
              ELSE has_table_privilege('{app}', oid, word) END
    UNION ALL
    SELECT 'the rights to what is made later' WHERE 2 > (
      SELECT count(*) FROM pg_default_acl, aclexplode(defaclacl) AS acl
      WHERE defaclrole = '{owner}'::regrole AND defaclobjtype IN ('r', 'S')
        AND acl.grantee = '{app}'::regrole AND acl.privilege_type = 'SELECT')
"""
GRANTS = """
    REVOKE ALL ON DATABASE {database} FROM PUBLIC;
    GRANT CONNECT ON DATABASE {database} TO {app};
    GRANT USAGE ON SCHEMA public TO {app};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app};
    ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public
      GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app};
    ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public
      GRANT USAGE, SELECT ON SEQUENCES TO {app};
"""


@dataclass(frozen=True)
class Role:
    name: str
    password: str


def provide(config: HostConfig) -> list[str]:
    """Create or correct both roles, and give them the tables and the rights that they lack.

    Returns what was done. Without an address for migrations the database is managed by others.

    Raises:
        HostError: PostgreSQL refuses, or other sessions hold its locks for too long.
    """
    values = settings.read(config.settings)
    if "postgres" not in config.data_services or not values.get(ADDRESSES["owner"]):
        return []
    owner, app = (_role(values, ADDRESSES[name]) for name in ("owner", "app"))
    if values["POSTGRES_USER"] in {owner.name, app.name} or owner.name == app.name:
        return []  # the operator's own address, with a role of their own
    done = [line for role in (owner, app) for line in _provide_role(config, values, role)]
    names = {"owner": owner.name, "app": app.name, "database": values["POSTGRES_DB"]}
    if statements := postgres.ask(config, values, OF_OTHERS.format(**names)):
        _carry_out(config, values, statements)
        done.append(f"gave {owner.name} {len(statements)} tables, sequences and functions")
    if lacking := postgres.ask(config, values, LACKING.format(**names)):
        _carry_out(config, values, [GRANTS.format(**names).strip().removesuffix(";")])
        done.append(f"gave {app.name} {len(lacking)} rights")
    return done


def _role(values: dict[str, str], setting: str) -> Role:
    address = urlsplit(values.get(setting, ""))
    name, password = address.username or "", address.password or ""
    if not PLAIN.fullmatch(name) or not PLAIN.fullmatch(password):
        raise HostError(f"{setting} names no role with a password that needs no quoting")
    return Role(name, password)


def _provide_role(config: HostConfig, values: dict[str, str], role: Role) -> list[str]:
    found = postgres.ask(
        config,
        values,
        f"""
        SELECT rolcanlogin AND NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication
                                    OR rolbypassrls)
        FROM pg_roles WHERE rolname = '{role.name}'
        """,
    )
    if found == ["t"] and postgres.lets_in(config, values, role.name, role.password):
        return []
    verb = "ALTER" if found else "CREATE"
    statement = f"{verb} ROLE \"{role.name}\" {ATTRIBUTES} PASSWORD '{role.password}'"
    postgres.ask(config, values, f"SET log_statement = 'none'; {statement};")
    return [f"{'changed' if found else 'made'} the role {role.name}"]


def _carry_out(config: HostConfig, values: dict[str, str], statements: list[str]) -> None:
    """Run each statement by itself, so that none waits for a lock while it holds another."""
    script = "".join(f"{statement};\n" for statement in ["SET lock_timeout = '2s'", *statements])
    for _ in range(1, ATTEMPTS):
        if _is_done(config, values, script):
            return
        time.sleep(PAUSE_SECONDS)
    postgres.ask(config, values, script)


def _is_done(config: HostConfig, values: dict[str, str], script: str) -> bool:
    """Run the script. Returns False if another session held a lock for too long."""
    try:
        postgres.ask(config, values, script)
    except HostError as error:
        if "lock timeout" in str(error) or "deadlock" in str(error):
            return False
        raise
    return True
