/** Messages of a round; fewer for a quick look by IMAP_CLIENTS_MESSAGES=200. */
export const MANY = Number(process.env.IMAP_CLIENTS_MESSAGES ?? 2_000);
