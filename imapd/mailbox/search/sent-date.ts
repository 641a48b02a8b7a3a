import { parseMailDate } from '../../mime/mail-date.ts';

/** The sent date of RFC 5256, 2.2, in ms since 1970: the Date field, or INTERNALDATE where that names no day. */
export const sentDate = (dateField: string | null, internalDate: Date | undefined): number =>
  (parseMailDate(dateField ?? '')?.at ?? internalDate ?? new Date(0)).getTime();
