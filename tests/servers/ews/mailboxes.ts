import { childOf, findElement, type XmlElement } from '#lib/transports/ews/xml.ts';
import { typesNamespace } from '#lib/transports/ews/requests.ts';
import PostalMime, { type Address } from 'postal-mime';

/** A mail that was handed over, with everyone who gets it. */
export interface SubmittedMail {
  readonly mailbox: string;
  readonly to: readonly string[];
  readonly messageId: string;
  /** The MIME as the recipients see it. */
  readonly content: string;
  readonly isCopySaved: boolean;
}

/** What a look into a folder can find. */
export interface StoredCopy {
  readonly messageId: string;
  readonly extended: ReadonlyMap<string, string>;
  /** Looks that do not see it yet. */
  looksUntilVisible: number;
}

/** What Microsoft does not document, to be tried both ways. */
export interface Undocumented {
  /** Whether recipients of a Bcc header in the MIME get the mail. */
  readonly mimeBcc: 'honoured' | 'ignored';
  /** Whether BccRecipients and its like take the place of the MIME's, or come beside them. */
  readonly recipientElements: 'replace' | 'add';
  readonly messageId: 'kept' | 'replaced';
  readonly looksUntilVisible: number;
}

/** A mail as a CreateItem gives it; a string is the response code that refuses it. */
export interface ReadMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly messageId: string;
  readonly content: string;
  readonly sizeBytes: number;
  readonly extended: ReadonlyMap<string, string>;
}

const address = /^[^\s<>,;@]+@[^\s<>,;@]+\.[^\s<>,;@]+$/;

/** Reads the mail of a `t:Message` whose schema was checked. */
export async function readMessage(message: XmlElement, rules: Undocumented): Promise<ReadMail | string> {
  const encoded = childOf(message, typesNamespace, 'MimeContent')?.text ?? '';
  if (encoded === '') return 'ErrorMimeContentInvalid';
  if (!isBase64(encoded)) return 'ErrorMimeContentInvalidBase64String';
  const bytes = Buffer.from(encoded, 'base64');
  const mime = await PostalMime.parse(bytes);
  const recipients = (['to', 'cc', 'bcc'] as const).flatMap((kind) => {
    const inMime = kind === 'bcc' && rules.mimeBcc === 'ignored' ? [] : plain(mime[kind]);
    const inElements = ofElement(message, `${kind[0]?.toUpperCase()}${kind.slice(1)}Recipients`);
    if (inElements === null) return inMime;
    return rules.recipientElements === 'replace' ? inElements : [...inMime, ...inElements];
  });
  const distinct = [...new Set(recipients.map((each) => each.toLowerCase()))];
  if (distinct.length === 0 || !distinct.every((each) => address.test(each))) return 'ErrorInvalidRecipients';
  return {
    from: (mime.from?.address ?? '').toLowerCase(),
    to: [...new Set(recipients)],
    messageId: mime.messageId ?? '',
    content: withoutBcc(bytes.toString('utf8')),
    sizeBytes: bytes.length,
    extended: extendedOf(message),
  };
}

function isBase64(text: string): boolean {
  const digits = text.replace(/={1,2}$/, '');
  return text.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(digits);
}

function plain(addresses: readonly Address[] | undefined): string[] {
  return (addresses ?? []).flatMap((entry) =>
    entry.group === undefined ? [entry.address ?? ''] : entry.group.map((member) => member.address ?? ''),
  );
}

function ofElement(message: XmlElement, name: string): string[] | null {
  const element = childOf(message, typesNamespace, name);
  if (element === null) return null;
  return element.children.map((mailbox) => childOf(mailbox, typesNamespace, 'EmailAddress')?.text ?? '');
}

function extendedOf(message: XmlElement): Map<string, string> {
  const properties = message.children.filter(({ name }) => name === 'ExtendedProperty');
  return new Map(
    properties.map((property) => [
      fieldKey(childOf(property, typesNamespace, 'ExtendedFieldURI')),
      childOf(property, typesNamespace, 'Value')?.text ?? '',
    ]),
  );
}

/** Which property an ExtendedFieldURI names. */
export function fieldKey(field: XmlElement | null): string {
  return [...(field?.attributes ?? [])].map(([name, value]) => `${name}=${value}`).join(' ');
}

/** Whether a copy fits a restriction made of Or, And and IsEqualTo. */
export function fits(copy: StoredCopy, expression: XmlElement): boolean {
  switch (expression.name) {
    case 'Or':
      return expression.children.some((part) => fits(copy, part));
    case 'And':
      return expression.children.every((part) => fits(copy, part));
    case 'IsEqualTo': {
      const [field = null] = expression.children;
      const wanted = findElement(expression, typesNamespace, 'Constant')?.attributes.get('Value');
      const actual =
        field?.name === 'ExtendedFieldURI' ? copy.extended.get(fieldKey(field)) : internetField(copy, field);
      return actual !== undefined && actual === wanted;
    }
    default:
      return false;
  }
}

function internetField(copy: StoredCopy, field: XmlElement | null): string | undefined {
  return field?.attributes.get('FieldURI') === 'message:InternetMessageId' ? copy.messageId : undefined;
}

function withoutBcc(content: string): string {
  const end = content.indexOf('\r\n\r\n');
  return `${content.slice(0, end + 2).replaceAll(/^bcc:.*\r\n(?:[ \t].*\r\n)*/gim, '')}${content.slice(end + 2)}`;
}
