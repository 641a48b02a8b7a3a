import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningMembers } from '#member/test-support/start-members.ts';
import type { PartitionView } from '#operator/partition/partition-view.ts';
import type { Job, Jobs, Pod } from '#operator/ports.ts';
import { specOf } from '#operator/test-support/start-cluster.ts';
import type { Tuning } from '#operator/tuning.ts';
import { pause } from '#runtime/deadline.ts';
import type { OperatorConfiguration } from '../operator/configuration.ts';
import { MessageLink } from '../operator/message-link.ts';
import { spawnProgram } from '../processes/spawn-program.ts';

const ROOT = join(import.meta.dirname, '../..');
const TOKEN = 'a-token-for-tests-only';

export type OperatorChildOptions = {
  readonly folder: string;
  readonly members: RunningMembers;
  readonly pods: readonly Pod[];
  readonly jobs: Jobs;
  readonly port: number;
  readonly tuning: Partial<Tuning>;
};

/** The operator's own program, run as the supervisor runs it, over members and imapd processes that outlive it. */
export class OperatorChild {
  readonly #options: OperatorChildOptions;
  #child: ChildProcess | null = null;
  #link = new MessageLink({ send: () => false }, {});

  constructor(options: OperatorChildOptions) {
    this.#options = options;
  }

  get recordsFolder(): string {
    return join(this.#options.folder, 'records');
  }

  /** @param crashPoint where it ends by SIGKILL */
  async start(crashPoint: string | null): Promise<void> {
    const { jobs, pods } = this.#options;
    const child = spawnProgram({
      folder: ROOT,
      program: 'standalone/operator-process.ts',
      configFile: await this.#configure(crashPoint),
      ipc: true,
    });
    const runJob = async (job: unknown, signal: AbortSignal): Promise<unknown> => await jobs.run(job as Job, signal);
    const link = new MessageLink({ send: (message) => child.connected && child.send(message) }, { runJob });
    child.on('message', (message) => link.receive(message));
    child.once('exit', () => link.reset());
    this.#child = child;
    this.#link = link;
    await link.call('pods', pods, { deadlineMs: 10_000 });
  }

  /** The signal that ended it. */
  async ended(withinMs: number): Promise<string | null> {
    const child = this.#child;
    if (child === null) throw new Error('no operator was started');
    if (child.exitCode === null && child.signalCode === null) {
      await once(child, 'exit', { signal: AbortSignal.timeout(withinMs) });
    }
    return child.signalCode;
  }

  async view(): Promise<PartitionView> {
    const views = await this.#link.call('status', null, { deadlineMs: 10_000 });
    const [view] = views as readonly PartitionView[];
    if (view === undefined) throw new Error('the operator knows no partition');
    return view;
  }

  async until(holds: (view: PartitionView) => boolean, ms: number): Promise<PartitionView> {
    const end = performance.now() + ms;
    for (;;) {
      const view = await this.view();
      if (holds(view)) return view;
      if (performance.now() > end) throw new Error(`not within ${ms} ms: ${JSON.stringify(view, null, 1)}`);
      await pause(20);
    }
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  async #configure(crashPoint: string | null): Promise<string> {
    const { folder, members, port, tuning } = this.#options;
    const signingKeyFile = join(folder, 'signing.json');
    await writeFile(signingKeyFile, JSON.stringify(members.key));
    const configuration: OperatorConfiguration = {
      spec: specOf(members),
      recordsFolder: this.recordsFolder,
      routingFile: join(folder, 'routing.json'),
      signedRoutingFile: join(folder, 'routing.jws'),
      signingKeyFile,
      agentToken: members.token,
      sqlCredentials: {},
      imapdToken: TOKEN,
      listen: { host: '127.0.0.1', port },
      tuning,
      crashPoint,
      runAs: null,
      logLevel: 'silent',
    };
    const file = join(folder, 'operator.json');
    await writeFile(file, JSON.stringify(configuration));
    return file;
  }
}
