import { roles } from '#database/roles.ts';

/** With which imapd signs in to the members of a test. */
export const mailCredentials = { user: roles.mail, password: 'the-password-of-the-mail-of-all!' };
