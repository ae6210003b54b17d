import {
  errorsNamespace,
  messagesNamespace,
  soapNamespace,
  typesNamespace,
} from '#lib/transports/ews/requests.ts';
import { escapeXml } from '#lib/transports/ews/xml.ts';
import type { Operation } from './validate.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const xml = { 'content-type': 'text/xml; charset=utf-8' };
const version =
  `<h:ServerVersionInfo MajorVersion="15" MinorVersion="2" MajorBuildNumber="1544" MinorBuildNumber="4" ` +
  `Version="V2017_07_11" xmlns:h="${typesNamespace}"/>`;

/** An operation's answer with one response message for each of `items`, all of them successes. */
export function success(operation: Operation, items: readonly string[]): Answer {
  const messages = items.map(
    (item) =>
      `<m:${operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${item}</m:${operation}ResponseMessage>`,
  );
  return { status: 200, headers: xml, body: respond(operation, messages.join('')) };
}

/** What a response message says beside its code. */
export interface MessageDetails {
  readonly text?: string;
  readonly responseClass?: 'Error' | 'Warning';
  /** `t:Value` entries of the MessageXml, such as InnerErrorResponseCode. */
  readonly values?: Readonly<Record<string, string>>;
}

export function refusal(operation: Operation, code: string, details: MessageDetails = {}): Answer {
  const { text = `${code} happened.`, responseClass = 'Error', values = {} } = details;
  const message =
    `<m:${operation}ResponseMessage ResponseClass="${responseClass}"><m:MessageText>${escapeXml(text)}</m:MessageText>` +
    `<m:ResponseCode>${code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>` +
    `${messageXml('m', values)}</m:${operation}ResponseMessage>`;
  return { status: 200, headers: xml, body: respond(operation, message) };
}

/** A SOAP fault as Exchange writes it, with HTTP 500. */
export function fault(code: string, text: string, values: Readonly<Record<string, string>> = {}): Answer {
  const detail =
    `<e:ResponseCode xmlns:e="${errorsNamespace}">${code}</e:ResponseCode>` +
    `<e:Message xmlns:e="${errorsNamespace}">${escapeXml(text)}</e:Message>${messageXml('t', values)}`;
  return {
    status: 500,
    headers: xml,
    body: envelope(
      '',
      `<s:Fault><faultcode xmlns:a="${typesNamespace}">a:${code}</faultcode>` +
        `<faultstring xml:lang="en-US">${escapeXml(text)}</faultstring><detail>${detail}</detail></s:Fault>`,
    ),
  };
}

/** Throttling as Exchange tells it [EWS throttling in Exchange]. */
export function busyFault(backOffMs: number): Answer {
  return fault('ErrorServerBusy', 'The server cannot service this request right now. Try again later.', {
    BackOffMilliseconds: String(backOffMs),
  });
}

export function plain(status: number, headers: Readonly<Record<string, string>> = {}, body = ''): Answer {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8', ...headers }, body };
}

function messageXml(prefix: 'm' | 't', values: Readonly<Record<string, string>>): string {
  const entries = Object.entries(values).map(
    ([name, value]) => `<t:Value Name="${escapeXml(name)}">${escapeXml(value)}</t:Value>`,
  );
  if (entries.length === 0) return '';
  return `<${prefix}:MessageXml xmlns:t="${typesNamespace}">${entries.join('')}</${prefix}:MessageXml>`;
}

function respond(operation: Operation, messages: string): string {
  return envelope(
    version,
    `<m:${operation}Response xmlns:m="${messagesNamespace}" xmlns:t="${typesNamespace}">` +
      `<m:ResponseMessages>${messages}</m:ResponseMessages></m:${operation}Response>`,
  );
}

function envelope(header: string, body: string): string {
  return (
    `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="${soapNamespace}">` +
    `${header === '' ? '' : `<s:Header>${header}</s:Header>`}<s:Body>${body}</s:Body></s:Envelope>`
  );
}
