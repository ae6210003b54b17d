import { markerOf, markerProperty } from './marker.ts';
import type { GraphTransportOptions } from './settings.ts';

/** One request to Graph as data. */
export interface GraphRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the endpoint, with its version left out. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Written as JSON. A mail's own bytes are no part of this: they are streamed behind their gates. */
  readonly body?: object;
}

const immutableIds = { Prefer: 'IdType="ImmutableId"' };

/** Builds every request that Mailroom makes to Graph. Pure. */
export class GraphRequests {
  readonly #mailbox: string;

  constructor({ access, mailbox }: Pick<GraphTransportOptions, 'access' | 'mailbox'>) {
    this.#mailbox = access === 'delegated' ? '/me' : `/users/${encodeURIComponent(mailbox)}`;
  }

  /** The whole mail at once; Exchange always keeps a copy of MIME [user: sendMail]. */
  sendMime(): GraphRequest {
    return { method: 'POST', path: `${this.#mailbox}/sendMail`, headers: { 'Content-Type': 'text/plain' } };
  }

  /** The whole mail as JSON: the only way to keep no copy in Sent Items. */
  sendJson(): GraphRequest {
    return {
      method: 'POST',
      path: `${this.#mailbox}/sendMail`,
      headers: { 'Content-Type': 'application/json' },
    };
  }

  /** A draft whose id stays the same when it is sent [Obtain immutable identifiers for Outlook resources]. */
  createDraft(): GraphRequest {
    return {
      method: 'POST',
      path: `${this.#mailbox}/messages`,
      headers: { 'Content-Type': 'text/plain', ...immutableIds },
    };
  }

  attach(draftId: string, attachment: object): GraphRequest {
    return {
      method: 'POST',
      path: `${this.#message(draftId)}/attachments`,
      headers: immutableIds,
      body: { '@odata.type': '#microsoft.graph.fileAttachment', ...attachment },
    };
  }

  /** For attachments from 3 to 150 MB [attachment: createUploadSession]. */
  createUploadSession(draftId: string, item: object): GraphRequest {
    return {
      method: 'POST',
      path: `${this.#message(draftId)}/attachments/createUploadSession`,
      headers: immutableIds,
      body: { AttachmentItem: { attachmentType: 'file', ...item } },
    };
  }

  sendDraft(draftId: string): GraphRequest {
    return { method: 'POST', path: `${this.#message(draftId)}/send`, headers: immutableIds };
  }

  lookAtDraft(draftId: string): GraphRequest {
    return {
      method: 'GET',
      path: this.#message(draftId),
      query: { $select: 'id,isDraft,parentFolderId' },
      headers: immutableIds,
    };
  }

  deleteDraft(draftId: string): GraphRequest {
    return { method: 'DELETE', path: this.#message(draftId), headers: immutableIds };
  }

  /** Over all folders, Drafts and Outbox too. */
  findByMessageId(messageId: string): GraphRequest {
    return this.#find(`internetMessageId eq '${messageId.replaceAll("'", "''")}'`);
  }

  findByMarker(messageId: string): GraphRequest {
    const values = (['send', 'draft'] as const).map((way) => `ep/value eq '${markerOf(messageId, way)}'`);
    return this.#find(
      `singleValueExtendedProperties/any(ep: ep/id eq '${markerProperty}' and (${values.join(' or ')}))`,
    );
  }

  /** The smallest question that any mailbox answers. */
  lookAtMailbox(): GraphRequest {
    return { method: 'GET', path: `${this.#mailbox}/mailFolders/sentitems`, query: { $select: 'id' } };
  }

  #find(filter: string): GraphRequest {
    return {
      method: 'GET',
      path: `${this.#mailbox}/messages`,
      query: {
        $filter: filter,
        $select: 'id,isDraft,parentFolderId',
        $expand: `singleValueExtendedProperties($filter=id eq '${markerProperty}')`,
        $top: '5',
      },
      headers: immutableIds,
    };
  }

  #message(id: string): string {
    return `${this.#mailbox}/messages/${encodeURIComponent(id)}`;
  }
}
