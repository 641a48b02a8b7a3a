import { GROUP, VERSION } from './group.ts';
import { plainSchema } from './json-schema.ts';
import type { Kind } from './kind.ts';
import { structuralSchema } from './structural-schema.ts';

/** The CustomResourceDefinition of a kind, as an object ready for YAML. */
export function customResourceDefinition(kind: Kind): object {
  const singular = kind.kind.toLowerCase();
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular,
        shortNames: [kind.shortName],
        categories: ['imap'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {}, ...(kind.scale === undefined ? {} : { scale: kind.scale }) },
          additionalPrinterColumns: kind.columns,
          schema: { openAPIV3Schema: rootSchema(kind) },
        },
      ],
    },
  };
}

/** `metadata` belongs to the API server: a CRD may say no more of it than that it is an object. */
function rootSchema(kind: Kind): object {
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
