import { describe, expect, test } from 'vitest';
import { readEndpoint } from '#lib/transports/graph/exchange.ts';
import { markerOf, markerProperty, withMarker } from '#lib/transports/graph/marker.ts';
import { GraphRequests } from '#lib/transports/graph/requests.ts';
import { maxMimeBytes, maxRequestBytes } from '#lib/transports/graph/settings.ts';

const me = new GraphRequests({ access: 'delegated', mailbox: 'sender@example.test' });
const app = new GraphRequests({ access: 'app_only', mailbox: 'sender+x@example.test' });
const immutable = { Prefer: 'IdType="ImmutableId"' };
const id = 'AAkALg/+=';

describe('requests to Graph, word for word', () => {
  test('a mail at once', () => {
    expect(me.sendMime()).toEqual({
      method: 'POST',
      path: '/me/sendMail',
      headers: { 'Content-Type': 'text/plain' },
    });
    expect(app.sendMime().path).toBe('/users/sender%2Bx%40example.test/sendMail');
    expect(me.sendJson().headers).toEqual({ 'Content-Type': 'application/json' });
  });

  test('a draft, its attachments, its sending and its end', () => {
    expect(me.createDraft()).toEqual({
      method: 'POST',
      path: '/me/messages',
      headers: { 'Content-Type': 'text/plain', ...immutable },
    });
    expect(me.attach(id, { name: 'a.pdf', contentBytes: 'AA==' })).toEqual({
      method: 'POST',
      path: '/me/messages/AAkALg%2F%2B%3D/attachments',
      headers: immutable,
      body: { '@odata.type': '#microsoft.graph.fileAttachment', name: 'a.pdf', contentBytes: 'AA==' },
    });
    expect(me.createUploadSession(id, { name: 'a.pdf', size: 5 })).toEqual({
      method: 'POST',
      path: '/me/messages/AAkALg%2F%2B%3D/attachments/createUploadSession',
      headers: immutable,
      body: { AttachmentItem: { attachmentType: 'file', name: 'a.pdf', size: 5 } },
    });
    expect(me.sendDraft(id)).toEqual({
      method: 'POST',
      path: '/me/messages/AAkALg%2F%2B%3D/send',
      headers: immutable,
    });
    expect(me.lookAtDraft(id)).toEqual({
      method: 'GET',
      path: '/me/messages/AAkALg%2F%2B%3D',
      query: { $select: 'id,isDraft,parentFolderId' },
      headers: immutable,
    });
    expect(me.deleteDraft(id)).toMatchObject({ method: 'DELETE', path: '/me/messages/AAkALg%2F%2B%3D' });
  });

  test('look-ups: quotes are doubled, and both ways of our mark are asked for', () => {
    expect(me.findByMessageId("<o'neil@example.test>").query).toEqual({
      $filter: "internetMessageId eq '<o''neil@example.test>'",
      $select: 'id,isDraft,parentFolderId',
      $expand: `singleValueExtendedProperties($filter=id eq '${markerProperty}')`,
      $top: '5',
    });
    const marks = ['send', 'draft'].map(
      (way) => `ep/value eq '${markerOf('<a@b>', way === 'send' ? 'send' : 'draft')}'`,
    );
    expect(me.findByMarker('<a@b>').query?.['$filter']).toBe(
      `singleValueExtendedProperties/any(ep: ep/id eq '${markerProperty}' and (${marks.join(' or ')}))`,
    );
    expect(me.lookAtMailbox().path).toBe('/me/mailFolders/sentitems');
  });

  test('the mark is one header line of safe characters', () => {
    const text = withMarker(Buffer.from('Subject: x\r\n\r\n'), '<a@b>', 'draft').toString();
    expect(text).toMatch(/^X-Mailroom-Mark: draft-[0-9a-f]{40}\r\nSubject: x\r\n\r\n$/);
    expect(markerOf('<a@b>', 'send')).not.toBe(markerOf('<c@b>', 'send'));
  });

  test.each([
    ['https://graph.microsoft.com/v1.0', 'https://graph.microsoft.com', '', 'v1.0'],
    ['https://dod-graph.microsoft.us/v1.0/', 'https://dod-graph.microsoft.us', '', 'v1.0'],
    ['https://microsoftgraph.chinacloudapi.cn', 'https://microsoftgraph.chinacloudapi.cn', '', 'v1.0'],
    ['https://gate.example.test:8443/graph/v1.0', 'https://gate.example.test:8443', '/graph', 'v1.0'],
  ])('the endpoint %s', (endpoint, origin, base, version) => {
    expect(readEndpoint(endpoint)).toMatchObject({ origin, base, version });
  });

  test('an endpoint in clear is refused', () => {
    expect(() => readEndpoint('http://graph.microsoft.com/v1.0')).toThrow(RangeError);
  });

  test('a mail of the largest size is a request of the largest size', () => {
    expect(Buffer.alloc(maxMimeBytes).toString('base64')).toHaveLength(maxRequestBytes);
  });
});
