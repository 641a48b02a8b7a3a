import { decodeProtectedHeader, type JWK } from 'jose';

/** Whether `jws` says that it was signed by this key: nothing is verified. A key without a name has signed nothing else. */
export const signedBy = (jws: string, { kid }: JWK): boolean =>
  kid === undefined || decodeProtectedHeader(jws).kid === kid;
