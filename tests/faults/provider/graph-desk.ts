import { startGraphServer, type GraphServer } from '#tests/servers/graph/server.ts';
import type { GraphFault } from '#tests/servers/graph/settings.ts';
import type { Issuer } from '#tests/servers/oauth/issuer.ts';
import {
  authority,
  comeBack,
  mailbox as sender,
  makeIssuer,
  oauthInput,
  walkConsent,
} from '#tests/integration/oauth/oauth-scene.ts';
import { commonInput } from '../support/settings.ts';
import type { Desk } from '../support/desk.ts';
import type { Ground } from '../support/ground.ts';
import { Mailbox, messageIdOf } from '../support/mailbox.ts';

export interface GraphDesk {
  readonly desk: Desk;
  readonly graph: GraphServer;
  readonly issuer: Issuer;
  /** Tokens of before are good no more while this is set. */
  revokes: boolean;
  /** A person signs in at the provider and consents. */
  consent(): Promise<void>;
}

/** A project that sends by Graph, with a consent at an authorization server of its own. */
export async function openGraphDesk(ground: Ground): Promise<GraphDesk> {
  const issuer = await makeIssuer('microsoft');
  ground.endings.add(() => issuer.close());
  const mailbox = new Mailbox();
  const state = { revokes: false };
  const graph = await startGraphServer({
    authority,
    mailboxes: [sender],
    onDelivery: ({ content, to }) => mailbox.keep({ messageId: messageIdOf(content), to }),
    readToken: async (token) => {
      const known = state.revokes ? null : await issuer.readToken(token);
      if (known === null) return null;
      return { clientId: 'mailroom', mailbox: known.account, scopes: known.scope.split(' ') };
    },
  });
  ground.endings.add(() => graph.close());
  const { connection } = oauthInput('microsoft', issuer);
  if (connection.kind !== 'smtp' || connection.authentication.kind !== 'oauth') throw new Error('no OAuth');
  const { userName: _, server, ...oauth } = connection.authentication;
  if (server.kind !== 'microsoft') throw new Error('not Microsoft');
  const desk = await ground.openDeskWith(mailbox, {
    ...commonInput(),
    sender: { name: 'Billing', address: sender, replyTo: null },
    connection: {
      kind: 'graph',
      endpoint: graph.endpoint,
      mailbox: sender,
      customCa: authority.cert,
      saveToSentItems: true,
      proveOnce: false,
      requestsCountedBy: 'client_and_mailbox',
      authentication: { ...oauth, server, scope: 'Mail.ReadWrite, Mail.Send.Shared, offline_access' },
    },
  });
  const project = { ...desk.project, laneId: desk.laneId };
  const consent = async (): Promise<void> => {
    const finished = await comeBack(ground.ctx, await walkConsent(ground.ctx, project));
    if (!finished.ok) throw new Error(`no consent: ${JSON.stringify(finished.fault)}`);
  };
  await consent();
  return Object.assign(state, { desk, graph, issuer, consent });
}

const isSend: GraphFault['when'] = ({ method, path }) => method === 'POST' && path.endsWith('/sendMail');

/** The next requests that send a mail are answered so. */
export function sendFaults(graph: GraphServer, count: number, does: GraphFault['does'], after = false): void {
  for (let fault = 0; fault < count; fault += 1) graph.switches.faults.push({ when: isSend, after, does });
}
