import { once } from 'node:events';
import { startApiServer } from '../local/api-server.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/**
 * `npm run cluster -- up --api-only`: an API server over an etcd and nothing else, on loopback, for any user. It is there as long as this
 * command runs; then everything is removed.
 */
export async function upApiOnly(interrupted: AbortSignal): Promise<void> {
  const terminated = new AbortController();
  process.once('SIGTERM', () => terminated.abort(new Error('SIGTERM')));
  const signal = AbortSignal.any([interrupted, terminated.signal]);
  const started = performance.now();
  await using server = await startApiServer({ signal });
  say(`up after ${((performance.now() - started) / 1_000).toFixed(1)} s`);
  process.stdout.write(
    [
      `export KUBECONFIG=${server.kubeconfig}`,
      `# audit log: ${server.auditLog}`,
      '# Nothing acts on what is stored: no pod runs, nothing is collected with its owner.',
      '# Our kinds: kubectl apply --filename crds/generated',
      '# Ctrl-C ends it and removes everything.',
      '',
    ].join('\n'),
  );
  if (!signal.aborted) await once(signal, 'abort');
  say('ended; nothing is left of it');
}
