import { KubeConfig } from '@kubernetes/client-node';
import { Value } from 'typebox/value';
import { createLogger } from '#runtime/logger.ts';
import { freePort } from '#runtime/test-support/free-ports.ts';
import { OperatorConfiguration } from '../../../configuration.ts';
import { OperatorProcess } from '../process/operator-process.ts';

export type StartedOperator = AsyncDisposable & {
  readonly url: string;
  /** In good order. Rejects with what has ended it before. */
  stop(): Promise<void>;
};

export type OperatorChoice = {
  readonly kubeconfig: string;
  readonly identity?: string;
  readonly lease?: string;
  readonly watchNamespaces?: readonly string[];
  /** For tests of a change of leader; otherwise a busy machine must not change it by itself. */
  readonly shortLease?: boolean;
  readonly rotationGraceSeconds?: number;
};

const SHORT = { durationSeconds: 6, renewDeadlineMs: 4_000, intervalMs: 300 };
const LONG = { durationSeconds: 30, renewDeadlineMs: 25_000, intervalMs: 1_000 };

/** The operator as its program starts it, within this process. */
export async function startedOperator(choice: OperatorChoice): Promise<StartedOperator> {
  const port = await freePort();
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(choice.kubeconfig);
  const stop = new AbortController();
  const level = process.env.IMAPCLUSTER_TEST_LOG ?? 'fatal';
  const operator = new OperatorProcess({
    configuration: configuration(choice, port),
    kubeConfig,
    log: createLogger({ program: choice.identity ?? 'operator', level }),
    onStuck: () => {
      throw new Error('the operator did not stop in time');
    },
  });
  const running = operator.run(stop.signal);
  // It is told by `stop`; nobody waits for it before.
  running.catch(() => undefined);
  const end = async (): Promise<void> => {
    stop.abort(new Error('told to stop'));
    await running;
  };
  return { url: `http://127.0.0.1:${port}`, stop: end, [Symbol.asyncDispose]: end };
}

function configuration(choice: OperatorChoice, port: number) {
  const {
    identity = 'operator-0',
    lease = 'operator',
    watchNamespaces = [],
    shortLease = false,
    rotationGraceSeconds = 120,
  } = choice;
  const written = {
    identity,
    watchNamespaces: [...watchNamespaces],
    lease: { namespace: 'default', name: lease, ...(shortLease ? SHORT : LONG) },
    keys: { rotationGraceSeconds },
    listen: { host: '127.0.0.1', port },
    images: {
      imapd: 'registry.example/imapd:1',
      member: 'registry.example/member:1',
      postgres: { image: 'postgres:18', majorVersion: 18 },
      mariadb: { image: 'mariadb:11.8', majorVersion: 11 },
      mysql: { image: 'mysql:9.7', majorVersion: 9 },
    },
  };
  return Value.Parse(OperatorConfiguration, Value.Default(OperatorConfiguration, written));
}
