import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { CrashSignal } from '#operator/failover/steps/crash-point.ts';
import { freePort } from '#runtime/test-support/free-ports.ts';
import { Daemon } from '../clusters/process/daemon.ts';
import { waitFor } from '../clusters/process/wait-for.ts';
import { OPERATOR_NAMESPACE, RELEASE } from './installation.ts';
import { kubectl, kubectlGet } from './kubectl.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const NAME = `${RELEASE}-operator`;
const AT = `--namespace=${OPERATOR_NAMESPACE}`;
const GONE_MS = 60_000;
/** As the chart has it. */
const REPLICAS = 2;
/** In /proc/PID/stat, behind the name. */
const STOPPED = /\) T /;

/**
 * The installed operator, run from here and not in its pods: with its configuration and as its service account, so that
 * nothing but the place differs. A test can end it at a recorded step, as often as it likes: a kubelet would wait ever longer
 * before it started a killed container again.
 */
export class OutsideOperator implements AsyncDisposable {
  readonly #folder: string;
  readonly #configuration: Record<string, unknown>;
  readonly #replicas: number;
  #daemon: Daemon | null = null;
  #starts = 0;

  private constructor(folder: string, configuration: Record<string, unknown>, replicas: number) {
    this.#folder = folder;
    this.#configuration = configuration;
    this.#replicas = replicas;
  }

  /** Takes the pods away first; they are back when this is disposed of, as many as the chart makes where a test before has taken them and failed. */
  static async instead(): Promise<OutsideOperator> {
    const folder = await mkdtemp(join(tmpdir(), 'imapcluster-operator-'));
    const { data } = await kubectlGet<{ data: { 'operator.json': string } }>([`configmap/${NAME}`, AT]);
    const { spec } = await kubectlGet<{ spec: { replicas: number } }>([`deployment/${NAME}`, AT]);
    const { template } = parse(await kubectl(['get', `deployment/${NAME}`, AT, '--output=yaml'])).spec;
    await writeKubeconfig(join(folder, 'kubeconfig'), template.spec.serviceAccountName);
    const operator = new OutsideOperator(folder, JSON.parse(data['operator.json']), spec.replicas || REPLICAS);
    try {
      await kubectl(['scale', `deployment/${NAME}`, AT, '--replicas=0']);
      const selector = '--selector=app.kubernetes.io/name=imapcluster-operator';
      await kubectl(['wait', 'pod', AT, selector, '--for=delete', `--timeout=${GONE_MS / 1_000}s`], {
        deadlineMs: GONE_MS + 5_000,
      });
      return operator;
    } catch (error) {
      await operator[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** @param crashPoint where it ends by SIGKILL, or hangs by SIGSTOP */
  async start(crashPoint: string | null, crashSignal: CrashSignal = 'SIGKILL'): Promise<void> {
    // Of a test that failed.
    await this.stop();
    // A killed one leaves it behind. How it is waited for is seen where a node of the leader is lost.
    await kubectl(['delete', `lease/${NAME}`, AT, '--ignore-not-found']);
    const file = join(this.#folder, 'operator.json');
    const listen = { host: '127.0.0.1', port: await freePort() };
    await writeFile(file, JSON.stringify({ ...this.#configuration, listen, crashPoint, crashSignal }));
    this.#starts += 1;
    this.#daemon = await Daemon.start({
      name: 'operator',
      command: [
        process.execPath,
        join(ROOT, 'operator/main.ts'),
        '--config',
        file,
        '--set',
        `identity=outside-${this.#starts}`,
      ],
      logFile: join(this.#folder, 'operator.log'),
      // It is started again and again.
      environment: {
        KUBECONFIG: join(this.#folder, 'kubeconfig'),
        NODE_COMPILE_CACHE: join(this.#folder, 'compiled'),
      },
    });
  }

  /** What ended it. @throws Error where it still runs after `ms` */
  async ended(ms: number): Promise<number | NodeJS.Signals> {
    const late = AbortSignal.timeout(ms);
    const { promise, reject } = Promise.withResolvers<never>();
    late.addEventListener('abort', () => reject(new Error(`the operator still runs after ${ms} ms`)), { once: true });
    return await Promise.race([this.#daemon?.ended ?? Promise.reject(new Error('no operator was started')), promise]);
  }

  /** Waits until it leads. */
  async led(ms: number): Promise<void> {
    const leads = async (): Promise<boolean> => {
      const { spec } = await kubectlGet<{ spec: { holderIdentity?: string } }>([`lease/${NAME}`, AT]);
      return spec.holderIdentity?.startsWith(`outside-${this.#starts}_`) === true;
    };
    await waitFor(leads, { what: 'the operator leads', deadlineMs: ms });
  }

  /** Waits until it hangs at its crash point. */
  async hung(ms: number): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === null) throw new Error('no operator was started');
    const stopped = async (): Promise<boolean> => STOPPED.test(await readFile(`/proc/${daemon.pid}/stat`, 'utf8'));
    await daemon.until(stopped, { what: 'at its crash point', deadlineMs: ms });
  }

  async goOn(): Promise<void> {
    await this.#daemon?.signal('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.#daemon?.stop();
    this.#daemon = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stop();
      await kubectl(['scale', `deployment/${NAME}`, AT, `--replicas=${this.#replicas}`]);
      await kubectl(['rollout', 'status', `deployment/${NAME}`, AT, '--timeout=90s'], { deadlineMs: 100_000 });
    } finally {
      await rm(this.#folder, { recursive: true, force: true });
    }
  }
}

/** The cluster under test, as the operator's service account. */
async function writeKubeconfig(file: string, account: string): Promise<void> {
  const ours = parse(await kubectl(['config', 'view', '--raw', '--minify', '--output=yaml']));
  const token = (await kubectl(['create', 'token', account, AT, '--duration=1h'])).trim();
  const [user] = ours.users;
  await writeFile(file, stringify({ ...ours, users: [{ name: user.name, user: { token } }] }), { mode: 0o600 });
}
