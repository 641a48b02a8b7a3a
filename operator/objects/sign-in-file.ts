import { jsonFile } from './secret-data.ts';

export type SignIn = {
  readonly user: string;
  readonly password: string;
  /** While the password is replaced, the next or the last one: tried where the first is refused. */
  readonly other?: string | undefined;
};

/** How imapd and its jobs are told to sign in to a database (`imapd/routing/credentials.ts`). */
export const signInFile = ({ user, password, other }: SignIn): string =>
  jsonFile({ user, password, ...(other === undefined || other === password ? {} : { otherPassword: other }) });
