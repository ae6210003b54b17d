import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { z } from 'zod';

const asked = z.object({
  client_id: z.string(),
  scope: z.string().default(''),
  access_type: z.string().optional(),
  login_hint: z.string().optional(),
});

/** The page of the provider: who signs in, and whether that account agrees. */
export async function answerInteraction(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  page: { readonly accounts: readonly string[]; readonly offline: Set<string> },
): Promise<void> {
  const details = await provider.interactionDetails(request, response);
  const params = asked.parse(details.params);
  if (request.method !== 'POST') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(consentPage(page.accounts, params));
    return;
  }
  const form = new URLSearchParams(await readBody(request));
  const accountId = form.get('account') ?? '';
  if (form.get('answer') !== 'accept') {
    const refusal = { error: 'access_denied', error_description: 'AADSTS65004: User declined to consent.' };
    return provider.interactionFinished(request, response, refusal, { mergeWithLastSubmission: false });
  }
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  const withheld = form.get('withheld') ?? '';
  const scopes = params.scope.split(' ');
  grant.addOIDCScope(scopes.filter((scope) => scope !== withheld).join(' '));
  if (withheld !== '') grant.rejectOIDCScope(withheld);
  const grantId = await grant.save();
  if (params.access_type === 'offline') page.offline.add(grantId);
  return provider.interactionFinished(
    request,
    response,
    { login: { accountId }, consent: { grantId }, select_account: {} },
    { mergeWithLastSubmission: false },
  );
}

/** One click is enough: the account that was hinted at is chosen already. */
function consentPage(
  accounts: readonly string[],
  { scope, login_hint: hinted }: z.output<typeof asked>,
): string {
  const chosen = accounts.find((account) => account === hinted) ?? accounts[0];
  const choices = accounts.map(
    (account) =>
      `<label><input type="radio" name="account" value="${escaped(account)}"${account === chosen ? ' checked' : ''}> ${escaped(account)}</label>`,
  );
  return `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Test provider</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:30rem;margin:12vh auto;padding:0 1rem}
label{display:block;padding:.3rem 0}button{font:inherit;padding:.5rem 1.2rem;margin:1rem .5rem 0 0}code{overflow-wrap:anywhere}</style>
<h1>Sign in</h1><p>This page stands in for the provider's own: there is no password. Mailroom asks for <code>${escaped(scope)}</code></p>
<form method="post">${choices.join('')}<button name="answer" value="accept" autofocus>Accept</button>
<button name="answer" value="refuse">Refuse</button></form></html>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
