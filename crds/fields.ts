import { type TSchema, Type } from 'typebox';
import { DURATION_PATTERN } from './duration.ts';
import { DNS_LABEL, DNS_SUBDOMAIN } from './object-meta.ts';
import { QUANTITY_PATTERN } from './quantity.ts';

/**
 * Building blocks of the schemas. Every string and list carries a bound: the API server adds up what a CEL rule may cost
 * in the worst case and refuses a CRD whose rules run over unbounded data.
 */
type Annotations = { readonly description: string; readonly default?: unknown };

/** Unknown fields are mistakes, in a manifest as under `kubectl apply --validate=strict`. */
export const closed = <P extends Parameters<typeof Type.Object>[0]>(properties: P, annotations: Annotations) =>
  Type.Object(properties, { additionalProperties: false, ...annotations });

/** An object that may be left out: its fields then have their defaults. */
export const defaulted = <P extends Parameters<typeof Type.Object>[0]>(properties: P, description: string) =>
  closed(properties, { description, default: {} });

/** With a unit always (`duration.ts`). Bounds are rules, since a schema cannot compare durations. */
export const duration = (fallback: string, description: string) =>
  Type.String({ pattern: DURATION_PATTERN, maxLength: 16, default: fallback, description });

/** Bytes or cores in the notation of Kubernetes (`quantity.ts`). */
export const quantity = (annotations: Annotations) =>
  Type.String({ pattern: QUANTITY_PATTERN, maxLength: 16, ...annotations });

const resourceList = (description: string) =>
  Type.Record(Type.String(), quantity({ description: 'Amount of the resource.' }), {
    maxProperties: 16,
    default: {},
    description,
  });

/** Requests and limits of a container, as Kubernetes has them. */
export const resources = (description: string) =>
  defaulted(
    { requests: resourceList('What is reserved.'), limits: resourceList('What may not be exceeded.') },
    description,
  );

/** With registry, tag and digest as people write them; that it can be pulled only the node finds out. */
export const containerImage = (description: string) =>
  Type.String({ pattern: '^[a-zA-Z0-9][a-zA-Z0-9._/:@-]*$', maxLength: 512, description });

/** A name that becomes part of other names: of pods, of members, of host names. */
export const label = (description: string) => Type.String({ pattern: DNS_LABEL, maxLength: 63, description });

/** `{name}`: an object of a kind that the field implies, in the same namespace. */
export const reference = (description: string) =>
  closed(
    {
      name: Type.String({
        pattern: DNS_SUBDOMAIN,
        maxLength: 253,
        description: 'Name of the object, in the same namespace.',
      }),
    },
    { description },
  );

/**
 * A choice of words. An enum, not a union of constants: only that is structural. On, Off, Yes and No are no words: kubectl and helm read
 * them as booleans (YAML 1.1).
 */
export const oneOf = <const V extends string[]>(values: [...V], annotations: Annotations) =>
  Type.Enum(values, annotations);

/** null where it says something that absence does not: looked for, and there is none. */
export const nullable = <T extends TSchema>(schema: T, description: string) =>
  Type.Union([schema, Type.Null()], { description });

/** A list without duplicates, checked by the API server through `x-kubernetes-list-type: set`. */
export const setOf = <T extends TSchema>(items: T, maxItems: number, description: string) =>
  Type.Array(items, { maxItems, default: [], description, 'x-kubernetes-list-type': 'set' });

/** A list in which `key` tells the items apart. */
export const mapOf = <T extends TSchema>(items: T, key: string, annotations: Annotations & { maxItems: number }) =>
  Type.Array(items, {
    ...annotations,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': [key],
  });
