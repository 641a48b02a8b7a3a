import { GROUP } from '#crds/group.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

/**
 * Where a right holds: `watched` in the namespaces whose clusters the operator looks after (all, or those it was given),
 * `own` in the namespace that it runs in, `cluster` for what lies in no namespace.
 */
export type AccessScope = 'watched' | 'own' | 'cluster';

export type AccessRule = {
  readonly scope: AccessScope;
  /** API group; '' is the core. */
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly Verb[];
  /** On the one object alone that is called as the release; left out: on all. */
  readonly named?: true;
  /** For the person who has to allow it: one sentence. */
  readonly why: string;
};

/** What an informer asks for. */
const WATCH = ['list', 'watch'] as const;
/** The same of what is read anew before it is made, or where the name was taken. */
const READ = ['get', ...WATCH] as const;
/** Server-side apply asks for both, whichever it turns out to be. */
const APPLY = ['create', 'patch'] as const;

/**
 * Everything that the operator may do with the API server, and why. The chart's roles and docs/reference/permissions.md
 * are written from this table by `npm run generate`.
 */
export const accessRules: readonly AccessRule[] = [
  {
    scope: 'watched',
    group: GROUP,
    resources: ['imapclusters'],
    verbs: WATCH,
    why: 'The clusters that it serves.',
  },
  {
    scope: 'watched',
    group: GROUP,
    resources: ['mailboxpartitions'],
    verbs: [...WATCH, 'patch'],
    why: 'The partitions that it serves. Patch: a finalizer keeps one that still holds users from being deleted unasked.',
  },
  {
    scope: 'watched',
    group: GROUP,
    resources: ['imapclusters/status', 'mailboxpartitions/status'],
    verbs: ['patch'],
    why: 'Tells how they are; the spec is never written.',
  },
  {
    scope: 'watched',
    group: GROUP,
    resources: ['imapclusters/finalizers', 'mailboxpartitions/finalizers'],
    verbs: ['update'],
    why: 'What it makes belongs to these objects and goes with them; API servers that check such references (OpenShift) ask for it.',
  },
  {
    scope: 'watched',
    group: '',
    resources: ['pods'],
    verbs: [...READ, ...APPLY, 'delete'],
    why: 'Database servers are single pods: made, labelled as primary or replica, replaced. Pods of imapd are read for their addresses.',
  },
  {
    scope: 'watched',
    group: '',
    resources: ['persistentvolumeclaims'],
    verbs: [...READ, ...APPLY, 'delete'],
    why: 'The volume of each database server: made, grown, deleted with a member that is given up.',
  },
  {
    scope: 'watched',
    group: '',
    resources: ['services', 'serviceaccounts'],
    verbs: [...READ, ...APPLY],
    why: 'How clients reach imapd and people the databases; who imapd is to the API server.',
  },
  {
    scope: 'watched',
    group: '',
    resources: ['configmaps'],
    verbs: ['get', 'create', 'update'],
    why: 'Routing documents, and the record of each partition, written by compare-and-set. Get is also what it grants to imapd.',
  },
  {
    scope: 'watched',
    group: '',
    resources: ['secrets'],
    verbs: [...READ, ...APPLY, 'update'],
    why: 'Makes signing keys, tokens and passwords of databases; reads those that a spec names.',
  },
  {
    scope: 'watched',
    group: 'events.k8s.io',
    resources: ['events'],
    verbs: APPLY,
    why: 'Tells what happened; patch adds repetitions up.',
  },
  {
    scope: 'watched',
    group: 'apps',
    resources: ['deployments'],
    verbs: [...READ, ...APPLY],
    why: 'imapd runs as a Deployment.',
  },
  {
    scope: 'watched',
    group: 'batch',
    resources: ['jobs'],
    verbs: ['get', 'create', 'delete'],
    why: 'Migration of the mail schema, salvage of a lost primary.',
  },
  {
    scope: 'watched',
    group: 'policy',
    resources: ['poddisruptionbudgets'],
    verbs: [...READ, ...APPLY, 'delete'],
    why: 'Keeps a drain from taking a primary, or too many at once; deleted where a partition shrinks to one server.',
  },
  {
    scope: 'watched',
    group: 'networking.k8s.io',
    resources: ['networkpolicies'],
    verbs: [...READ, ...APPLY],
    why: 'Who may connect to imapd and to the databases.',
  },
  {
    scope: 'watched',
    group: 'rbac.authorization.k8s.io',
    resources: ['roles', 'rolebindings'],
    verbs: [...READ, ...APPLY],
    why: 'Lets imapd read the one ConfigMap with its routing document. The API server lets nobody grant what they do not hold.',
  },
  {
    scope: 'watched',
    group: 'monitoring.coreos.com',
    resources: ['podmonitors'],
    verbs: ['get', 'list', ...APPLY],
    why: 'Lets the Prometheus operator, where there is one, find the pods of imapd.',
  },
  {
    scope: 'own',
    group: 'coordination.k8s.io',
    resources: ['leases'],
    verbs: ['get', 'update'],
    named: true,
    why: 'Which of its replicas is the leader: its own Lease, and none of others that lead in the same namespace.',
  },
  {
    scope: 'own',
    group: 'coordination.k8s.io',
    resources: ['leases'],
    verbs: ['create'],
    why: 'Makes that Lease. What does not exist yet has no name that a right could be bound to.',
  },
  {
    scope: 'cluster',
    group: '',
    resources: ['nodes'],
    verbs: WATCH,
    why: 'A node that is gone is evidence for a failover, a node that is being drained the reason for a switchover.',
  },
];
