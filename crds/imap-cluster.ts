import { type Static, Type } from 'typebox';
import { HTTPS_URL } from '#contract/https-url.ts';
import { conditions } from './condition.ts';
import { closed, containerImage, defaulted, duration, oneOf, quantity, resources, setOf } from './fields.ts';
import { API_VERSION } from './group.ts';
import { DNS_SUBDOMAIN, ObjectMeta } from './object-meta.ts';

/** The `ImapCluster`: the stateless imapd processes that serve IMAP, and how they behave. */
const Tls = closed(
  {
    secretName: Type.String({
      pattern: DNS_SUBDOMAIN,
      maxLength: 253,
      description:
        'Secret of type kubernetes.io/tls with `tls.crt` and `tls.key`; a renewed one is taken up by itself.',
    }),
  },
  { description: 'Certificate shown to IMAP clients. Standalone makes a self-signed one where this is left out.' },
);

/** `192.0.2.0/24`, `2001:db8::/32`. What else is wrong in it imapd finds out at its start. */
const CIDR =
  '^(((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])/(3[0-2]|[12]?[0-9])|([0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))$';

const Service = defaulted(
  {
    type: oneOf(['ClusterIP', 'NodePort', 'LoadBalancer'], {
      default: 'ClusterIP',
      description: 'Type of the Service in front of the imapd pods.',
    }),
    annotations: Type.Record(Type.String(), Type.String({ maxLength: 1024, description: 'Value of the annotation.' }), {
      maxProperties: 64,
      default: {},
      description: 'Annotations of the Service, as load balancers want them.',
    }),
    proxyProtocolFrom: setOf(
      Type.String({ pattern: CIDR, maxLength: 49 }),
      64,
      'Networks (CIDR) from which load balancers hand on connections, each with a header of the PROXY protocol (version 1 or 2) that names the client. A connection from there without one is refused.',
    ),
  },
  'How clients reach the imapd pods.',
);

const OauthBearer = closed(
  {
    issuer: Type.String({
      pattern: HTTPS_URL,
      maxLength: 512,
      description: 'Issuer of the tokens, as their `iss` says it; its keys are found by OpenID Connect discovery.',
    }),
    jwksUri: Type.Optional(
      Type.String({
        pattern: HTTPS_URL,
        maxLength: 512,
        description: 'Where the keys of the issuer are, for one without discovery.',
      }),
    ),
    caSecretName: Type.Optional(
      Type.String({
        pattern: DNS_SUBDOMAIN,
        maxLength: 253,
        description:
          'Secret with `ca.crt`: who vouches for the certificate of the issuer. The authorities that browsers know where this is left out.',
      }),
    ),
    audience: Type.String({ minLength: 1, maxLength: 256, description: 'Audience that a token must be made for.' }),
    usernameClaim: Type.String({
      minLength: 1,
      maxLength: 64,
      default: 'email',
      description: 'Claim that holds the name of the user. An `email` is taken only with `email_verified`: true.',
    }),
    groupsClaim: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description:
          'Claim that holds groups of the user, such as `groups`: access control lists of mailboxes name them, with a `$` before the name. They hold as long as the session, beside those that `imapctl user set --groups` gives.',
      }),
    ),
    acceptUnmarkedEmail: Type.Boolean({
      default: false,
      description:
        'Take an `email` of which the issuer does not say whether it is verified: only where nobody can choose his own.',
    }),
    scope: Type.Optional(
      Type.String({
        pattern: '^[!#-\\[\\]-~]+$',
        maxLength: 128,
        description: 'Scope that a token must have; told to programs whose token lacks it.',
      }),
    ),
    clockSkew: duration('60s', 'How far the clock of the issuer may be from those of imapd; at most 5m.'),
  },
  {
    description:
      'Sign-in by bearer token: SASL OAUTHBEARER (RFC 7628) and XOAUTH2. The session ends when the token does. Users must exist.',
  },
);

const ClientCertificates = closed(
  {
    caSecretName: Type.String({
      pattern: DNS_SUBDOMAIN,
      maxLength: 253,
      description: 'Secret with `ca.crt`: who vouches for clients. A changed one is taken up by itself.',
    }),
    userFrom: oneOf(['EmailAddress', 'CommonName'], {
      default: 'EmailAddress',
      description:
        'What of a certificate names the user: an e-mail address among its alternative names, or the common name of its subject.',
    }),
  },
  {
    description:
      'Sign-in by a certificate of the client: SASL EXTERNAL (RFC 4422). Needs `tls`. Revocation is not looked at. Users must exist.',
  },
);

