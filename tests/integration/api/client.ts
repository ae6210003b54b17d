import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describeApi } from '#lib/api/describe-api.ts';
import type { Services } from '#lib/context.ts';
import * as backlogRoute from '#app/api/v1/projects/[project]/backlog/route.ts';
import * as resumeRoute from '#app/api/v1/projects/[project]/backlog/resume/route.ts';
import * as runRoute from '#app/api/v1/projects/[project]/backlog/runs/[run]/route.ts';
import * as allowRoute from '#app/api/v1/projects/[project]/backlog/allow/route.ts';
import * as floodRoute from '#app/api/v1/projects/[project]/flood/route.ts';
import * as paceRoute from '#app/api/v1/projects/[project]/pace/route.ts';
import * as suspendRoute from '#app/api/v1/projects/[project]/backlog/suspend/route.ts';
import * as batchRoute from '#app/api/v1/projects/[project]/messages/batch/route.ts';
import * as cancelRoute from '#app/api/v1/projects/[project]/messages/[id]/cancel/route.ts';
import * as tryNowRoute from '#app/api/v1/projects/[project]/messages/[id]/try-now/route.ts';
import * as limitsRoute from '#app/api/v1/projects/[project]/limits/route.ts';
import * as messageRoute from '#app/api/v1/projects/[project]/messages/[id]/route.ts';
import * as messagesRoute from '#app/api/v1/projects/[project]/messages/route.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface CallOptions {
  readonly token: string | null;
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream | object;
  readonly headers?: Readonly<Record<string, string>>;
}

const origin = 'http://localhost:3000/api/v1';

/** Calls the real route functions, as Next does, without a server between. */
export function apiClient(services: Services) {
  const described = describeApi(services.settings);
  const check = conformance(described);

  async function call(method: 'GET' | 'POST', path: string, options: CallOptions): Promise<Answer> {
    const { body } = options;
    const isRaw = typeof body === 'string' || body instanceof ReadableStream || body instanceof Uint8Array;
    // A stream needs `duplex`, which the types of fetch do not know.
    const init: RequestInit & { duplex?: 'half' } =
      body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body), duplex: 'half' };
    const request = new Request(origin + path, {
      method,
      headers: {
        ...(options.token === null ? {} : { authorization: `Bearer ${options.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...init,
    });
    const response = await dispatch(method, request);
    const answer = { status: response.status, headers: response.headers, body: await response.json() };
    check(method, new URL(request.url).pathname, answer);
    return answer;
  }

  return {
    described,
    get: (path: string, options: CallOptions) => call('GET', path, options),
    post: (path: string, options: CallOptions) => call('POST', path, options),
  };
}

function dispatch(method: 'GET' | 'POST', request: Request): Promise<Response> {
  const [project = '', rest, last] = new URL(request.url).pathname
    .split('/')
    .slice(4)
    .filter((part) => part !== 'messages');
  if (rest === 'backlog') return dispatchBacklog(request, project);
  if (rest === 'pace') return paceRoute.GET(request, { params: Promise.resolve({ project }) });
  if (rest === 'flood') return floodRoute.GET(request, { params: Promise.resolve({ project }) });
  if (rest === 'limits') return limitsRoute.GET(request, { params: Promise.resolve({ project }) });
  if (rest === undefined) {
    const route = { params: Promise.resolve({ project }) };
    return method === 'POST' ? messagesRoute.POST(request, route) : messagesRoute.GET(request, route);
  }
  if (rest === 'batch') return batchRoute.POST(request, { params: Promise.resolve({ project }) });
  const route = { params: Promise.resolve({ project, id: rest }) };
  if (last === 'try-now') return tryNowRoute.POST(request, route);
  return last === 'cancel' ? cancelRoute.POST(request, route) : messageRoute.GET(request, route);
}

function dispatchBacklog(request: Request, project: string): Promise<Response> {
  const [, part, run = ''] = new URL(request.url).pathname.split('/').slice(5);
  const route = { params: Promise.resolve({ project }) };
  if (part === 'resume') return resumeRoute.POST(request, route);
  if (part === 'allow') return allowRoute.POST(request, route);
  if (part === 'suspend') return suspendRoute.POST(request, route);
  return part === 'runs'
    ? runRoute.GET(request, { params: Promise.resolve({ project, run }) })
    : backlogRoute.GET(request, route);
}

// Every answer that a test gets must be one that the description promises for this path, method and status.
function conformance(described: object): (method: string, path: string, answer: Answer) => void {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'api', ...described });
  const validators = new Map<string, ValidateFunction>();
  return (method, path, answer) => {
    const template = templateOf(path);
    const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
    const pointer = `#/paths/${escape(template)}/${method.toLowerCase()}/responses/${answer.status}/content/${escape(type)}/schema`;
    let validate = validators.get(pointer);
    if (validate === undefined) {
      validate = ajv.compile({ $ref: `api${pointer}` });
      validators.set(pointer, validate);
    }
    if (!validate(answer.body)) {
      throw new Error(`${method} ${template} ${answer.status}: ${ajv.errorsText(validate.errors)}`);
    }
  };
}

function templateOf(path: string): string {
  return path
    .replace('/api/v1', '')
    .replace(/^\/projects\/[^/]+/, '/projects/{project}')
    .replace(/\/messages\/(?!batch)[^/]+/, '/messages/{id}')
    .replace(/\/runs\/[^/]+/, '/runs/{run}');
}

function escape(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}
