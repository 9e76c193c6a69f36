"""The PostgreSQL role under which the site should run: it owns nothing, and rows that are written once it can only add.

The tables belong to another role, which runs `migrate` and this SQL after it. New tables get their rights here by name,
never by default privileges: a default would give the right to change rows also of tables that are written once.
"""

from django.apps import apps

from madang.kernel import guards

READ_ONLY = ("django_migrations",)


def sql(role: str, *, database: str) -> str:
    """Statements for the tables' owner (who may make roles, where there is none yet); they can be run again and again.

    `role` must be a plain name; it is not quoted for anything else.
    """
    once = set(guards.tables())
    rest = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed} - once
    lines = [
        "BEGIN;",
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN",
        f"  CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;",
        "END IF; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;",
        f"-- its password: \\password {role}",
        f'GRANT CONNECT ON DATABASE "{database}" TO {role};',
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC;",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {role};",
        f"GRANT USAGE ON SCHEMA public TO {role};",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};",
        *(f'GRANT SELECT ON "{table}" TO {role};' for table in READ_ONLY),
        "-- rows that are written once: read and added, never changed",
        *(f'GRANT SELECT, INSERT ON "{table}" TO {role};' for table in sorted(once)),
        "-- everything else",
        *(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO {role};' for table in sorted(rest)),
        "COMMIT;",
    ]
    return "\n".join(lines) + "\n"
