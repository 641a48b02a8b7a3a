import type { Pod } from '#operator/ports.ts';
import type { Logger } from '#runtime/logger.ts';
import type { LinkHandler } from './operator/message-link.ts';
import { MessageLink } from './operator/message-link.ts';
import { LOOPBACK, type PodPlan } from './plan.ts';
import { forkImapd } from './processes/fork-imapd.ts';
import { KeptProcess, type ProcessReport } from './processes/kept-process.ts';
import { spawnProgram } from './processes/spawn-program.ts';

/** Configuration files by child, written before anything is started. */
export type ConfigFiles = {
  readonly operator: string;
  readonly agents: readonly { readonly member: string; readonly partition: string; readonly file: string }[];
  readonly imapd: readonly { readonly pod: PodPlan; readonly file: string }[];
};

export type SupervisorOptions = {
  /** Where the sources are. */
  readonly folder: string;
  readonly files: ConfigFiles;
  readonly log: Logger;
  readonly runJob: LinkHandler;
  /** Members that are primaries now, by the records: they are stopped before their replicas. */
  readonly primaries: () => Promise<ReadonlySet<string>>;
  /** No imapd has ever listened, and none can, because ports are taken: this one's was the last. */
  readonly onPortTaken: (process: string) => void;
};

/** Starts all processes of a run, keeps them alive, and ends them in an order that loses nothing. */
export class Supervisor {
  readonly operatorLink: MessageLink;
  readonly #options: SupervisorOptions;
  readonly #operator: KeptProcess;
  readonly #agents: readonly KeptProcess[];
  readonly #imapd: readonly { readonly pod: PodPlan; readonly process: KeptProcess }[];

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { folder, files, log, runJob } = options;
    const shared = { log, now: () => Date.now() };
    this.#agents = files.agents.map(
      ({ member, file }) =>
        new KeptProcess({
          ...shared,
          kind: 'agent',
          name: `agent ${member}`,
          launch: () => spawnProgram({ folder, program: 'member/main.ts', configFile: file }),
        }),
    );
    this.#operator = new KeptProcess({
      ...shared,
      kind: 'operator',
      name: 'operator',
      launch: () =>
        spawnProgram({ folder, program: 'standalone/operator-process.ts', configFile: files.operator, ipc: true }),
      onMessage: (message) => this.operatorLink.receive(message),
      onChange: () => this.#operatorChanged(),
    });
    this.operatorLink = new MessageLink({ send: (message) => this.#operator.send(message) }, { runJob });
    this.#imapd = files.imapd.map(({ pod, file }) => ({
      pod,
      process: new KeptProcess({
        ...shared,
        kind: 'imapd',
        name: pod.name,
        launch: () => forkImapd(folder, file),
        onPortTaken: () => this.#portTaken(pod.name),
        // Before, nobody listens on its admin port: the operator would push to it in vain.
        isReady: (message) => (message as { readonly type?: unknown } | null)?.type === 'ready',
        onChange: () => this.#tellPods(),
      }),
    }));
  }

  start(): void {
    for (const child of this.#all()) child.start();
  }

  processes(): readonly ProcessReport[] {
    return this.#all().map((child) => child.report());
  }

  /** See `KeptProcess.holdRestarts`. @throws RangeError where no process has that name */
  holdRestarts(name: string): () => void {
    const child = this.#all().find((one) => one.name === name);
    if (child === undefined) throw new RangeError(`no process is named ${name}`);
    return child.holdRestarts();
  }

  /** The imapd processes that run now. */
  pods(): readonly Pod[] {
    return this.#imapd
      .filter(({ process }) => process.report().state === 'running')
      .map(({ pod }) => ({ name: pod.name, adminUrl: `http://${LOOPBACK}:${pod.adminPort}` }));
  }

  /**
   * Clients are told first and running commands end; then nobody acts on the databases any more; then the primaries
   * stop, each after sending its replicas what it has; the replicas last. `hurry` kills imapd
   * and operator where they still run.
   */
  async stop(hurry: AbortSignal): Promise<void> {
    await Promise.all(this.#imapd.map(({ process }) => process.stop(hurry)));
    await this.#operator.stop(hurry);
    const primaries = await this.#options.primaries();
    const isPrimary = ({ name }: KeptProcess): boolean => primaries.has(name.replace(/^agent /, ''));
    // Never hurried: a killed agent would leave its server behind, and they set themselves a deadline.
    const never = new AbortController().signal;
    await Promise.all(this.#agents.filter(isPrimary).map((agent) => agent.stop(never)));
    await Promise.all(this.#agents.filter((agent) => !isPrimary(agent)).map((agent) => agent.stop(never)));
  }

  #all(): readonly KeptProcess[] {
    return [...this.#agents, this.#operator, ...this.#imapd.map(({ process }) => process)];
  }

  /** While another imapd serves, or still may, the run is not in vain. */
  #portTaken(process: string): void {
    if (this.#imapd.every((each) => each.process.portTaken)) this.#options.onPortTaken(process);
  }

  #operatorChanged(): void {
    if (this.#operator.child === null) this.operatorLink.reset();
    else this.#tellPods();
  }

  #tellPods(): void {
    // A failure means that the operator is ending: the next one is told at its start.
    this.operatorLink.call('pods', this.pods(), { deadlineMs: 10_000 }).catch((error: Error) => {
      this.#options.log.debug({ error: error.message }, 'the operator was not told of the imapd processes');
    });
  }
}