const Authentication = defaulted(
  {
    passwords: Type.Boolean({
      default: true,
      description: 'Sign-in by passwords that are kept, as argon2id hashes, in the partition of the user.',
    }),
    oauthBearer: Type.Optional(OauthBearer),
    clientCertificates: Type.Optional(ClientCertificates),
    admins: setOf(
      Type.String({ minLength: 1, maxLength: 255 }),
      64,
      'Administrators of the cluster: they may act for any other user, by the authorization identity of SASL, for migration and support, each such sign-in being logged and counted; set the limits of any user, and share mailboxes with everybody. A user who is to do the latter two alone: `imapctl user set NAME --admin`.',
    ),
  },
  'How users prove who they are.',
);

const Reads = defaulted(
  {
    maxReplicaLag: duration('5s', 'Content of messages is not read from a replica that is further behind than this.'),
    recentContentCache: quantity({
      default: '64Mi',
      description:
        'Memory per imapd for content: half for what it has just written and replicas may lack yet, half for headers and the like that it has read.',
    }),
    readAhead: quantity({
      default: '16Mi',
      description:
        'Memory per imapd for content that is read before it is asked for: for clients that fetch one message after the other, at most 256Ki and one message for each, nor more than an eighth of this. 0 = none.',
    }),
    searchSignatures: Type.Boolean({
      default: false,
      description:
        'Whether SEARCH in texts (BODY, TEXT) keeps in the database, of each message that it has read, a signature of what may be in it, at most 32 KiB for its header and as much for its text, and by those of earlier searches leaves out messages that cannot match. What is found is the same.',
    }),
  },
  'Reading message content from replicas. Flags, UIDs and listings always come from the primary.',
);

const Sessions = defaulted(
  {
    writeHold: duration(
      '15s',
      'How long a command waits for a writer, during a failover, before it gets `NO [UNAVAILABLE]`.',
    ),
    drainGracePeriod: duration(
      '60s',
      'How long a stopping imapd lets running commands finish. Sessions without one, IDLE among them, get BYE one after the other, the last one in half of this time; the others when their command is done or this time is over.',
    ),
    idleKeepAlive: duration(
      '170s',
      'How often a client in IDLE gets a sign of life: less than what load balancers and routers allow a silent connection.',
    ),
    maxPerPod: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 5_000,
      description: 'Sessions that one imapd accepts; the next one is refused.',
    }),
    maxPerUser: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 100,
      description: 'Sessions of one user in one imapd.',
    }),
    maxUnauthenticated: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 1_000,
      description: 'Connections of one imapd that have not signed in: strangers must not take the room of users.',
    }),
    maxUnauthenticatedPerAddress: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 500,
      description:
        'The same, of one address. Behind a load balancer that hides addresses it should equal maxUnauthenticated.',
    }),
  },
  'IMAP sessions.',
);

const Messages = defaulted(
  {
    maxSize: quantity({
      default: '50Mi',
      description: 'Largest message that APPEND takes, announced as APPENDLIMIT; at most 1Gi.',
    }),
    eightBitHeaders: oneOf(['Accept', 'Refuse'], {
      default: 'Accept',
      description:
        'What APPEND does with a message whose header is not ASCII, where the client has not enabled UTF8=ACCEPT. RFC 6855 has it refused; old mail that people bring with them has such headers.',
    }),
    perCommand: Type.Optional(
      Type.Integer({
        minimum: 1000,
        maximum: 1_000_000_000,
        description:
          'Messages that one command works on, announced as MESSAGELIMIT (RFC 9738); any number where it is left out. Programs that do not know it take the last so many messages of a mailbox for all.',
      }),
    ),
    perSave: Type.Optional(
      Type.Integer({
        minimum: 1000,
        maximum: 1_000_000_000,
        description: 'Messages that one COPY or APPEND saves, announced as SAVELIMIT; any number where it is left out.',
      }),
    ),
  },
  'Messages that clients bring.',
);

const count = (fallback: number | undefined, description: string) =>
  Type.Integer({
    minimum: 0,
    maximum: 1_000_000_000,
    ...(fallback === undefined ? {} : { default: fallback }),
    description,
  });

const Quota = defaulted(
  {
    storage: Type.Optional(
      quantity({ description: 'Octets of all messages of a user; no limit where it is left out.' }),
    ),
    messages: Type.Optional(count(undefined, 'Messages of a user; no limit where it is left out.')),
    mailboxes: count(10_000, 'Mailboxes of a user.'),
  },
  'What a user may have (RFC 9208) whose own record says nothing else: `imapctl user set`.',
);

