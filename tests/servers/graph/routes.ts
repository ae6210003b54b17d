import { contentType, fromBase64, parse, readJson, storedFile } from './bodies.ts';
import { Refusal, unpublished } from './refusal.ts';
import { parseFind, readSelect } from './find.ts';
import { newId, readMime, type Mailbox, type StoredMessage } from './mailbox.ts';
import { fileAttachment, uploadSessionBody } from './schema.ts';
import { limits } from './settings.ts';

export interface GraphCall {
  readonly method: string;
  /** Below the mailbox, such as "messages/AAMk…/send". */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly scopes: readonly string[];
  /** Resolves when Exchange has worked on the request for as long as it takes; then it takes effect. */
  readonly worked: () => Promise<void>;
}

export interface GraphAnswer {
  readonly status: number;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface UploadSession {
  readonly message: StoredMessage;
  readonly item: { readonly name: string; readonly size: number; readonly contentType: string };
  readonly contentId: string | null;
  readonly isInline: boolean;
  readonly token: string;
  readonly pieces: Buffer[];
  received: number;
}

/** Every request that Graph's reference describes and Mailroom makes; all others are outside the schema. */
export class GraphRoutes {
  readonly uploads = new Map<string, UploadSession>();
  readonly #uploadBase: () => string;

  constructor(uploadBase: () => string) {
    this.#uploadBase = uploadBase;
  }

  async answer(mailbox: Mailbox, call: GraphCall): Promise<GraphAnswer> {
    const [first = '', id = '', ...rest] = call.segments;
    const shape = [call.method, first, id === '' ? '' : '*', ...rest].filter((part) => part !== '').join(' ');
    if (first !== 'messages' || call.method !== 'GET' || id !== '') noQueryBut(call, shape);
    if (shape !== 'POST sendMail' && shape !== 'POST messages') await call.worked();
    switch (shape) {
      case 'POST sendMail':
        return this.#sendMail(mailbox, call);
      case 'POST messages':
        return this.#createDraft(mailbox, call);
      case 'GET messages':
        return findMessages(mailbox, call);
      case 'GET messages *':
        return { status: 200, json: present(mailbox, mailbox.find(id), call) };
      case 'DELETE messages *':
        return deleteMessage(mailbox, call, id);
      case 'POST messages * send':
        return sendDraft(mailbox, call, id);
      case 'POST messages * attachments':
        return attach(mailbox, call, id);
      case 'POST messages * attachments createUploadSession':
        return this.#openUpload(mailbox, call, id);
      case 'GET mailFolders *':
        needs(call, 'Mail.Read', 'Mail.ReadWrite');
        if (id !== 'sentitems') throw unpublished(`No folder ${id} is asked for`);
        return { status: 200, json: { id: 'sentitems-folder' } };
      default:
        throw unpublished(`No such request: ${shape}`);
    }
  }

  /** A piece of an upload, at the address that the session gave [attachment: createUploadSession]. */
  upload(id: string, token: string, call: Pick<GraphCall, 'method' | 'headers' | 'body'>): GraphAnswer {
    const session = this.uploads.get(id);
    if (session === undefined || session.token !== token) {
      throw new Refusal(401, 'InvalidAudienceForResource', 'The upload session is not known.');
    }
    if (call.method !== 'PUT') throw unpublished('An upload takes PUT');
    if (call.headers['authorization'] !== undefined) throw unpublished('An upload carries no Authorization');
    const range = /^bytes (?<from>\d+)-(?<to>\d+)\/(?<total>\d+)$/.exec(call.headers['content-range'] ?? '');
    const from = Number(range?.groups?.['from']);
    const to = Number(range?.groups?.['to']);
    if (Number(range?.groups?.['total']) !== session.item.size || to - from + 1 !== call.body.length) {
      throw new Refusal(400, 'ErrorInvalidRange', 'The range does not fit the content.');
    }
    if (from !== session.received) throw new Refusal(416, 'ErrorInvalidRange', 'Ranges come in order.');
    session.pieces.push(call.body);
    session.received += call.body.length;
    if (session.received < session.item.size) {
      return { status: 200, json: { nextExpectedRanges: [`${session.received}-`] } };
    }
    this.uploads.delete(id);
    const { name, contentType } = session.item;
    const { contentId, isInline } = session;
    const bytes = Buffer.concat(session.pieces);
    session.message.attachments.push({ name, contentType, contentId, isInline, bytes });
    return { status: 201, headers: { location: `${this.#uploadBase()}/attachments/${id}` } };
  }

