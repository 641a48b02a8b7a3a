import { type Static, Type } from 'typebox';
import { closed, mapOf, oneOf } from './fields.ts';

/** metav1.Condition, field for field. */
export const Condition = closed(
  {
    type: Type.String({ maxLength: 316, description: 'What the condition is about, in CamelCase.' }),
    status: oneOf(['True', 'False', 'Unknown'], { description: 'Whether it holds.' }),
    observedGeneration: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Generation of the spec that was looked at.' }),
    ),
    lastTransitionTime: Type.String({ format: 'date-time', description: 'When `status` last changed.' }),
    reason: Type.String({
      pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
      minLength: 1,
      maxLength: 1024,
      description: 'Code of the last transition; codes are listed in the runbooks.',
    }),
    message: Type.String({ maxLength: 32768, description: 'The same for people.' }),
  },
  { description: 'One observation about the object.' },
);
export type Condition = Static<typeof Condition>;

/** `status.conditions` of every kind: a map by type, so that two writers never replace each other's entries. */
export const conditions = Type.Optional(
  mapOf(Condition, 'type', { maxItems: 32, description: 'Observations about the object, one per type.' }),
);
