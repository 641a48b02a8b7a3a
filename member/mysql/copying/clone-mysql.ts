import { chmod, mkdir, rm } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { Impossible } from '#database/impossible.ts';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import { firstAccepted } from '#database/mysql/sessions/first-accepted.ts';
import { rowsOf } from '#database/mysql/sessions/rows-of.ts';
import { roles } from '#database/roles.ts';
import { mysqlPlugins } from '../settings/server-options.ts';
import { cloneInstance } from './clone-instance.ts';
import type { Copied, CopyQuestion, CopyRequest } from './copy-request.ts';
import { withTemporaryServer } from './temporary-server.ts';

const PRIVATE_FOLDER = 0o700;

/** Of the server that receives. It measures itself, which the copy's progress is a part of, in as little memory as that takes. */
const RECIPIENT = [
  ...['--disable-log-bin', '--mysqlx=OFF', '--secure-file-priv=NULL', '--lower-case-table-names=0'],
  ...['--innodb-buffer-pool-size=32M', '--max-connections=20', '--table-open-cache=64', '--performance-schema=ON'],
  ...[
    ...['digests-size', 'max-digest-length', 'max-sql-text-length', 'error-size', 'max-table-instances'],
    ...['max-table-handles', 'max-mutex-instances', 'max-rwlock-instances', 'max-program-instances'],
    ...['max-prepared-statements-instances', 'events-statements-history-long-size', 'max-index-stat'],
    ...['events-waits-history-long-size', 'events-stages-history-long-size', 'events-transactions-history-long-size'],
  ].map((name) => `--performance-schema-${name}=0`),
];

/**
 * Has a server of MySQL copied by CLONE, beside its work: a small server that is there for this alone receives the copy into the
 * incoming folder. What the donor commits until the last moment is in it.
 *
 * @throws Impossible `CloneUnavailable`
 */
export async function cloneMysql(request: CopyRequest): Promise<Copied> {
  const { programs, aside, incoming, socketPath, temporaryDirectory, progress, signal, parameters } = request;
  const password = await acceptedPassword(request);
  await mkdir(aside, { mode: PRIVATE_FOLDER });
  await programs.initialize(aside, signal);
  progress('cloning', null);
  // Those of the donor must be there, and it is a member as well.
  const plugins = mysqlPlugins.map((file) => `--plugin-load-add=${file}`);
  // How fast, and by whose certificate, is up to the owner.
  const owners = Object.entries(parameters).filter(([name]) => /^clone[-_]/i.test(name));
  const options = [...RECIPIENT, ...plugins, ...owners.map(([name, value]) => `--${name}=${value}`)];
  const server = { program: programs.server, directory: aside, socketPath, temporaryDirectory, options, signal };
  await withTemporaryServer({ ...server, end: 'killed' }, (connect) => cloneInstance(connect, request, password));
  await rm(aside, { recursive: true });
  await chmod(incoming, PRIVATE_FOLDER);
  return { position: null };
}

const ABOUT_DONOR = `SELECT VERSION() AS version,
(SELECT COUNT(*) FROM information_schema.plugins WHERE plugin_name = 'clone' AND plugin_status = 'ACTIVE') AS active,
(SELECT COUNT(*) FROM information_schema.user_privileges WHERE privilege_type = 'BACKUP_ADMIN') AS allowed`;
type AboutDonor = { readonly version: string; readonly active: number; readonly allowed: number };

/**
 * The password that the donor takes of the replication account. Whether it can be copied at all is asked for the clearer word, and
 * before anything is removed here.
 *
 * @throws Impossible `CloneUnavailable`
 */
export async function acceptedPassword({ donor, passwords, programs, signal }: CopyQuestion): Promise<string> {
  const { endpoint, member } = donor;
  if (isIPv6(endpoint.host)) {
    const message = `${member} is at ${endpoint.host}: MySQL copies from hosts that are named, or have an address of IPv4`;
    throw new Impossible('CloneUnavailable', message);
  }
  const user = roles.replication;
  return await firstAccepted(passwords.candidates('replication'), async (password) => {
    const session = await openConnection({ endpoint, user, password, role: 'monitor', signal });
    try {
      const [about] = await rowsOf<AboutDonor>(session, { name: 'about-donor', text: ABOUT_DONOR });
      const obstacle = about === undefined ? null : await obstacleOf(about, programs);
      if (obstacle === null) return password;
      throw new Impossible('CloneUnavailable', `${member} cannot be copied: ${obstacle}`);
    } finally {
      session.abandon();
    }
  });
}

async function obstacleOf(donor: AboutDonor, programs: CopyQuestion['programs']): Promise<string | null> {
  if (donor.active !== 1) return 'its server has no plug-in clone';
  if (donor.allowed === 0) return `${roles.replication} has no right BACKUP_ADMIN there`;
  if (await programs.areOfSeries(donor.version)) return null;
  return `it is of ${donor.version}, and this server of ${await programs.version()}`;
}
