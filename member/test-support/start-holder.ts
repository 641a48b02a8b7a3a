import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AgentReport } from '#contract/agent-report.ts';
import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';
import { pause } from '#runtime/deadline.ts';
import { serverProcesses } from '../supervisor/server-processes.ts';
import type { RunningMember } from './start-members.ts';

export type HeldStart = { readonly serverPid: number; readonly release: () => Promise<void> };

const NEXT_MS = 30_000;
/** In the data directory. */
const PID_FILE = 'number';

/**
 * Holds a server in the middle of its start. PostgreSQL: a replica in its recovery, for as long as a file is there, and a primary where
 * it writes its number, early, to a pipe that nobody reads. The others take their time to start: they are halted meanwhile.
 */
export class StartHolder implements AsyncDisposable {
  readonly #engine: EngineUnderTest;
  readonly #folder: string;

  private constructor(engine: EngineUnderTest, folder: string) {
    this.#engine = engine;
    this.#folder = folder;
  }

  static async create(engine: EngineUnderTest): Promise<StartHolder> {
    const folder = await mkdtemp(join(tmpdir(), 'imapcluster-hold-'));
    await chmod(folder, 0o755);
    return new StartHolder(engine, folder);
  }

  /** What servers are to be started with. */
  get parameters(): Record<string, string> {
    if (this.#engine !== 'postgresql') return {};
    return {
      restore_command: `while test -e ${this.#file}; do sleep 0.02; done; false`,
      external_pid_file: PID_FILE,
    };
  }

  /**
   * @param role as which it will start
   * @param begin brings the start about
   */
  async hold(
    member: RunningMember,
    role: 'primary' | 'replica',
    begin: (before: AgentReport) => unknown,
  ): Promise<HeldStart> {
    const release = this.#engine === 'postgresql' ? await this.#prepare(member, role) : null;
    const before = await member.client.status();
    if (release !== null) return { serverPid: await numberOfNext(member, before, () => begin(before)), release };
    begin(before);
    const serverPid = await haltNext(member, before);
    await member.client.until((report) => report.state === 'starting' && report.serverPid === serverPid);
    return { serverPid, release: async () => void process.kill(serverPid, 'SIGCONT') };
  }

  /** Its server ends, is started again by its agent, and does not get on. */
  killAndHold(member: RunningMember, role: 'primary' | 'replica'): Promise<HeldStart> {
    return this.hold(member, role, ({ serverPid }) => process.kill(serverPid ?? 0, 'SIGKILL'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #prepare({ dataDirectory }: RunningMember, role: 'primary' | 'replica'): Promise<() => Promise<void>> {
    if (role === 'replica') {
      await writeFile(this.#file, '');
      return () => rm(this.#file);
    }
    const pipe = join(dataDirectory, PID_FILE);
    await rm(pipe);
    await promisify(execFile)('mkfifo', ['--mode=666', pipe]);
    return async () => void (await readFile(pipe));
  }

  get #file(): string {
    return join(this.#folder, 'hold');
  }
}

/** Heard of at once: whoever began to listen after the start might come too late. */
async function numberOfNext(member: RunningMember, before: AgentReport, begin: () => unknown): Promise<number> {
  const { promise: listening, resolve: listens } = Promise.withResolvers<void>();
  const heard = member.client.until(({ state, serverPid }) => {
    listens();
    return state === 'starting' && serverPid !== null && serverPid !== before.serverPid;
  });
  await Promise.race([listening, heard]);
  begin();
  return (await heard).serverPid ?? 0;
}

/** Looked for among the machine's processes: a start may be over before its report is read. */
async function haltNext({ name, dataDirectory }: RunningMember, { serverPid }: AgentReport): Promise<number> {
  const deadline = performance.now() + NEXT_MS;
  while (performance.now() < deadline) {
    const next = (await serverProcesses(dataDirectory)).find((pid) => pid !== serverPid);
    if (next !== undefined) {
      process.kill(next, 'SIGSTOP');
      return next;
    }
    await pause(2);
  }
  throw new Error(`${name} was not started again within ${NEXT_MS} ms`);
}
