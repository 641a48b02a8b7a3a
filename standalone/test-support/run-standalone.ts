import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause } from '#runtime/deadline.ts';
import type { RunAs } from '#runtime/privileges.ts';
import { runningPrograms } from '../processes/leftovers.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The smallest cluster with a replica: one partition of two members, one imapd. */
export const SMALL_CLUSTER = `apiVersion: imapcluster.io/v1alpha1
kind: ImapCluster
metadata: {name: mail}
spec: {replicas: 1}
---
apiVersion: imapcluster.io/v1alpha1
kind: MailboxPartition
metadata: {name: users}
spec:
  clusterRef: {name: mail}
  holds: {slots: [0-1023]}
  repository: {engine: postgresql, managed: {instances: 2}}
  durability: {mode: Async}
`;

export type Run = {
  readonly child: ChildProcess;
  /** Everything printed so far, logs included. */
  output(): string;
  /** Settles when a log line contains the text. */
  says(text: string): Promise<void>;
  ended(): Promise<number | null>;
};

/** A folder for one test file, with the manifest in it; owned by whom the runs belong to. */
export class Sandbox {
  readonly folder: string;
  readonly state: string;
  readonly #as: RunAs | null;
  readonly #runs: Run[] = [];

  constructor(as: RunAs | null = null) {
    this.folder = mkdtempSync(join(tmpdir(), 'standalone-'));
    this.state = join(this.folder, 'state');
    this.#as = as;
    chmodSync(this.folder, 0o755);
    if (as !== null) chownSync(this.folder, as.uid, as.gid);
  }

  async manifest(text: string): Promise<string> {
    const file = join(this.folder, 'mail.yaml');
    await writeFile(file, text);
    return file;
  }

  standalone(...args: readonly string[]): Run {
    return this.program('standalone/main.ts', args);
  }

  /** Runs imapctl to its end. */
  async imapctl(
    args: readonly string[],
    input = '',
  ): Promise<{ readonly code: number | null; readonly output: string }> {
    const run = this.program('cli/main.ts', ['--state', this.state, ...args]);
    run.child.stdin?.end(input);
    return { code: await run.ended(), output: run.output() };
  }

  /** Ends what still runs, and removes the folder. */
  async close(): Promise<void> {
    for (const { child } of this.#runs) child.kill('SIGKILL');
    for (let pids = await this.processes(); pids.length > 0; pids = await this.processes()) {
      for (const pid of pids) kill(pid);
      await pause(20);
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Process numbers of everything that has to do with the state folder: programs by command line, servers by folder. */
  async processes(): Promise<readonly number[]> {
    const all = await runningPrograms();
    return all.filter(({ pid, args }) => pid !== process.pid && args.includes(this.state)).map(({ pid }) => pid);
  }

  program(program: string, args: readonly string[]): Run {
    const child = spawn(process.execPath, [join(ROOT, program), ...args], {
      cwd: this.folder,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(this.#as ?? {}),
    });
    let text = '';
    const listeners = new Set<() => void>();
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        for (const listener of listeners) listener();
      });
    }
    const exit = once(child, 'close');
    const run: Run = {
      child,
      output: () => text,
      async says(wanted) {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        const look = (): void => {
          if (text.includes(wanted)) resolve();
        };
        listeners.add(look);
        child.once('close', () => reject(new Error(`ended without saying ${JSON.stringify(wanted)}:\n${text}`)));
        look();
        await promise;
        listeners.delete(look);
      },
      async ended() {
        await exit;
        return child.exitCode;
      },
    };
    this.#runs.push(run);
    return run;
  }
}

/** Whom a test started by root may run things as: the user whom everybody has. */
export const somebodyElse = (): RunAs | null => (process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : null);

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Ended in the meantime.
  }
}
