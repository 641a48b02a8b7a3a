import { MAIL_SCHEMA } from '#contract/mail-schema.ts';

/** A record of a partition that has been served, as an operator before this one left it; taken for a person's. */
export function servedRecord(namespace: string, name: string) {
  const primary = `${name}-0`;
  const record = {
    epoch: 3,
    primary,
    servedEpoch: 3,
    phase: 'Healthy',
    operation: null,
    synchronous: { required: 0, members: [] },
    schema: { version: MAIL_SCHEMA, mark: null, since: 0, problem: null },
    target: { epoch: 3, writer: primary, readers: [] },
    forks: [],
    rejoining: [],
    members: [],
    lastChange: null,
    promotions: [],
    conditions: [],
  };
  const data = { 'record.json': JSON.stringify({ revision: 1, record }) };
  return { metadata: { namespace, name: `${name}-record` }, data };
}
