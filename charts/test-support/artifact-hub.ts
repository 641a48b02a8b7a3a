import { type Static, Type } from 'typebox';

const Url = Type.String({ pattern: '^https?://' });
const Flag = Type.Enum(['true', 'false']);
const strict = { additionalProperties: false } as const;
const Link = Type.Object({ name: Type.String(), url: Url }, strict);
const Person = Type.Object({ name: Type.String(), email: Type.String({ pattern: '@' }) }, strict);

const Change = Type.Object(
  {
    kind: Type.Enum(['added', 'changed', 'deprecated', 'removed', 'fixed', 'security']),
    description: Type.String(),
    links: Type.Optional(Type.Array(Link)),
  },
  strict,
);

const Image = Type.Object(
  {
    name: Type.String(),
    image: Type.String(),
    whitelisted: Type.Optional(Type.Boolean()),
    platforms: Type.Optional(Type.Array(Type.String())),
  },
  strict,
);

const Crd = Type.Object(
  {
    kind: Type.String(),
    version: Type.String(),
    name: Type.String(),
    displayName: Type.String(),
    description: Type.String(),
  },
  strict,
);

/** The annotations whose text is YAML, once it is parsed. */
const parsedAnnotations = {
  changes: Type.Array(Change),
  images: Type.Array(Image),
  crds: Type.Array(Crd),
  crdsExamples: Type.Array(
    Type.Object({
      apiVersion: Type.String(),
      kind: Type.String(),
      metadata: Type.Object({ name: Type.String() }),
      spec: Type.Object({}),
    }),
  ),
  links: Type.Array(Link),
  maintainers: Type.Array(Person),
  recommendations: Type.Array(Type.Object({ url: Url }, strict)),
  screenshots: Type.Array(Type.Object({ title: Type.String(), url: Url }, strict)),
  signKey: Type.Object({ fingerprint: Type.String(), url: Url }, strict),
} as const;

export const parsedNames: readonly string[] = Object.keys(parsedAnnotations);

/**
 * What Artifact Hub reads of a Chart.yaml (its documentation: topics/annotations/helm), without `artifacthub.io/` and with parsed YAML.
 * Whatever is not listed there is not read by anybody.
 */
export const ArtifactHubAnnotations = Type.Partial(
  Type.Object({
    ...parsedAnnotations,
    alternativeName: Type.String(),
    category: Type.Enum([
      ...(['ai-machine-learning', 'database', 'integration-delivery', 'monitoring-logging', 'networking'] as const),
      ...(['security', 'storage', 'streaming-messaging', 'skip-prediction'] as const),
    ]),
    containsSecurityUpdates: Flag,
    license: Type.String(),
    operator: Flag,
    operatorCapabilities: Type.Enum([
      ...(['Basic Install', 'Seamless Upgrades', 'Full Lifecycle', 'Deep Insights', 'Auto Pilot'] as const),
    ]),
    prerelease: Flag,
  }),
  strict,
);
export type ArtifactHubAnnotations = Static<typeof ArtifactHubAnnotations>;

/** artifacthub-repo.yml (docs/metadata/artifacthub-repo.yml of Artifact Hub). */
export const ArtifactHubRepository = Type.Object(
  {
    repositoryID: Type.Optional(Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })),
    owners: Type.Optional(Type.Array(Person)),
    ignore: Type.Optional(
      Type.Array(Type.Object({ name: Type.String(), version: Type.Optional(Type.String()) }, strict)),
    ),
  },
  strict,
);
