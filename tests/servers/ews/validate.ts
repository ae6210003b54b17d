import { messagesNamespace, soapNamespace, typesNamespace } from '#lib/transports/ews/requests.ts';
import { parseXml, type XmlElement } from '#lib/transports/ews/xml.ts';
import { elementRules, type ElementRule, type Particle } from './schema.ts';

export type Operation = 'CreateItem' | 'FindItem' | 'GetFolder';

/** A request that keeps to the schema. */
export interface EwsRequest {
  readonly operation: Operation;
  readonly root: XmlElement;
  readonly body: XmlElement;
  /** The mailbox that the request speaks as; null: the sign-in's own. */
  readonly impersonated: string | null;
}

const operations: readonly Operation[] = ['CreateItem', 'FindItem', 'GetFolder'];
const prefixes: Readonly<Record<string, string>> = { [typesNamespace]: 't', [messagesNamespace]: 'm' };

/** Reads a SOAP 1.1 request and holds it to the schema. A string says what is wrong with it. */
export function readRequest(bytes: Buffer): EwsRequest | string {
  const root = parseXml(bytes);
  if (root === null) return 'This is no XML, or it has a document type';
  if (qualified(root) !== `{${soapNamespace}}Envelope`) return 'The root is no SOAP 1.1 envelope';
  const [header, body] = root.children;
  if (root.children.length !== 2 || header === undefined || body === undefined)
    return 'Header and Body are wanted';
  if (header.namespace !== soapNamespace || header.name !== 'Header') return 'The first part is no Header';
  if (body.namespace !== soapNamespace || body.name !== 'Body') return 'The second part is no Body';
  const fault = readHeader(header);
  if (fault !== null) return fault;
  const [operation] = body.children;
  const name = operations.find(
    (known) => `m:${known}` === (operation === undefined ? '' : qualified(operation)),
  );
  if (operation === undefined || name === undefined || body.children.length !== 1)
    return 'No operation that is known';
  const violation = violationOf(operation);
  if (violation !== null) return violation;
  const impersonation = header.children.find((part) => part.name === 'ExchangeImpersonation');
  return { operation: name, root, body: operation, impersonated: impersonation?.text.trim() ?? null };
}

function readHeader(header: XmlElement): string | null {
  const names = header.children.map((part) => qualified(part));
  if (new Set(names).size !== names.length) return 'A SOAP header stands twice';
  if (!names.includes('t:RequestServerVersion')) return 'RequestServerVersion is missing';
  for (const part of header.children) {
    const violation = violationOf(part);
    if (violation !== null) return violation;
  }
  return null;
}

/** The first thing in which an element or one below it departs from its rule. */
function violationOf(element: XmlElement): string | null {
  const name = qualified(element);
  const rule = elementRules[name];
  if (rule === undefined) return `The element '${name}' is not known here`;
  return (
    attributeViolation(element, rule) ??
    textViolation(element, rule) ??
    sequenceViolation(element, rule.sequence ?? []) ??
    element.children.map((child) => violationOf(child)).find((found) => found !== null) ??
    null
  );
}

function attributeViolation(element: XmlElement, { attributes = {} }: ElementRule): string | null {
  for (const [name, value] of element.attributes) {
    const wanted = attributes[name];
    if (wanted === undefined) return `The '${name}' attribute is not declared at '${element.name}'`;
    if (!wanted.value.test(value)) return `The '${name}' attribute has an invalid value: '${value}'`;
  }
  const missing = Object.entries(attributes).find(
    ([name, { isRequired }]) => isRequired === true && !element.attributes.has(name),
  );
  return missing === undefined
    ? null
    : `The required attribute '${missing[0]}' is missing at '${element.name}'`;
}

function textViolation(element: XmlElement, { text }: ElementRule): string | null {
  if (text !== undefined) return text.test(element.text) ? null : `The text of '${element.name}' is invalid`;
  return element.children.length === 0 && element.text.trim() !== '' ? `'${element.name}' has text` : null;
}

function sequenceViolation(element: XmlElement, sequence: readonly Particle[]): string | null {
  let at = 0;
  for (const { choice, min, max } of sequence) {
    let count = 0;
    for (let child = element.children[at]; child !== undefined; child = element.children[at]) {
      if (count === max || !choice.includes(qualified(child))) break;
      count += 1;
      at += 1;
    }
    if (count < min) return `'${element.name}' is incomplete: '${choice.join("' or '")}' is expected`;
  }
  const extra = element.children[at];
  return extra === undefined ? null : `'${element.name}' has the invalid child '${extra.name}' in this place`;
}

/** "t:Message" for what Exchange names, "{namespace}name" for everything else. */
export function qualified({ namespace, name }: XmlElement): string {
  const prefix = prefixes[namespace];
  return prefix === undefined ? `{${namespace}}${name}` : `${prefix}:${name}`;
}
