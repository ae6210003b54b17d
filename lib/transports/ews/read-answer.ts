import type { HttpAnswer } from '../http/request.ts';
import { errorsNamespace, messagesNamespace, soapNamespace, typesNamespace } from './requests.ts';
import { childOf, findElement, parseXml, type XmlElement } from './xml.ts';

/** What an answer of Exchange says, whatever its HTTP status. */
export type EwsAnswer =
  /** The request was done; of several parts the first one, which is what was mainly asked for. */
  | { readonly kind: 'success'; readonly body: XmlElement; readonly serverVersion: string | null }
  /** A response message or a SOAP fault with a code of Exchange's. */
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly text: string;
      readonly backOffMs: number | null;
      /** False for a message that is a warning: the server does not say that nothing was done. */
      readonly isError: boolean;
    }
  /** No SOAP of Exchange's. */
  | { readonly kind: 'foreign' };

const longestBackOffMs = 24 * 3_600_000;

export function readAnswer(answer: HttpAnswer): EwsAnswer {
  if (answer.body.length === 0) return { kind: 'foreign' };
  const root = parseXml(answer.body);
  if (root === null || root.namespace !== soapNamespace || root.name !== 'Envelope')
    return { kind: 'foreign' };
  const body = childOf(root, soapNamespace, 'Body');
  if (body === null) return { kind: 'foreign' };
  const fault = childOf(body, soapNamespace, 'Fault');
  if (fault !== null) return readFault(fault);
  const [message] = findElement(body, messagesNamespace, 'ResponseMessages')?.children ?? [];
  if (message === undefined) return { kind: 'foreign' };
  return message.attributes.get('ResponseClass') === 'Success'
    ? { kind: 'success', body, serverVersion: readVersion(root) }
    : readRefusal(message);
}

/** A fault carries the code in its detail; older servers only in its name ("a:ErrorServerBusy"). */
function readFault(fault: XmlElement): EwsAnswer {
  const named = fault.children.find(({ name }) => name === 'faultcode')?.text.trim() ?? '';
  const detail = fault.children.find(({ name }) => name === 'detail') ?? null;
  const code = childOf(detail, errorsNamespace, 'ResponseCode')?.text.trim() ?? named.replace(/^[^:]*:/, '');
  const spoken = fault.children.find(({ name }) => name === 'faultstring')?.text.trim() ?? '';
  const text = childOf(detail, errorsNamespace, 'Message')?.text.trim() ?? spoken;
  return { kind: 'refused', code, text, backOffMs: readBackOff(fault), isError: true };
}

function readRefusal(message: XmlElement): EwsAnswer {
  const code = childOf(message, messagesNamespace, 'ResponseCode')?.text.trim() ?? '';
  const text = childOf(message, messagesNamespace, 'MessageText')?.text.trim() ?? '';
  // ErrorInternalServerError may hide what really happened [EWS throttling in Exchange].
  const inner = valueNamed(message, 'InnerErrorResponseCode');
  return {
    kind: 'refused',
    code: inner ?? code,
    text: valueNamed(message, 'InnerErrorMessageText') ?? text,
    backOffMs: readBackOff(message),
    isError: message.attributes.get('ResponseClass') === 'Error',
  };
}

function readBackOff(within: XmlElement): number | null {
  const value = valueNamed(within, 'BackOffMilliseconds');
  if (value === null || !/^\d{1,12}$/.test(value)) return null;
  return Math.min(Number(value), longestBackOffMs);
}

/** The text of a `t:Value` of this name in the MessageXml. */
function valueNamed(within: XmlElement, name: string): string | null {
  if (
    within.namespace === typesNamespace &&
    within.name === 'Value' &&
    within.attributes.get('Name') === name
  ) {
    return within.text.trim();
  }
  for (const child of within.children) {
    const found = valueNamed(child, name);
    if (found !== null) return found;
  }
  return null;
}

function readVersion(root: XmlElement): string | null {
  const info = findElement(root, typesNamespace, 'ServerVersionInfo')?.attributes;
  const parts = ['MajorVersion', 'MinorVersion', 'MajorBuildNumber'].map((name) => info?.get(name));
  return parts.every((part) => part !== undefined && /^\d+$/.test(part)) ? parts.join('.') : null;
}