const Metadata = defaulted(
  {
    comment: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1024,
        description: '`/shared/comment` of the server: a word to all users.',
      }),
    ),
    admin: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z][A-Za-z0-9+.-]*:[!-~]+$',
        maxLength: 1024,
        description: '`/shared/admin` of the server: a URI (mailto:, tel:, https:) by which its people are reached.',
      }),
    ),
    maxSize: quantity({ default: '16Ki', description: 'Octets of one value; from 1Ki to 64Ki.' }),
    maxEntries: Type.Integer({
      minimum: 10,
      maximum: 1000,
      default: 100,
      description: 'Entries of one mailbox: shared ones, and private ones of each user.',
    }),
    maxPerUser: quantity({
      default: '1Mi',
      description:
        'Octets, names and values, of all private annotations of one user and the shared ones of his mailboxes; from 64Ki to 16Mi. A session may hold three times as much in memory.',
    }),
  },
  'Annotations of mailboxes and of the server (RFC 5464).',
);

const Sharing = defaulted(
  {
    seen: oneOf(['Shared', 'PerUser'], {
      default: 'Shared',
      description:
        "Whose `\\Seen` is in mailboxes that are not one's own, shared namespaces among them. `Shared`: what one person has seen is seen for all. `PerUser`: everybody but the owner has his own, and begins with nothing seen. What is noted in one way stays, and is not told in the other.",
    }),
  },
  'Mailboxes that people share (RFC 4314).',
);

const Capabilities = defaulted(
  {
    disabled: setOf(
      Type.String({ pattern: '^[A-Z0-9][A-Z0-9=+/.-]*$', maxLength: 64 }),
      64,
      'IMAP capabilities that are neither announced nor obeyed, for clients that handle them badly.',
    ),
    enabled: setOf(
      Type.String({ pattern: '^[A-Z0-9][A-Z0-9=+/.-]*$', maxLength: 64 }),
      64,
      'IMAP capabilities that are off unless they are named here: UIDONLY, an experiment (RFC 9586). What is disabled, too, is off.',
    ),
  },
  'IMAP capabilities.',
);

/** `spec`: a person's part. */
export const ImapClusterSpec = closed(
  {
    replicas: Type.Integer({
      minimum: 1,
      maximum: 500,
      default: 2,
      description: 'Number of imapd pods (standalone: processes). Sessions spread over them; any can serve any user.',
    }),
    paused: Type.Boolean({
      default: false,
      description: 'While true the operator changes nothing of this cluster, and all its partitions are paused.',
    }),
    image: Type.Optional(
      containerImage(
        "Image of imapd; the operator's own version where left out. A change replaces the pods one by one.",
      ),
    ),
    resources: resources("CPU and memory of each imapd pod; the operator's defaults where nothing is given."),
    tls: Type.Optional(Tls),
    service: Service,
    authentication: Authentication,
    reads: Reads,
    sessions: Sessions,
    messages: Messages,
    quota: Quota,
    metadata: Metadata,
    sharing: Sharing,
    capabilities: Capabilities,
  },
  { description: 'What the cluster shall be.' },
);
export type ImapClusterSpec = Static<typeof ImapClusterSpec>;

/** `status`: the operator's part, behind the status subresource. */
export const ImapClusterStatus = closed(
  {
    observedGeneration: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Generation of the spec that this status answers.' }),
    ),
    phase: Type.Optional(
      oneOf(['Starting', 'Serving', 'Degraded', 'Paused'], { description: 'The state of the cluster in one word.' }),
    ),
    replicas: Type.Optional(Type.Integer({ minimum: 0, description: 'Imapd pods that exist.' })),
    readyReplicas: Type.Optional(Type.Integer({ minimum: 0, description: 'Imapd pods that take sessions.' })),
    sessions: Type.Optional(Type.Integer({ minimum: 0, description: 'IMAP sessions, rounded to steps of 100.' })),
    selector: Type.Optional(
      Type.String({ maxLength: 1024, description: 'Label selector of the imapd pods, for autoscalers.' }),
    ),
    routingVersion: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Version of the routing document in force.' }),
    ),
    conditions,
  },
  { description: 'What the operator has seen. Written by the operator alone.' },
);
export type ImapClusterStatus = Static<typeof ImapClusterStatus>;

/** The whole object, as programs hold it: defaults applied, `status` absent until the operator has looked. */
export const ImapCluster = Type.Object(
  {
    apiVersion: Type.Literal(API_VERSION),
    kind: Type.Literal('ImapCluster'),
    metadata: ObjectMeta,
    spec: ImapClusterSpec,
    status: Type.Optional(ImapClusterStatus),
  },
  { additionalProperties: false },
);
export type ImapCluster = Static<typeof ImapCluster>;
