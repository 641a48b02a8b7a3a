import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daemon } from '#e2e/clusters/process/daemon.ts';
import { bundle } from '#images/bundle.ts';
import { images } from '#images/image-table.ts';
import { freePort } from '#runtime/test-support/free-ports.ts';
import { operatorConfiguration } from './operator-configuration.ts';

/**
 * As the chart has it; and the heap that Node allows itself within the chart's bound of 512 MiB, half of it. Without a bound it
 * leaves garbage lie until there is several times as much as of what is used.
 */
const NODE_OPTIONS = '--max-semi-space-size=4 --max-old-space-size=256';

/** The operator as a process of its own: the file that its image holds, with the options of its image and its chart. */
export class OperatorUnderTest implements AsyncDisposable {
  readonly pid: number;
  readonly logFile: string;
  readonly #daemon: Daemon;
  readonly #folder: string;
  readonly #url: string;

  private constructor(daemon: Daemon, folder: string, url: string) {
    this.pid = daemon.pid;
    this.logFile = daemon.logFile;
    this.#daemon = daemon;
    this.#folder = folder;
    this.#url = url;
  }

  static async start(kubeconfig: string): Promise<OperatorUnderTest> {
    const folder = await mkdtemp(join(tmpdir(), 'imapcluster-bench-operator-'));
    try {
      await bundle(images.operator, folder);
      const port = await freePort();
      const configuration = join(folder, 'operator.json');
      await writeFile(configuration, JSON.stringify(operatorConfiguration(port)));
      const daemon = await Daemon.start({
        name: 'operator',
        command: [
          process.execPath,
          ...images.operator.nodeOptions,
          ...FURTHER,
          join(folder, 'operator.mjs'),
          '--config',
          configuration,
        ],
        logFile: join(folder, 'operator.log'),
        environment: { KUBECONFIG: kubeconfig, NODE_OPTIONS, MALLOC_ARENA_MAX: '1' },
      });
      return new OperatorUnderTest(daemon, folder, `http://127.0.0.1:${port}`);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get running(): boolean {
    return this.#daemon.running;
  }

  /** By how much its event loop was late since the metrics were asked for last, at the 99th percentile. */
  async lateMs(): Promise<number> {
    const metric = await this.#metrics();
    // A delay counts from the sample before: the least is the time between two.
    return 1_000 * (metric('nodejs_eventloop_lag_p99_seconds') - metric('nodejs_eventloop_lag_min_seconds'));
  }

  /** Of what its resident memory consists, in words. */
  async heap(): Promise<string> {
    const metric = await this.#metrics();
    const mib = (name: string): string => (metric(`nodejs_${name}_bytes`) / MIB).toFixed(0);
    return `heap ${mib('heap_size_used')} of ${mib('heap_size_total')} MiB, outside of it ${mib('external_memory')} MiB`;
  }

  async #metrics(): Promise<(name: string) => number> {
    const text = await (await fetch(`${this.#url}/metrics`)).text();
    return (name) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
  }

  async lastWords(): Promise<string> {
    return (await readFile(this.logFile, 'utf8')).split('\n').slice(-8).join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

const MIB = 1_024 ** 2;

/** For profiles, such as `--cpu-prof --cpu-prof-dir=FOLDER`. */
const FURTHER = (process.env.BENCH_OPERATOR_OPTIONS ?? '').split(' ').filter((word) => word !== '');
