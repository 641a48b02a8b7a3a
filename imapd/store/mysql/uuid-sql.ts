/** A UUID as a text, in SQL that both servers have. @param octets an expression of BINARY(16) */
export const uuidSql = (octets: string): string => {
  const part = (from: number, length: number): string => `SUBSTR(HEX(${octets}), ${from}, ${length})`;
  return `LOWER(CONCAT_WS('-', ${part(1, 8)}, ${part(9, 4)}, ${part(13, 4)}, ${part(17, 4)}, ${part(21, 12)}))`;
};
