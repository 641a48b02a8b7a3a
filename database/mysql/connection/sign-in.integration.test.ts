import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect as connectTcp, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packagedServers } from '#database/programs/catalogue.ts';
import { roles } from '#database/roles.ts';
import { tlsRefusal } from '#database/tls/tls-refusal.ts';
import { freePort } from '#runtime/test-support/free-ports.ts';
import { accountStatements, repositoryGrants } from '../bootstrap-sql.ts';
import { errorCodes } from '../error-codes.ts';
import { failureOf } from '../failure-of.ts';
import { repositoryEpochDdl, stampEpoch } from '../repository-epoch.ts';
import { type MysqlServer, startMysql } from '../test-support/mysql-server.ts';
import { mysqlServersHere } from '../test-support/servers-here.ts';
import { ed25519PublicKey } from './ed25519.ts';
import type { MysqlConnection } from './mysql-connection.ts';
import { type OpenConnection, openConnection } from './open-connection.ts';
import { ConnectionLost, ServerError } from './server-error.ts';

/** Octets by which a client asks for TLS: `Protocol::SSLRequest` with its head. What comes behind them is TLS. */
const TLS_REQUEST = 36;

const password = (): string => randomBytes(16).toString('hex');

/** Promise: our accounts sign in, by passwords that the server does not keep, and to nobody but the server that was meant. */
describe.each(mysqlServersHere)('%s', (name) => {
  const { kind } = packagedServers[name];
  const passwords = { replication: password(), mail: password(), salvage: password() };
  let server: MysqlServer;
  let folder: string;
  let port: number;
  let authority: string;
  const opened: MysqlConnection[] = [];
  const connect = async (options: Partial<OpenConnection> = {}): Promise<MysqlConnection> => {
    const as = { endpoint: { socketPath: server.socketPath }, role: 'admin', timeoutMs: 20_000 } as const;
    const c = await openConnection({ ...as, user: roles.mail, password: passwords.mail, ...options });
    opened.push(c);
    return c;
  };
  const root = (): Promise<MysqlConnection> => connect({ user: 'root', password: '' });
  const signedIn = async (c: Promise<MysqlConnection>): Promise<unknown> =>
    (await (await c).execute({ name: 'who', text: 'SELECT CURRENT_USER() AS who' })).rows;
  const mail = [{ who: `${roles.mail}@%` }];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imapcluster-tls-'));
    await chmod(folder, 0o755);
    const made = await generate([{ name: 'commonName', value: 'database' }], {
      algorithm: 'sha256',
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'database.example' }] }],
    });
    authority = made.cert;
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await writeFile(cert, made.cert);
    // The server is somebody else.
    await writeFile(key, made.private, { mode: 0o644 });
    port = await freePort();
    const network = ['--skip-networking=0', '--bind-address=127.0.0.1', `--port=${port}`];
    server = await startMysql(name, [...network, `--ssl-cert=${cert}`, `--ssl-key=${key}`, `--ssl-ca=${cert}`]);
    const admin = await root();
    await admin.batch([
      ...accountStatements({ flavour: kind, passwords }),
      { name: 'create', text: 'CREATE DATABASE my_mail' },
      { name: 'create', text: 'CREATE DATABASE my1mail' },
      ...repositoryGrants('my_mail'),
    ]);
  });
  afterAll(async () => {
    for (const c of opened) c.abandon();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('an account signs in through the socket, and over TCP with its first connection and later ones', async () => {
    const tcp = { endpoint: { host: '127.0.0.1', port } };
    // Nothing in the server's memory yet: MySQL wants the password itself, and gives a key to send it under.
    expect(await signedIn(connect(tcp))).toEqual(mail);
    expect(await signedIn(connect(tcp))).toEqual(mail);
    expect(await signedIn(connect())).toEqual(mail);
  });

  test('another password is refused', async () => {
    for (const endpoint of [{ socketPath: server.socketPath }, { host: '127.0.0.1', port }]) {
      const error = await connect({ endpoint, password: password() }).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(ServerError);
      expect(error).toMatchObject({ errno: errorCodes.passwordRefused, at: -1, statement: 'sign-in' });
    }
  });

  test('over TLS the server must be who was meant', async () => {
    const endpoint = { host: '127.0.0.1', port };
    const c = await connect({ endpoint, tls: { ca: authority, serverName: 'database.example' } });
    const [cipher] = (await c.execute({ name: 'tls', text: "SHOW SESSION STATUS LIKE 'Ssl_cipher'" })).rows;
    expect((cipher as { Value: string }).Value).toMatch(/^TLS|^ECDHE/);
    expect(await signedIn(Promise.resolve(c))).toEqual(mail);
    const other = connect({ endpoint, tls: { ca: authority, serverName: 'other.example' } });
    await expect(other).rejects.toThrow(ConnectionLost);
    const stranger = await generate([{ name: 'commonName', value: 'database' }], { algorithm: 'sha256' });
    const unknown = connect({ endpoint, tls: { ca: stranger.cert, serverName: 'database.example' } });
    await expect(unknown).rejects.toThrow(ConnectionLost);
  });

  test.each(['destroy', 'resetAndDestroy'] as const)(
    'a server that hangs up in the middle of a handshake (%s) hides nothing',
    async (by) => {
      const front = createServer((client) => {
        const back = connectTcp({ host: '127.0.0.1', port });
        let heard = 0;
        for (const side of [client, back]) side.on('error', () => undefined);
        back.on('data', (octets) => client.write(octets));
        client.on('data', ({ length }) => {
          heard += length;
          if (heard <= TLS_REQUEST) return;
          back.destroy();
          client[by]();
        });
      });
      await once(front.listen(0, '127.0.0.1'), 'listening');
      const endpoint = { host: '127.0.0.1', port: (front.address() as AddressInfo).port };
      const error = await connect({ endpoint, tls: { ca: authority, serverName: 'database.example' } }).catch(
        (e: unknown) => e,
      );
      front.close();
      expect(error).toBeInstanceOf(ConnectionLost);
      expect([failureOf(error), tlsRefusal(error)]).toEqual(['reset', null]);
    },
  );

  test('a new password takes the place of the old one, and an account that is locked lets nobody in', async () => {
    const admin = await root();
    const changed = { ...passwords, salvage: password() };
    await admin.batch(accountStatements({ flavour: kind, passwords: changed }));
    const user = roles.salvage;
    await expect(connect({ user, password: passwords.salvage })).rejects.toMatchObject({
      errno: errorCodes.passwordRefused,
    });
    await connect({ user, password: changed.salvage });
    await admin.batch([{ name: 'lock', text: `ALTER USER ${user}@'%' ACCOUNT LOCK` }]);
    const locked = kind === 'mariadb' ? errorCodes.accountLockedMariadb : errorCodes.accountLockedMysql;
    await expect(connect({ user, password: changed.salvage })).rejects.toMatchObject({ errno: locked });
  });

  test('nothing secret is kept: what the server knows of a password is not the password', async () => {
    const admin = await root();
    const text = `SHOW CREATE USER ${roles.mail}@'%'`;
    const shown = JSON.stringify((await admin.batch([{ name: 'show', text }]))[0]?.rows);
    expect(shown).not.toContain(passwords.mail);
    if (kind === 'mariadb') expect(shown).toContain(ed25519PublicKey(passwords.mail));
    else expect(shown).toContain('caching_sha2_password');
  });

  test('accounts may do what their work takes, in their repository', async () => {
    const admin = await root();
    await admin.batch([
      { name: 'use', text: 'USE my_mail' },
      ...repositoryEpochDdl,
      ...repositoryEpochDdl,
      ...stampEpoch(kind, { epoch: 1, uidGap: 0, member: 'a0' }),
    ]);
    const c = await connect({ database: 'my_mail', role: 'write' });
    const refusedTo = async (by: MysqlConnection, text: string): Promise<boolean> =>
      (await by.batch([{ name: 'try', text }]).catch((e: unknown) => e)) instanceof ServerError;
    expect(await refusedTo(c, 'CREATE TABLE t (n INT PRIMARY KEY)')).toBe(false);
    expect(await refusedTo(c, 'INSERT INTO t VALUES (1)')).toBe(false);
    expect(await refusedTo(c, 'SELECT 1 FROM epoch_door LOCK IN SHARE MODE')).toBe(false);
    expect(await refusedTo(c, 'CREATE TABLE my1mail.t (n INT PRIMARY KEY)')).toBe(true);
    expect(await refusedTo(c, 'SET GLOBAL read_only = 0')).toBe(true);
    expect(await refusedTo(c, "ALTER USER imapcluster_salvage@'%' ACCOUNT UNLOCK")).toBe(true);
    // What it asks about replication.
    expect(await refusedTo(c, kind === 'mariadb' ? 'SHOW ALL SLAVES STATUS' : 'SHOW REPLICA STATUS')).toBe(false);
    await admin.batch([{ name: 'unlock', text: `ALTER USER ${roles.salvage}@'%' ACCOUNT UNLOCK` }]);
    await admin.batch(accountStatements({ flavour: kind, passwords }));
    const salvage = await connect({ user: roles.salvage, password: passwords.salvage, database: 'my_mail' });
    expect(await refusedTo(salvage, 'SELECT * FROM t')).toBe(false);
    expect(await refusedTo(salvage, 'INSERT INTO t VALUES (2)')).toBe(true);
  });
});
