import { expect, test } from 'vitest';
import { paths } from '#lib/paths.ts';

// Every builder with example parts; a new one without a line here fails.
const examples: Readonly<Record<string, string>> = {
  root: paths.root(),
  signIn: paths.signIn({ from: '/northwind?x=1' }),
  setup: paths.setup('to/ken'),
  inbox: paths.inbox({ q: 'a b', page: null }),
  inboxRaw: paths.inboxRaw('m1'),
  home: paths.home('northwind'),
  newProject: paths.newProject('northwind'),
  organizationHistory: paths.organizationHistory('northwind', { by: 'dana@example.com' }),
  organizationSettings: paths.organizationSettings('northwind'),
  account: paths.account('northwind'),
  project: paths.project('northwind', 'billing'),
  messages: paths.messages('northwind', 'billing', { state: 'failed', q: '' }),
  message: paths.message('northwind', 'billing', 'm1'),
  messagePreview: paths.messagePreview('northwind', 'billing', 'm1'),
  messageRaw: paths.messageRaw('northwind', 'billing', 'm1'),
  testMail: paths.testMail('northwind', 'billing'),
  mailSettings: paths.mailSettings('northwind', 'billing'),
  settingsHistory: paths.settingsHistory('northwind', 'billing', { from: 3, to: 4 }),
  projectHistory: paths.projectHistory('northwind', 'billing'),
  keys: paths.keys('northwind', 'billing'),
  'api.description': paths.api.description(),
  'api.documentation': paths.api.documentation(),
  'api.messages': paths.api.messages('billing', { limit: 10 }),
  'api.messageBatch': paths.api.messageBatch('billing'),
  'api.message': paths.api.message('billing', 'm1'),
  'api.cancelMessage': paths.api.cancelMessage('billing', 'm1'),
  'api.health': paths.api.health(),
  'api.ready': paths.api.ready(),
  'api.events': paths.api.events('northwind'),
};

test('every path of the portal and the API', () => {
  expect(examples).toMatchInlineSnapshot(`
    {
      "account": "/northwind/-/account",
      "api.cancelMessage": "/api/v1/projects/billing/messages/m1/cancel",
      "api.description": "/api/v1/openapi.json",
      "api.documentation": "/reference",
      "api.events": "/api/events?org=northwind",
      "api.health": "/api/health",
      "api.message": "/api/v1/projects/billing/messages/m1",
      "api.messageBatch": "/api/v1/projects/billing/messages/batch",
      "api.messages": "/api/v1/projects/billing/messages?limit=10",
      "api.ready": "/api/ready",
      "home": "/northwind",
      "inbox": "/inbox?q=a+b",
      "inboxRaw": "/inbox/m1/raw",
      "keys": "/northwind/billing/keys",
      "mailSettings": "/northwind/billing/mail-settings",
      "message": "/northwind/billing/messages/m1",
      "messagePreview": "/northwind/billing/messages/m1/preview",
      "messageRaw": "/northwind/billing/messages/m1/raw",
      "messages": "/northwind/billing/messages?state=failed",
      "newProject": "/northwind?new=project",
      "organizationHistory": "/northwind/-/history?by=dana%40example.com",
      "organizationSettings": "/northwind/-/settings",
      "project": "/northwind/billing",
      "projectHistory": "/northwind/billing/history",
      "root": "/",
      "settingsHistory": "/northwind/billing/mail-settings/history?from=3&to=4",
      "setup": "/setup/to%2Fken",
      "signIn": "/sign-in?from=%2Fnorthwind%3Fx%3D1",
      "testMail": "/northwind/billing/mail-settings/test",
    }
  `);
});

test('no builder is left out', () => {
  const { api, ...pages } = paths;
  const names = [...Object.keys(pages), ...Object.keys(api).map((name) => `api.${name}`)];
  expect(Object.keys(examples).toSorted()).toEqual(names.toSorted());
});
