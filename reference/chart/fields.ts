import { type TSchema, Type } from 'typebox';

/** Building blocks of the chart's values. Every one has a default: `values.yaml` is written out of them. */
type Text = { readonly pattern?: string; readonly default?: string; readonly enum?: readonly string[] };

export const group = <P extends Parameters<typeof Type.Object>[0]>(properties: P, description: string) =>
  Type.Object(properties, { additionalProperties: false, description });

export const text = (description: string, more: Text = {}) => Type.String({ default: '', description, ...more });

export const flag = (fallback: boolean, description: string) => Type.Boolean({ default: fallback, description });

export const count = (description: string, range: { readonly default: number; readonly minimum?: number }) =>
  Type.Integer({ minimum: 0, ...range, description });

export const choice = <const V extends string[]>(values: [...V], fallback: V[number], description: string) =>
  Type.Enum(values, { default: fallback, description });

/** Something of Kubernetes' own, handed on as it is: the API server knows better than a copy of its schema. */
export const asKubernetes = (description: string, fallback: Readonly<Record<string, unknown>> = {}) =>
  Type.Unsafe<Readonly<Record<string, unknown>>>({ type: 'object', default: fallback, description });

export const listAsKubernetes = (description: string, fallback: readonly object[] = []) =>
  Type.Unsafe<readonly object[]>({ type: 'array', items: { type: 'object' }, default: fallback, description });

export const listOf = <T extends TSchema>(items: T, description: string) =>
  Type.Array(items, { default: [], uniqueItems: true, description });

/** Values of labels and annotations are text, and a bare `true` or `1` in YAML is none: refused here, not by the API server. */
export const textMap = (description: string, fallback: Readonly<Record<string, string>> = {}) =>
  Type.Unsafe<Readonly<Record<string, string>>>({
    ...{ type: 'object', additionalProperties: { type: 'string' } },
    default: fallback,
    description,
  });

/** For charts that depend on this one and set it; nothing is written into `values.yaml`. */
export const unwritten = <T extends TSchema>(schema: T) => Type.Optional(schema);
