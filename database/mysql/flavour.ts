import type { ServerKind } from '#database/programs/catalogue.ts';

/** Which of the two speaks: one protocol, and words that differ. */
export type Flavour = ServerKind;

/** MariaDB says so in the version of its greeting (`5.5.5-10.11.19-MariaDB` of old, `11.8.2-MariaDB`). */
export const flavourOf = (serverVersion: string): Flavour => (/mariadb/i.test(serverVersion) ? 'mariadb' : 'mysql');
