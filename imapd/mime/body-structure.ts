import type { ResponseWriter } from '../protocol/response-writer.ts';
import { writeEnvelope } from './envelope.ts';
import { fieldOf, type Part, parameterOf } from './part.ts';
import { type Parameter, parseStructuredValue } from './structured-value.ts';

/** BODYSTRUCTURE (`extended`) or BODY of a part (RFC 3501, 7.4.2). Recursion ends with the tree, whose depth is bounded. */
export function writeBodyStructure(writer: ResponseWriter, part: Part, extended: boolean): void {
  writer.raw('(');
  if (part.kind === 'multipart') {
    for (const child of part.parts) writeBodyStructure(writer, child, extended);
    string(writer.space(), part.subtype);
    if (extended) writeParameters(writer.space(), part.parameters);
  } else {
    writeSinglePart(writer, part, extended);
  }
  if (extended) writeExtension(writer, part);
  writer.raw(')');
}

function writeSinglePart(writer: ResponseWriter, part: Part, extended: boolean): void {
  string(writer, part.type);
  string(writer.space(), part.subtype);
  const isText = part.type.toLowerCase() === 'text';
  // Without a charset text is US-ASCII (RFC 2045, 5.2), and that is what is said.
  const implied = isText && parameterOf(part.parameters, 'charset') === null;
  writeParameters(writer.space(), implied ? [...part.parameters, ['charset', 'us-ascii']] : part.parameters);
  nstring(writer.space(), fieldOf(part.fields, 'content-id'));
  nstring(writer.space(), fieldOf(part.fields, 'content-description'));
  string(writer.space(), part.encoding);
  writer.space().number(part.endAt - part.bodyAt);
  const [inside] = part.parts;
  if (part.kind === 'message' && inside !== undefined) {
    writeEnvelope(writer.space(), inside.fields);
    writeBodyStructure(writer.space(), inside, extended);
    writer.space().number(part.lines);
  } else if (isText) {
    writer.space().number(part.lines);
  }
  if (extended) nstring(writer.space(), fieldOf(part.fields, 'content-md5'));
}

/** Disposition, language, location: the same for every part. */
function writeExtension(writer: ResponseWriter, { fields }: Part): void {
  const disposition = parseStructuredValue(fieldOf(fields, 'content-disposition') ?? '');
  writer.space();
  if (disposition.value === '') writer.nil();
  else {
    string(writer.raw('('), disposition.value);
    writeParameters(writer.space(), disposition.parameters);
    writer.raw(')');
  }
  writeLanguages(writer.space(), fieldOf(fields, 'content-language'));
  nstring(writer.space(), fieldOf(fields, 'content-location'));
}

function writeParameters(writer: ResponseWriter, parameters: readonly Parameter[]): void {
  if (parameters.length === 0) {
    writer.nil();
    return;
  }
  let separator = '(';
  for (const [name, value] of parameters) {
    string(writer.raw(separator), name);
    string(writer.space(), value);
    separator = ' ';
  }
  writer.raw(')');
}

/** Content-Language (RFC 3282): NIL, one string, or a list. */
function writeLanguages(writer: ResponseWriter, field: string | null): void {
  const languages = (field ?? '').split(',').map((language) => parseStructuredValue(language).value);
  const named = languages.filter((language) => language !== '');
  if (named.length === 0) writer.nil();
  else {
    let separator = '(';
    for (const language of named) {
      string(writer.raw(separator), language);
      separator = ' ';
    }
    writer.raw(')');
  }
}

const string = (writer: ResponseWriter, latin1: string): ResponseWriter => writer.string(Buffer.from(latin1, 'latin1'));
const nstring = (writer: ResponseWriter, latin1: string | null): ResponseWriter =>
  latin1 === null ? writer.nil() : string(writer, latin1);
