import { request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly body: string;
  readonly location: string | null;
}

/** As much of a browser as a consent takes: cookies by host, redirects one at a time, and a form that is sent. */
export class SmallBrowser {
  readonly #ca: string;
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(ca: string) {
    this.#ca = ca;
  }

  get(url: string): Promise<Page> {
    return this.#send(url, null);
  }

  /** Signs in on the provider's page as `account` and answers; follows every redirect of the provider itself. */
  async consent(
    authorizationUrl: string,
    account: string,
    answer: 'accept' | 'refuse' = 'accept',
    /** A right that the account does not grant, as Google lets people untick one. */
    withheld = '',
  ): Promise<string> {
    const host = new URL(authorizationUrl).host;
    let page = await this.#follow(await this.get(authorizationUrl), host);
    if (page.location === null && page.body.includes('<form')) {
      const form = new URLSearchParams({ account, answer, withheld }).toString();
      page = await this.#follow(await this.#send(page.url, form), host);
    }
    if (page.location === null) throw new Error(`the provider stopped at ${page.url}: ${page.body}`);
    return page.location;
  }

  // Stops where the provider leads to somebody else: that address is the callback.
  async #follow(start: Page, host: string): Promise<Page> {
    let page = start;
    for (let steps = 0; steps < 10 && page.location !== null; steps += 1) {
      if (new URL(page.location).host !== host) return page;
      page = await this.get(page.location);
    }
    return page;
  }

  #send(url: string, form: string | null): Promise<Page> {
    const target = new URL(url);
    const jar = this.#cookies.get(target.host) ?? new Map<string, string>();
    this.#cookies.set(target.host, jar);
    const headers = {
      cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
      ...(form === null
        ? {}
        : {
            'content-type': 'application/x-www-form-urlencoded',
            'content-length': Buffer.byteLength(form),
          }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(
        target,
        { method: form === null ? 'GET' : 'POST', headers, ca: this.#ca, agent: false },
        (response) => {
          keepCookies(jar, response.headers);
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const { location } = response.headers;
            resolve({
              url,
              status: response.statusCode ?? 0,
              body: Buffer.concat(chunks).toString('utf8'),
              location: location === undefined ? null : new URL(location, target).toString(),
            });
          });
        },
      );
      sent.on('error', reject);
      sent.end(form ?? undefined);
    });
  }
}

function keepCookies(jar: Map<string, string>, headers: IncomingHttpHeaders): void {
  for (const cookie of headers['set-cookie'] ?? []) {
    const [pair = ''] = cookie.split(';');
    const [name = '', ...value] = pair.split('=');
    if (/expires=Thu, 01 Jan 1970/i.test(cookie)) jar.delete(name);
    else jar.set(name, value.join('='));
  }
}
