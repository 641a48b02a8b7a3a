/** One step of a SASL exchange: ask the client, or be done with what it said. */
export type SaslStep =
  | { readonly kind: 'ask'; readonly challenge: string }
  | ({ readonly kind: 'credentials' } & ShownPassword)
  | { readonly kind: 'invalid'; readonly text: string };

/** `identity`: whom the user wants to act for; null: nobody else. */
export type ShownPassword = { readonly user: string; readonly password: string; readonly identity: string | null };

/** A mechanism as a pure function of the client's answers so far. */
export type SaslMechanism = (answers: readonly Buffer[]) => SaslStep;

/** RFC 4616: `[authzid] NUL authcid NUL passwd`, in one answer. */
const plain: SaslMechanism = ([message]) => {
  if (message === undefined) return { kind: 'ask', challenge: '' };
  const [identity, user, password, ...rest] = message.toString('utf8').split('\0');
  if (identity === undefined || user === undefined || password === undefined || rest.length > 0) {
    return { kind: 'invalid', text: 'Expected identity, user and password, separated by NUL' };
  }
  return { kind: 'credentials', user, password, identity: identity === '' ? null : identity };
};

/** Never standardised, yet all that some clients speak: two answers, to two questions that nobody reads. */
const login: SaslMechanism = ([user, password]) => {
  if (user === undefined) return { kind: 'ask', challenge: 'Username:' };
  if (password === undefined) return { kind: 'ask', challenge: 'Password:' };
  return { kind: 'credentials', user: user.toString('utf8'), password: password.toString('utf8'), identity: null };
};

/** Mechanisms that show the password, by name. */
export const saslMechanisms = { PLAIN: plain, LOGIN: login } as const;

/** Strict base64 of one answer; null where it is none (RFC 3501, 6.2.2: such a client gets BAD). */
export function decodeAnswer(line: Buffer): Buffer | null {
  const text = line.toString('latin1');
  const valid = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  return valid ? Buffer.from(text, 'base64') : null;
}
