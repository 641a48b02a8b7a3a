/**
 * Name of the mail schema that the imapd of this version expects. The operator calls it by this name and knows no more of it;
 * that it is the newest of imapd's migrations is tested where both are known, in `standalone/mail-schema.test.ts`.
 */
export const MAIL_SCHEMA = '10';
