import { type ProviderName, providers } from './cluster.ts';

export const providerChoices = ['auto', ...providers] as const;
export type ProviderChoice = (typeof providerChoices)[number];

/** What the machine offers. */
export type Surroundings = {
  readonly linux: boolean;
  readonly root: boolean;
  /** Container engine that answers, which kind needs; null where there is none. */
  readonly engine: 'docker' | 'podman' | null;
  /** Path, where the person named one. */
  readonly kubeconfig: string | null;
};

export type Chosen =
  | { readonly ok: true; readonly provider: ProviderName; readonly reason: string }
  | { readonly ok: false; readonly why: string };

/**
 * Which provider to take. `auto` never takes a kubeconfig that merely lies about: the tests kill nodes, and that has to be
 * somebody's wish for that very cluster. Pure.
 */
export function chooseProvider(choice: ProviderChoice, around: Surroundings): Chosen {
  switch (choice) {
    case 'auto':
      return automatically(around);
    case 'kind':
      if (around.engine === null) return no('kind needs docker or podman, and neither answers here');
      return yes('kind', `asked for, with ${around.engine}`);
    case 'kubeconfig':
      if (around.kubeconfig === null) return no('--provider kubeconfig needs --kubeconfig FILE or KUBECONFIG');
      return yes('kubeconfig', `asked for: ${around.kubeconfig}`);
    case 'local':
      return yes('local', 'asked for');
  }
}

function automatically({ linux, root, engine }: Surroundings): Chosen {
  if (linux && root)
    return yes('local', 'this is Linux and you are root, so the nodes can be namespaces of this machine');
  if (engine !== null) return yes('kind', `${engine} answers${linux ? ', and you are not root' : ''}`);
  return no(
    linux
      ? 'become root for the local provider, start docker or podman for kind, or name a cluster of your own: --provider kubeconfig --kubeconfig FILE'
      : 'start docker or podman for kind, or name a cluster of your own: --provider kubeconfig --kubeconfig FILE',
  );
}

function yes(provider: ProviderName, reason: string): Chosen {
  return { ok: true, provider, reason };
}

function no(why: string): Chosen {
  return { ok: false, why };
}
