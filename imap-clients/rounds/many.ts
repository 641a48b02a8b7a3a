/** Messages of a round. With 2,000 (IMAP_CLIENTS_MESSAGES=2000) the rounds of all programs take a quarter of an hour. */
export const MANY = Number(process.env.IMAP_CLIENTS_MESSAGES ?? 200);