  async #sendMail(mailbox: Mailbox, call: GraphCall): Promise<GraphAnswer> {
    needs(call, 'Mail.Send', 'Mail.Send.Shared');
    const type = contentType(call);
    const message =
      type === 'text/plain'
        ? await readMime(fromBase64(call.body), mailbox.address)
        : readJson(call.body, mailbox.address);
    mailbox.checkSendable(message);
    await call.worked();
    mailbox.send(mailbox.addDraft(message));
    return { status: 202 };
  }

  async #createDraft(mailbox: Mailbox, call: GraphCall): Promise<GraphAnswer> {
    needs(call, 'Mail.ReadWrite');
    if (contentType(call) !== 'text/plain') throw unpublished('Drafts are made of MIME');
    const message = await readMime(fromBase64(call.body), mailbox.address);
    await call.worked();
    const draft = mailbox.addDraft(message);
    return { status: 201, json: present(mailbox, draft, call) };
  }

  #openUpload(mailbox: Mailbox, call: GraphCall, messageId: string): GraphAnswer {
    needs(call, 'Mail.ReadWrite');
    const { AttachmentItem: item } = parse(uploadSessionBody, call);
    const message = draftOf(mailbox, messageId);
    if (item.size < limits.uploadFromBytes || item.size > limits.attachmentBytes) {
      throw new Refusal(
        400,
        'ErrorAttachmentSizeShouldNotBeLessThanMinimumSize',
        'The size is not for an upload.',
      );
    }
    const id = newId();
    const token = newId();
    const { name, size, contentType: type = 'application/octet-stream' } = item;
    this.uploads.set(id, {
      message,
      item: { name, size, contentType: type },
      contentId: item.contentId ?? null,
      isInline: item.isInline ?? false,
      token,
      pieces: [],
      received: 0,
    });
    return {
      status: 201,
      json: {
        uploadUrl: `${this.#uploadBase()}/upload/${id}?authtoken=${token}`,
        expirationDateTime: '2099-01-01T00:00:00Z',
        nextExpectedRanges: ['0-'],
      },
    };
  }
}

function needs(call: GraphCall, ...anyOf: readonly string[]): void {
  if (anyOf.some((scope) => call.scopes.includes(scope))) return;
  throw new Refusal(403, 'ErrorAccessDenied', 'Access is denied. Check credentials and try again.');
}

function noQueryBut(call: GraphCall, shape: string): void {
  const allowed = shape.startsWith('GET ') ? ['$select'] : [];
  for (const name of call.query.keys()) {
    if (!allowed.includes(name)) throw unpublished(`${shape} takes no ${name}`);
  }
}

function draftOf(mailbox: Mailbox, id: string): StoredMessage {
  const message = mailbox.find(id);
  if (!message.isDraft) throw new Refusal(400, 'ErrorInvalidOperation', 'The item is not a draft.');
  return message;
}

function attach(mailbox: Mailbox, call: GraphCall, id: string): GraphAnswer {
  needs(call, 'Mail.ReadWrite');
  const file = parse(fileAttachment, call);
  draftOf(mailbox, id).attachments.push(storedFile(file));
  return { status: 201, json: { id: newId(), name: file.name } };
}

function sendDraft(mailbox: Mailbox, call: GraphCall, id: string): GraphAnswer {
  needs(call, 'Mail.Send', 'Mail.Send.Shared');
  if (call.headers['content-length'] !== '0') throw unpublished('Sending a draft takes an empty body');
  mailbox.send(draftOf(mailbox, id));
  return { status: 202 };
}

function deleteMessage(mailbox: Mailbox, call: GraphCall, id: string): GraphAnswer {
  needs(call, 'Mail.ReadWrite');
  const message = mailbox.find(id);
  mailbox.messages.splice(mailbox.messages.indexOf(message), 1);
  return { status: 204 };
}

function findMessages(mailbox: Mailbox, call: GraphCall): GraphAnswer {
  needs(call, 'Mail.Read', 'Mail.ReadWrite');
  const { matches, expanded, top } = parseFind(call.query);
  const value = mailbox
    .visible()
    .filter((message) => matches(message))
    .slice(0, top)
    .map((message) => present(mailbox, message, call, expanded));
  return { status: 200, json: { value } };
}

function present(mailbox: Mailbox, message: StoredMessage, call: GraphCall, expanded: string | null = null) {
  readSelect(call.query);
  const marked = expanded === null ? undefined : message.properties.get(expanded);
  const isImmutable = /IdType="ImmutableId"/.test(call.headers['prefer'] ?? '');
  return {
    id: isImmutable ? message.immutableId : message.id,
    isDraft: mailbox.seemsDraft(message),
    parentFolderId: message.folder,
    ...(expanded === null || marked === undefined
      ? {}
      : { singleValueExtendedProperties: [{ id: expanded, value: marked }] }),
  };
}
