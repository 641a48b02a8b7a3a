import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { runCommand } from '#e2e/clusters/process/run-command.ts';
import { ensurePrograms } from '#e2e/clusters/programs/ensure-programs.ts';

export const CHART = join(import.meta.dirname, '../imapcluster');
export const RELEASE = { name: 'imapcluster', namespace: 'imapcluster-system' } as const;
/** What the objects of that release are called. */
export const FULL_NAME = 'imapcluster-operator';

export type RenderedObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
};

/** The real helm, from the build cache, in folders of its own: no plugins or repositories of this machine. */
export class Helm implements AsyncDisposable {
  readonly #program: string;
  readonly #folder: string;

  private constructor(program: string) {
    this.#program = program;
    this.#folder = mkdtempSync(join(tmpdir(), 'imapcluster-helm-'));
  }

  static async open(): Promise<Helm> {
    return new Helm((await ensurePrograms(['helm'])).path('helm'));
  }

  /** What `helm template` prints. @throws CommandError with what helm says */
  async template(values: object = {}, ...more: readonly string[]): Promise<string> {
    const file = join(this.#folder, 'values.yaml');
    await writeFile(file, stringify(values));
    return await this.run('template', RELEASE.name, CHART, '--namespace', RELEASE.namespace, '--values', file, ...more);
  }

  /** The same as objects, in the order in which helm would install them. */
  async objects(values: object = {}, ...more: readonly string[]): Promise<readonly RenderedObject[]> {
    return objectsIn(await this.template(values, ...more));
  }

  async run(...words: readonly string[]): Promise<string> {
    const environment = {
      HELM_CACHE_HOME: join(this.#folder, 'cache'),
      HELM_CONFIG_HOME: join(this.#folder, 'config'),
      HELM_DATA_HOME: join(this.#folder, 'data'),
    };
    return await runCommand([this.#program, ...words], { environment });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The documents of a YAML text. @throws Error where one has a mistake, such as a key that stands twice */
export function objectsIn(text: string): readonly RenderedObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const value: unknown = document.toJS();
    return value === null ? [] : [value as RenderedObject];
  });
}

/** The operator's configuration among what was rendered. */
export function configurationIn(rendered: readonly RenderedObject[]): object {
  const map = rendered.find(({ kind, data }) => kind === 'ConfigMap' && 'operator.json' in Object(data));
  return JSON.parse((map as unknown as { data: Record<string, string> }).data['operator.json'] ?? '') as object;
}
