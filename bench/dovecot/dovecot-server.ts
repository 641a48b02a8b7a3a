import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hash } from '@node-rs/argon2';
import { pause, within } from '#runtime/deadline.ts';
import { freePorts } from '#runtime/test-support/free-ports.ts';
import { BenchRefusal } from '../bench.ts';
import { WireClient } from '../wire-client.ts';
import { dovecotConfiguration } from './dovecot-configuration.ts';
import { crowd, HASHED_WORKER, PASSWORD, type Side, WORKER } from './side.ts';

const HOW_TO_INSTALL =
  'Dovecot is not on this machine, or not as "dovecot". On Debian 12: apt-get install dovecot-imapd (the bench starts one of its own; the service may stay off)';
/** Its configuration is another one from 2.4 on. */
const UNDERSTOOD = '2.3.';
const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 50;
/** Whom everything of Dovecot runs as where root started the bench. */
const NOBODY = { name: 'nobody', group: 'nogroup', uid: 65534, gid: 65534 };

/** What imapd makes of a new password by default: `argon2` of its configuration. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Dovecot does not look whether its parent lives: the end of standard input, which is ours to hold open, ends it too. */
const UNTIL_INPUT_ENDS = 'exec 3<&0; dovecot -F -c "$0" & pid=$!; { cat <&3 >/dev/null; kill "$pid"; } & wait "$pid"';

export type Certificate = { readonly certFile: string; readonly keyFile: string };

/** Debian's Dovecot with a configuration, ports and a folder of its own; none of its processes is root. */
export async function startDovecot(version: string, certificate: Certificate): Promise<Side> {
  const folder = await mkdtemp(join(tmpdir(), 'imapcluster-dovecot-'));
  try {
    return await start(folder, version, certificate);
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw cause;
  }
}

/** @throws BenchRefusal that says how to install it where it is missing */
export async function dovecotVersion(): Promise<string> {
  const program = promisify(execFile);
  const { stdout } = await program('dovecot', ['--version']).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? new BenchRefusal(HOW_TO_INSTALL, { cause }) : cause;
  });
  const version = stdout.trim().split(' ')[0] ?? '';
  if (!version.startsWith(UNDERSTOOD)) {
    throw new BenchRefusal(`Dovecot ${version}: the bench knows the configuration of ${UNDERSTOOD}x alone`);
  }
  return version;
}

async function start(folder: string, version: string, certificate: Certificate): Promise<Side> {
  const [imap = 0, imaps = 0] = await freePorts(2);
  const runAs = process.getuid?.() === 0 ? NOBODY : null;
  const { username } = userInfo();
  const account = runAs ?? {
    name: username,
    group: await groupName(),
    uid: process.getuid?.(),
    gid: process.getgid?.(),
  };
  await writeFile(join(folder, 'users'), await users(folder, account));
  await copyFile(certificate.certFile, join(folder, 'server.crt'));
  await copyFile(certificate.keyFile, join(folder, 'server.key'));
  const file = join(folder, 'dovecot.conf');
  await writeFile(file, dovecotConfiguration({ folder, user: account.name, group: account.group, imap, imaps }));
  for (const name of ['run', 'state', 'mail']) await mkdir(join(folder, name));
  if (runAs !== null) await giveTo(folder, runAs);
  const master = spawn('sh', ['-c', UNTIL_INPUT_ENDS, file], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'inherit'],
    ...(runAs === null ? {} : { uid: runAs.uid, gid: runAs.gid }),
  });
  const stop = async (): Promise<void> => {
    await end(master);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const endpoint = { host: '127.0.0.1', port: imap };
  try {
    await untilGreeting(master, { endpoint, log: join(folder, 'dovecot.log') });
  } catch (cause) {
    await end(master);
    throw cause;
  }
  return {
    name: 'dovecot',
    version: `Dovecot ${version}`,
    plain: endpoint,
    tls: { host: '127.0.0.1', port: imaps, secure: true },
    unremembered: { endpoint, user: HASHED_WORKER },
    roots: async () => [{ part: 'dovecot', pid: master.pid ?? 0 }],
    stop,
  };
}

async function groupName(): Promise<string> {
  return (await promisify(execFile)('id', ['-gn'])).stdout.trim();
}

type Account = { readonly uid: number | undefined; readonly gid: number | undefined };

/** passwd-file: the worker once more with a hash, which takes the same work to check as ours. */
async function users(folder: string, { uid, gid }: Account): Promise<string> {
  const line = (user: string, password: string, home: string): string =>
    `${user}:${password}:${uid}:${gid}::${join(folder, 'mail', home)}::\n`;
  const hashed = `{ARGON2ID}${await hash(PASSWORD, ARGON2)}`;
  const plain = `{PLAIN}${PASSWORD}`;
  return [
    line(WORKER, plain, WORKER),
    line(HASHED_WORKER, hashed, WORKER),
    ...crowd.map((user) => line(user, plain, user)),
  ].join('');
}

async function giveTo(folder: string, { uid, gid }: { readonly uid: number; readonly gid: number }): Promise<void> {
  await chmod(folder, 0o755);
  const inside = ['run', 'state', 'mail', 'users', 'server.crt', 'server.key', 'dovecot.conf'];
  for (const path of [folder, ...inside.map((name) => join(folder, name))]) await chown(path, uid, gid);
}

async function untilGreeting(
  master: ChildProcess,
  { endpoint, log }: { readonly endpoint: Side['plain']; readonly log: string },
): Promise<void> {
  const until = performance.now() + START_LIMIT_MS;
  for (;;) {
    const client = await WireClient.connect(endpoint).catch((error: Error) => error);
    if (client instanceof WireClient) {
      client.close();
      return;
    }
    if (master.exitCode !== null || performance.now() > until) {
      const told = await readFile(log, 'utf8').catch(() => '(no log)');
      throw new Error(`Dovecot does not serve:\n${told.slice(-2000)}`, { cause: client });
    }
    await pause(LOOK_EVERY_MS);
  }
}

async function end(master: ChildProcess): Promise<void> {
  if (master.exitCode !== null || master.signalCode !== null) return;
  const gone = once(master, 'exit');
  master.stdin?.end();
  await within(STOP_LIMIT_MS, 'end of Dovecot', gone).catch(() => master.kill('SIGKILL'));
}
