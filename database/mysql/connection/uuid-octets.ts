/** A UUID as BINARY(16) has it. */
export const uuidOctets = (uuid: string): Buffer => {
  const octets = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  if (octets.length !== 16) throw new TypeError(`${uuid} is no UUID`);
  return octets;
};

export const uuidText = (octets: Buffer): string => {
  const hex = octets.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};
