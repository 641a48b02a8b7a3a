import { runCommand } from '../clusters/process/run-command.ts';

export type KubectlOptions = { readonly input?: string; readonly deadlineMs?: number };

/** kubectl on the cluster under test: `npm run e2e` has set PATH and KUBECONFIG. Returns what it prints. */
export async function kubectl(words: readonly string[], options: KubectlOptions = {}): Promise<string> {
  return await runCommand(['kubectl', ...words], options);
}

/** One object, or a list of them, as JSON says it. */
export async function kubectlGet<T>(words: readonly string[]): Promise<T> {
  return JSON.parse(await kubectl(['get', ...words, '--output=json'])) as T;
}

export async function kubectlApply(objects: readonly object[]): Promise<void> {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await kubectl(['apply', '--server-side', '--filename=-'], { input });
}
