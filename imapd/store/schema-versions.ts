/**
 * Versions of the schema of the mail, whatever the engine: one number means the same everywhere. In ascending order, without gaps;
 * a version that has been released is never changed.
 */
export const schemaVersions = [
  { version: 1, name: 'mail schema' },
  { version: 2, name: 'SCRAM keys' },
  { version: 3, name: 'save date' },
  { version: 4, name: 'quota' },
  { version: 5, name: 'annotations' },
  { version: 6, name: 'access control lists' },
  { version: 7, name: 'groups of users' },
  { version: 8, name: 'age of operations' },
  { version: 9, name: 'what guests have seen' },
  { version: 10, name: 'signatures of texts' },
] as const;

export type SchemaVersion = (typeof schemaVersions)[number]['version'];

/** The one that this program works with. */
export const newestVersion = Math.max(...schemaVersions.map(({ version }) => version));

/** The repository was migrated by a newer version of the program. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew';
}

/** Somebody held a table that a migration wants for longer than it may wait. */
export class SchemaBusy extends Error {
  override readonly name = 'SchemaBusy';
}

export type MigrationReport = { readonly version: number; readonly applied: readonly string[] };
