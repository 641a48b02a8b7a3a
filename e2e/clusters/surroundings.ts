import type { Surroundings } from './choose-provider.ts';
import { runCommand } from './process/run-command.ts';

const ENGINE_MS = 10_000;

/** Looks about: which kinds of cluster could be had on this machine. */
export async function lookAround(kubeconfig: string | undefined): Promise<Surroundings> {
  return {
    linux: process.platform === 'linux',
    root: process.getuid?.() === 0,
    engine: await findEngine(),
    kubeconfig: kubeconfig ?? process.env.KUBECONFIG ?? null,
  };
}

async function findEngine(): Promise<Surroundings['engine']> {
  for (const engine of ['docker', 'podman'] as const) {
    // A client whose service does not run is no engine: it has to answer.
    const answers = await runCommand([engine, 'info'], { deadlineMs: ENGINE_MS }).then(
      () => true,
      () => false,
    );
    if (answers) return engine;
  }
  return null;
}
