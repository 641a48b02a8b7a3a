import { roles } from '../roles.ts';
import { repositoryEpochDdl } from './repository-epoch.ts';

export type RoleVerifiers = { readonly replication: string; readonly mail: string; readonly salvage: string };

const role = (name: string, options: string, verifier: string): string => `
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${name}') THEN CREATE ROLE ${name}; END IF;
END $$;
ALTER ROLE ${name} WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS ${options} PASSWORD '${verifier}';`;

/** Roles, in any database of a server. Verifiers, not passwords: nothing secret is in a statement. Repeatable. */
export const rolesSql = (verifiers: RoleVerifiers): string => `
${role(roles.replication, 'REPLICATION', verifiers.replication)}
${role(roles.mail, 'NOREPLICATION', verifiers.mail)}
${role(roles.salvage, 'NOREPLICATION', verifiers.salvage)}
GRANT pg_read_all_stats TO ${roles.mail};
GRANT pg_read_all_data TO ${roles.salvage};
ALTER ROLE ${roles.mail} SET search_path = mail;
ALTER ROLE ${roles.salvage} SET default_transaction_read_only = on;
`;

/**
 * The same for a server that is ours alone. pg_rewind's four functions go to the replication role, which may read every file
 * by a base backup anyway.
 */
export const clusterSql = (verifiers: RoleVerifiers): string => `
${rolesSql(verifiers)}
GRANT pg_monitor TO ${roles.mail};
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE postgres TO ${roles.replication};
GRANT EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean) TO ${roles.replication};
GRANT EXECUTE ON FUNCTION pg_stat_file(text, boolean) TO ${roles.replication};
GRANT EXECUTE ON FUNCTION pg_read_binary_file(text) TO ${roles.replication};
GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint, boolean) TO ${roles.replication};
`;

/** Inside the repository's database. lz4 where the server was built with it: bodies are read far more than written. */
export const databaseSql = (database: string): string => `
REVOKE ALL ON DATABASE ${quote(database)} FROM PUBLIC;
GRANT CONNECT ON DATABASE ${quote(database)} TO ${roles.mail}, ${roles.salvage};
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS mail AUTHORIZATION ${roles.mail};
${repositoryEpochDdl}
DO $$ BEGIN
  IF (SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression') THEN
    EXECUTE format('ALTER DATABASE %I SET default_toast_compression = ''lz4''', current_database());
  END IF;
END $$;
`;

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
