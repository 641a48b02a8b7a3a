import { rootSchema } from '#crds/generation/root-schema.ts';
import { API_VERSION, GROUP } from '#crds/group.ts';
import { type Kind, kinds } from '#crds/kind.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Clock } from '../../ports.ts';
import type { ApiClient } from '../api/api-client.ts';
import { declaredPart } from './declared-part.ts';
import { missingFields } from './missing-fields.ts';
import type { SchemaNode } from './schema-node.ts';

export type ServedKindsOptions = {
  readonly client: Pick<ApiClient, 'openApi'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Logger;
};

/** A CustomResourceDefinition is changed once in a while; one that is too old, or was not seen, is waited for. */
const LOOK_AGAIN_MS = 5 * 60_000;
const WAIT_MS = 15_000;
/** As many fields as a person reads. */
const MOST_NAMED = 10;

/**
 * Our two kinds as the API server has them, by what it publishes of them to everybody. Their definitions may be older than
 * this operator: an installation that leaves them to somebody else, a chart that was put back. Failovers need none of what
 * is missing then, so they go on; a status is told as far as there is a place for it, and what is missing is said.
 */
export class ServedKinds {
  readonly #options: ServedKindsOptions;
  #served: ReadonlyMap<string, SchemaNode> = new Map();
  #problem: string | null = null;
  #until = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | null = null;

  constructor(options: ServedKindsOptions) {
    this.#options = options;
  }

  /** What the definitions lack, and what to do; null: nothing, or it cannot be seen. */
  async problem(): Promise<string | null> {
    await this.#look();
    return this.#problem;
  }

  /** What of a status the API server has a place for; all where it cannot be seen. */
  async declared<S extends object>({ kind }: Kind, status: S): Promise<S> {
    await this.#look();
    const schema = this.#served.get(kind)?.properties?.status;
    return schema === undefined ? status : (declaredPart(status, schema) as S);
  }

  async #look(): Promise<void> {
    if (this.#options.clock.monotonic() < this.#until) return;
    // One question for all who want to know at the same time.
    this.#looking ??= this.#ask().finally(() => {
      this.#looking = null;
    });
    await this.#looking;
  }

  async #ask(): Promise<void> {
    const { client, clock, log } = this.#options;
    try {
      this.#served = schemasIn(await client.openApi(API_VERSION));
      this.#problem = problemOf(this.#served);
    } catch (error) {
      // It is known as it was; without the kinds themselves everything else waits for them too, and says so.
      log.debug({ error }, 'the kinds cannot be seen');
      this.#until = clock.monotonic() + WAIT_MS;
      return;
    }
    this.#until = clock.monotonic() + (this.#problem === null ? LOOK_AGAIN_MS : WAIT_MS);
  }
}

type Named = { readonly group?: string; readonly kind?: string };
const NAMES = 'x-kubernetes-group-version-kind';

/** By kind. */
function schemasIn(document: unknown): ReadonlyMap<string, SchemaNode> {
  const { components } = document as {
    readonly components?: { readonly schemas?: Readonly<Record<string, SchemaNode>> };
  };
  return new Map(
    Object.values(components?.schemas ?? {}).flatMap((node) => {
      const names = (node as Readonly<Record<string, unknown>>)[NAMES] as readonly Named[] | undefined;
      const found = names?.find(({ group, kind }) => group === GROUP && kinds.some((ours) => ours.kind === kind));
      return found?.kind === undefined ? [] : [[found.kind, node] as const];
    }),
  );
}

function problemOf(served: ReadonlyMap<string, SchemaNode>): string | null {
  const lacking = kinds.flatMap((kind) => {
    const node = served.get(kind.kind);
    return node === undefined ? [] : missingIn(kind, node).map((path) => `${kind.kind} ${path}`);
  });
  if (lacking.length === 0) return null;
  const more = lacking.length > MOST_NAMED ? ` and ${lacking.length - MOST_NAMED} more` : '';
  const named = lacking.slice(0, MOST_NAMED).join(', ');
  return (
    `the CustomResourceDefinitions are older than this operator; they lack ${named}${more}: apply those of this version ` +
    '(charts/imapcluster/files/crds; the chart brings them with crds.enabled)'
  );
}

function missingIn(kind: Kind, served: SchemaNode): readonly string[] {
  const { properties: ours = {} } = rootSchema(kind) as SchemaNode;
  return ['spec', 'status'].flatMap((part) =>
    missingFields(ours[part] ?? {}, served.properties?.[part] ?? {}).map((path) => `${part}${path}`),
  );
}
