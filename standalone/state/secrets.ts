import { randomBytes } from 'node:crypto';
import type { JWK } from 'jose';
import { type Static, Type } from 'typebox';
import { generateSigningKey, type SigningKey } from '#contract/signature.ts';
import { newPassword } from '#database/new-password.ts';
import { roles } from '#database/roles.ts';
import { readKept } from './kept-value.ts';
import type { StateFolder } from './state-folder.ts';

const Jwk = Type.Unsafe<JWK>(Type.Object({ kty: Type.String(), crv: Type.String(), x: Type.String() }));
const KeptKey = Type.Object({ privateJwk: Jwk, publicJwk: Jwk });
const Passwords = Type.Object({
  admin: Type.String(),
  replication: Type.String(),
  mail: Type.String(),
  salvage: Type.String(),
});
const Tokens = Type.Object({ agent: Type.String(), imapd: Type.String(), scram: Type.Optional(Type.String()) });

export type PartitionSecrets = { readonly agentFile: string; readonly passwords: Static<typeof Passwords> };
/** `scram`: what the salts of SCRAM are computed from. */
export type Tokens = { readonly agent: string; readonly imapd: string; readonly scram: string };

/** The Ed25519 key pair that signs routing documents, heartbeats and commands; made at the first start. */
export async function signingKey(state: StateFolder): Promise<SigningKey> {
  const kept = await readKept(state.file('keys', 'signing.json'), KeptKey);
  if (kept !== null) return kept;
  const key = await generateSigningKey(randomBytes(6).toString('base64url'));
  await state.writeForChildren(`${JSON.stringify(key)}\n`, 'keys', 'signing.json');
  return key;
}

/** Bearer tokens of the admin APIs on loopback, where any local user could knock. */
export async function adminTokens(state: StateFolder): Promise<Tokens> {
  const kept = await readKept(state.file('keys', 'tokens.json'), Tokens);
  if (kept?.scram !== undefined) return { ...kept, scram: kept.scram };
  // Of a folder of before: the salts that have been shown go on.
  const tokens = kept === null ? { agent: secret(), imapd: secret(), scram: secret() } : { ...kept, scram: kept.imapd };
  await state.writeForChildren(`${JSON.stringify(tokens)}\n`, 'keys', 'tokens.json');
  return tokens;
}

/**
 * Passwords of the database roles of a partition: one file for its agents (`secrets/`), one with mail's alone for
 * imapd (`credentials/`), one with salvage's for the salvage job.
 */
export async function partitionSecrets(state: StateFolder, partition: string): Promise<PartitionSecrets> {
  const agentFile = state.file('secrets', `${partition}.json`);
  const kept = await readKept(agentFile, Passwords);
  const passwords = kept ?? {
    admin: newPassword(),
    replication: newPassword(),
    mail: newPassword(),
    salvage: newPassword(),
  };
  if (kept === null) await state.writeForChildren(`${JSON.stringify(passwords)}\n`, 'secrets', `${partition}.json`);
  const write = (user: string, password: string, folder: string): Promise<string> =>
    state.writeForChildren(`${JSON.stringify({ user, password })}\n`, folder, `${partition}.json`);
  await write(roles.mail, passwords.mail, 'credentials');
  await write(roles.salvage, passwords.salvage, 'salvage-credentials');
  return { agentFile, passwords };
}

const secret = (): string => randomBytes(24).toString('base64url');
