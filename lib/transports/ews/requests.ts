import type { EwsTransportOptions } from './settings.ts';
import { escapeXml } from './xml.ts';

/** The SOAP requests that Mailroom sends, in the order of elements that Microsoft's schema prescribes. */

export const soapNamespace = 'http://schemas.xmlsoap.org/soap/envelope/';
export const typesNamespace = 'http://schemas.microsoft.com/exchange/services/2006/types';
export const messagesNamespace = 'http://schemas.microsoft.com/exchange/services/2006/messages';
export const errorsNamespace = 'http://schemas.microsoft.com/exchange/services/2006/errors';

/** Whose mailbox a request is about, and what is kept of a mail. */
export type EwsTarget = Pick<EwsTransportOptions, 'mailbox' | 'savesCopy'>;

/** The mark by which a mail is found again where the server gave it another Message-ID. */
const markerField =
  '<t:ExtendedFieldURI PropertySetId="4d41494c-524f-4f4d-8000-6d61696c6964" PropertyName="MailroomMessageId" PropertyType="String"/>';

/** CreateItem around the Base64 of a mail: what comes before it and what comes after it. */
export function createItemRequest(
  target: EwsTarget,
  mail: { readonly messageId: string; readonly bcc: readonly string[] },
): { readonly before: string; readonly after: string } {
  const disposition = target.savesCopy ? 'SendAndSaveCopy' : 'SendOnly';
  const savedIn = target.savesCopy
    ? `<m:SavedItemFolderId>${folder('sentitems', target)}</m:SavedItemFolderId>`
    : '';
  const marker = target.savesCopy
    ? `<t:ExtendedProperty>${markerField}<t:Value>${escapeXml(mail.messageId)}</t:Value></t:ExtendedProperty>`
    : '';
  const bcc =
    mail.bcc.length === 0 ? '' : `<t:BccRecipients>${mail.bcc.map(mailbox).join('')}</t:BccRecipients>`;
  const { before, after } = envelope(target);
  return {
    before: `${before}<m:CreateItem MessageDisposition="${disposition}">${savedIn}<m:Items><t:Message><t:MimeContent>`,
    after: `</t:MimeContent>${marker}${bcc}</t:Message></m:Items></m:CreateItem>${after}`,
  };
}

/** FindItem: a mail of this Message-ID or mark that was sent or is on its way out. */
export function findItemRequest(target: EwsTarget, messageId: string): string {
  const constant = `<t:FieldURIOrConstant><t:Constant Value="${escapeXml(messageId)}"/></t:FieldURIOrConstant>`;
  const byMessageId = `<t:IsEqualTo><t:FieldURI FieldURI="message:InternetMessageId"/>${constant}</t:IsEqualTo>`;
  const byMarker = `<t:IsEqualTo>${markerField}${constant}</t:IsEqualTo>`;
  return whole(
    target,
    '<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>' +
      '<m:IndexedPageItemView MaxEntriesReturned="1" Offset="0" BasePoint="Beginning"/>' +
      `<m:Restriction><t:Or>${byMessageId}${byMarker}</t:Or></m:Restriction>` +
      `<m:ParentFolderIds>${folder('sentitems', target)}${folder('outbox', target)}</m:ParentFolderIds></m:FindItem>`,
  );
}

/** GetFolder: the cheapest question that proves sign-in, mailbox and rights. */
export function getFolderRequest(target: EwsTarget): string {
  return whole(
    target,
    '<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape>' +
      `<m:FolderIds>${folder('sentitems', target)}</m:FolderIds></m:GetFolder>`,
  );
}

function whole(target: EwsTarget, body: string): string {
  const { before, after } = envelope(target);
  return `${before}${body}${after}`;
}

function envelope({ mailbox: other }: EwsTarget): { readonly before: string; readonly after: string } {
  const impersonation =
    other?.access === 'impersonation'
      ? `<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>${escapeXml(other.address)}</t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>`
      : '';
  return {
    before:
      '<?xml version="1.0" encoding="utf-8"?>' +
      `<soap:Envelope xmlns:soap="${soapNamespace}" xmlns:t="${typesNamespace}" xmlns:m="${messagesNamespace}">` +
      `<soap:Header><t:RequestServerVersion Version="Exchange2013_SP1"/>${impersonation}</soap:Header><soap:Body>`,
    after: '</soap:Body></soap:Envelope>',
  };
}

/** A folder of the target mailbox; with impersonation the request already speaks as that mailbox. */
function folder(id: 'sentitems' | 'outbox', { mailbox: other }: EwsTarget): string {
  const owner = other?.access === 'delegate' ? mailbox(other.address) : '';
  return owner === ''
    ? `<t:DistinguishedFolderId Id="${id}"/>`
    : `<t:DistinguishedFolderId Id="${id}">${owner}</t:DistinguishedFolderId>`;
}

function mailbox(address: string): string {
  return `<t:Mailbox><t:EmailAddress>${escapeXml(address)}</t:EmailAddress></t:Mailbox>`;
}
