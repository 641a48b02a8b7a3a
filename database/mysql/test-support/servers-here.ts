import { type ServerName, serverNames } from '#database/programs/catalogue.ts';
import { whyMissing } from '#database/programs/ensure-server.ts';

const found = await Promise.all(
  serverNames.map(async (name) => ({ name, missing: (await whyMissing(name)) !== null })),
);

/** The servers of MariaDB and MySQL that tests can have on this machine: all of them where there are packages. */
export const mysqlServersHere: readonly ServerName[] = found.filter(({ missing }) => !missing).map(({ name }) => name);
