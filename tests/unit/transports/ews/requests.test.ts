import { describe, expect, test } from 'vitest';
import {
  createItemRequest,
  findItemRequest,
  getFolderRequest,
  type EwsTarget,
} from '#lib/transports/ews/requests.ts';
import { readRequest } from '#tests/servers/ews/validate.ts';

const own: EwsTarget = { mailbox: null, savesCopy: true };
const shared: EwsTarget = {
  mailbox: { address: 'shared@example.test', access: 'delegate' },
  savesCopy: true,
};
const spokenFor: EwsTarget = {
  mailbox: { address: 'shared@example.test', access: 'impersonation' },
  savesCopy: false,
};

function createItem(target: EwsTarget, bcc: readonly string[]): string {
  const { before, after } = createItemRequest(target, { messageId: '<a&b@example.test>', bcc });
  return `${before}U3ViamVjdDogeA0KDQp4DQo=${after}`;
}

const requests: readonly (readonly [string, string])[] = [
  ['create-item', createItem(own, ['hidden@example.test', "o'neil@example.test"])],
  ['create-item-delegate', createItem(shared, [])],
  ['create-item-impersonation', createItem(spokenFor, [])],
  ['find-item', findItemRequest(own, '<a&b@example.test>')],
  ['find-item-delegate', findItemRequest(shared, '<a@example.test>')],
  ['get-folder', getFolderRequest(own)],
  ['get-folder-impersonation', getFolderRequest(spokenFor)],
];

describe.each(requests)('%s', (name, request) => {
  test('is the golden file', async () => {
    await expect(`${request.replaceAll('><', '>\n<')}\n`).toMatchFileSnapshot(`golden/${name}.xml`);
  });

  test("keeps to Microsoft's types", () => {
    expect(readRequest(Buffer.from(request))).toMatchObject({ root: { name: 'Envelope' } });
  });
});

describe('the simulator refuses', () => {
  const good = createItem(own, ['hidden@example.test']);
  const marker = /<t:ExtendedProperty>.*<\/t:ExtendedProperty>/.exec(good)?.[0] ?? '';
  const bcc = /<t:BccRecipients>.*<\/t:BccRecipients>/.exec(good)?.[0] ?? '';

  test.each([
    ['recipients before the extended property', good.replace(marker + bcc, bcc + marker)],
    ['a property before the content', good.replace('<t:MimeContent>', `${marker}<t:MimeContent>`)],
    [
      'the folder after the items',
      good.replace(/(<m:SavedItemFolderId>.*<\/m:SavedItemFolderId>)(<m:Items>.*<\/m:Items>)/, '$2$1'),
    ],
    ['a type in the namespace of messages', good.replaceAll('t:Message>', 'm:Message>')],
    [
      'an attribute that is not declared',
      good.replace('MessageDisposition=', 'Send="yes" MessageDisposition='),
    ],
    ['a disposition that does not exist', good.replace('SendAndSaveCopy', 'SendNow')],
    ['an address that is none', good.replace('hidden@example.test', 'hidden')],
    ['no version', good.replace('<t:RequestServerVersion Version="Exchange2013_SP1"/>', '')],
    ['a document type', good.replace('<soap:Envelope', '<!DOCTYPE x><soap:Envelope')],
    [
      'another envelope',
      good.replaceAll('http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope'),
    ],
    [
      'a search without its way of looking',
      findItemRequest(own, '<a@b>').replace(' Traversal="Shallow"', ''),
    ],
    [
      'a restriction after the folders',
      findItemRequest(own, '<a@b>').replace(
        /(<m:Restriction>.*<\/m:Restriction>)(.*)(<\/m:FindItem>)/,
        '$2$1$3',
      ),
    ],
  ])('%s', (_what, request) => {
    expect(request).not.toBe(good);
    expect(typeof readRequest(Buffer.from(request))).toBe('string');
  });
});
