import type { Kind } from '../kind.ts';
import { plainSchema } from './json-schema.ts';
import { type StructuralSchema, structuralSchema } from './structural-schema.ts';

/** Of a whole object. `metadata` belongs to the API server: a CRD may say no more of it than that it is an object. */
export function rootSchema(kind: Kind): StructuralSchema {
  const validations = kind.rules.filter((rule) => rule.at.length === 0);
  return {
    type: 'object',
    description: kind.description,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: 'Group and version of the schema.' },
      kind: { type: 'string', description: 'Kind of the object.' },
      metadata: { type: 'object' },
      spec: structuralSchema(plainSchema(kind.spec), kind.rules, ['spec']),
      status: structuralSchema(plainSchema(kind.status), kind.rules, ['status']),
    },
    ...(validations.length === 0
      ? {}
      : { 'x-kubernetes-validations': validations.map(({ cel, message }) => ({ rule: cel, message })) }),
  };
}
