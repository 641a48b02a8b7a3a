import { appendFile, readFile } from 'node:fs/promises';
import type { Flow, FlowEnd } from './flow.ts';
import type { Policy } from './policy.ts';

/** Names the file that a run writes what it has seen to, a line of JSON each; `npm run e2e` sets it. */
export const CONNECTIONS_VARIABLE = 'IMAPCLUSTER_E2E_CONNECTIONS';

type Line = { readonly flow: Flow } | { readonly policy: Policy };

/** What was seen; of a policy that has changed, the newest. */
export type ConnectionLog = { readonly flows: readonly Flow[]; readonly policies: readonly Policy[] };

/** Writes each thing once. */
export class ConnectionLogWriter {
  readonly #file: string;
  readonly #flows = new Set<string>();
  readonly #policies = new Map<string, string>();

  constructor(file: string) {
    this.#file = file;
  }

  async write(flows: readonly Flow[], policies: readonly Policy[]): Promise<void> {
    const lines: readonly Line[] = [
      ...policies.filter((policy) => this.#isNewPolicy(policy)).map((policy) => ({ policy })),
      ...flows.filter((flow) => this.#isNewFlow(flow)).map((flow) => ({ flow })),
    ];
    if (lines.length > 0) await appendFile(this.#file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  #isNewFlow({ protocol, from, to }: Flow): boolean {
    const key = JSON.stringify([protocol, endKey(from), endKey(to), to.port]);
    if (this.#flows.has(key)) return false;
    this.#flows.add(key);
    return true;
  }

  #isNewPolicy(policy: Policy): boolean {
    const [key, text] = [`${policy.namespace}/${policy.name}`, JSON.stringify(policy)];
    if (this.#policies.get(key) === text) return false;
    this.#policies.set(key, text);
    return true;
  }
}

/** A pod that was given another role has other labels, and is another end to a policy. */
function endKey({ address, pod }: FlowEnd): readonly unknown[] {
  return pod === null ? [address] : [pod.namespace, pod.name, pod.labels];
}

export async function readConnectionLog(file: string): Promise<ConnectionLog> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  const read = lines.map((line) => JSON.parse(line) as Line);
  const policies = new Map<string, Policy>();
  for (const line of read)
    if ('policy' in line) policies.set(`${line.policy.namespace}/${line.policy.name}`, line.policy);
  return { flows: read.flatMap((line) => ('flow' in line ? [line.flow] : [])), policies: [...policies.values()] };
}
