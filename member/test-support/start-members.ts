import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateSigningKey, type SigningKey } from '#contract/signature.ts';
import type { Engine } from '#database/engine.ts';
import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';
import { pause } from '#runtime/deadline.ts';
import type { RunAs } from '#runtime/privileges.ts';
import { freePorts } from '#runtime/test-support/free-ports.ts';
import type { MemberSecrets } from '../secrets.ts';
import { AgentClient } from './agent-client.ts';
import { longPassword } from './long-password.ts';
import { serverPrograms } from './server-programs.ts';

export type StartMembersOptions = {
  readonly members: number;
  /** Default: the embedded PostgreSQL 18. */
  readonly engine?: EngineUnderTest;
  /** Other server programs of that engine. */
  readonly binDirectory?: string;
  readonly cluster?: string;
  readonly partition?: string;
  /** First letter of the members' names: `a` gives a0, a1 … */
  readonly prefix?: string;
  readonly key?: SigningKey;
  /** Merged into each agent's configuration. */
  readonly configuration?: Record<string, unknown>;
  /** Settings of the servers. */
  readonly parameters?: Record<string, string>;
};

/** One member under test: its agent is a real process. */
export type RunningMember = {
  readonly name: string;
  readonly endpoint: { readonly host: string; readonly port: number };
  readonly agentUrl: string;
  readonly dataDirectory: string;
  readonly client: AgentClient;
  /** Process of the agent; another one after `restartAgent`. */
  agentPid(): number;
  /** SIGKILL: the server it supervised stays behind. */
  killAgent(): Promise<void>;
  startAgent(): Promise<void>;
  /** What the parent's death looks like: the agent's standard input ends. Resolves when the agent has ended. */
  closeStdin(): Promise<void>;
  /** Everything the agent has logged. */
  agentLog(): string;
};

export type RunningMembers = AsyncDisposable & {
  readonly cluster: string;
  readonly partition: string;
  readonly engine: Engine;
  readonly database: string;
  readonly key: SigningKey;
  readonly token: string;
  readonly passwords: MemberSecrets;
  /** As the routing document wants it. */
  readonly endpoints: Record<string, { host: string; port: number }>;
  readonly members: readonly RunningMember[];
  member(name: string): RunningMember;
  /** Ends all agents and servers and removes their files. */
  stop(): Promise<void>;
};

const TOKEN = 'a-token-for-tests-only';
const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const NOBODY: RunAs = { uid: 65534, gid: 65534 };
/** As long as MariaDB wants them. */
const SECRETS: MemberSecrets = {
  admin: longPassword('admin-password'),
  replication: longPassword('replication:pass\\word'),
  mail: longPassword('mail-password'),
  salvage: longPassword('salvage-password'),
};

/** Starts agents without data: members of a repository that is still to be made. */
export async function startMembers(options: StartMembersOptions): Promise<RunningMembers> {
  const runAs = process.getuid?.() === 0 ? NOBODY : null;
  const folder = await mkdtemp(join(tmpdir(), 'imapcluster-member-'));
  if (runAs !== null) await chown(folder, runAs.uid, runAs.gid);
  await chmod(folder, 0o755);
  const key = options.key ?? (await generateSigningKey('test'));
  const ports = await freePorts(options.members * 2);
  const programs = await serverPrograms(options.engine ?? 'postgresql');
  const { engine } = programs;
  const binDirectory = options.binDirectory ?? programs.bin;
  const identity = { cluster: options.cluster ?? 'mail', partition: options.partition ?? 'users-a' };
  const members = await Promise.all(
    Array.from({ length: options.members }, async (_, index) => {
      const name = `${options.prefix ?? 'a'}${index}`;
      const [port = 0, agentPort = 0] = ports.slice(index * 2);
      const directory = join(folder, name);
      await mkdir(directory);
      if (runAs !== null) await chown(directory, runAs.uid, runAs.gid);
      const secretsFile = join(directory, 'secrets.json');
      await writeFile(secretsFile, JSON.stringify(SECRETS), { mode: 0o600 });
      const configuration = {
        ...identity,
        member: name,
        engine,
        listen: { host: '127.0.0.1', port: agentPort },
        server: {
          host: '127.0.0.1',
          port,
          binDirectory,
          dataDirectory: join(directory, 'data'),
          socketDirectory: join(directory, 'socket'),
          parameters: { ...programs.small, ...options.parameters },
        },
        secretsFile,
        operatorKeys: [key.publicJwk],
        token: TOKEN,
        // Nobody plays the operator all the time; what is about being cut off says so.
        isolation: { afterMs: null },
        runAs,
        logLevel: 'debug',
        ...options.configuration,
      };
      const file = join(directory, 'member.json');
      await writeFile(file, JSON.stringify(configuration), { mode: 0o600 });
      const agentUrl = `http://127.0.0.1:${agentPort}`;
      const client = new AgentClient({ ...identity, member: name, url: agentUrl }, key.privateJwk, TOKEN);
      const dataDirectory = configuration.server.dataDirectory;
      return await runMember({ name, endpoint: { host: '127.0.0.1', port }, agentUrl, dataDirectory, client }, file);
    }),
  );
  const stop = async (): Promise<void> => {
    await Promise.all(members.map((member) => member.closeStdin()));
    await rm(folder, { recursive: true, force: true });
  };
  return {
    ...identity,
    engine,
    database: 'imap',
    key,
    token: TOKEN,
    passwords: SECRETS,
    endpoints: Object.fromEntries(members.map((member) => [member.name, { ...member.endpoint }])),
    members,
    member: (name) => {
      const found = members.find((member) => member.name === name);
      if (found === undefined) throw new Error(`no member ${name}`);
      return found;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

type Fixed = Pick<RunningMember, 'name' | 'endpoint' | 'agentUrl' | 'dataDirectory' | 'client'>;

async function runMember(fixed: Fixed, configurationFile: string): Promise<RunningMember> {
  let log = '';
  let child: ChildProcess;
  const startAgent = async (): Promise<void> => {
    child = spawn(process.execPath, [MAIN, '--config', configurationFile], {
      env: { ...process.env, IMAPCLUSTER_PARENT: 'stdin' },
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      log += chunk;
    });
    await listening(child, fixed.client, () => log);
  };
  const ended = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    await new Promise((resolve) => child.once('exit', resolve));
  };
  await startAgent();
  return {
    ...fixed,
    agentPid: () => child.pid ?? 0,
    startAgent,
    agentLog: () => log,
    killAgent: async () => {
      child.kill('SIGKILL');
      await ended();
    },
    closeStdin: async () => {
      child.stdin?.end();
      await ended();
    },
  };
}

async function listening(child: ChildProcess, client: AgentClient, log: () => string): Promise<void> {
  while (child.exitCode === null) {
    const up = await client.status().then(
      () => true,
      () => false,
    );
    if (up) return;
    await pause(20);
  }
  throw new Error(`the agent of ${client.address.member} ended:\n${log()}`);
}
