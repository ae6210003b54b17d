import { z } from 'zod';
import type { Services } from '../context.ts';
import { idempotencyKey } from '../messages/schemas.ts';
import { inputSchemas, type Operation, operations, outputSchemas, scopeWords } from './operations.ts';
import { type ProblemCode, problemKinds } from './problem.ts';
import { requestLimitBytes } from './request-limit.ts';

type Json = Readonly<Record<string, unknown>>;

/** The description of the API (OpenAPI 3.1), made from the schemas that the routes parse and answer with. */
export function describeApi(settings: Services['settings']): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Mailroom',
      version: '1',
      description:
        'Hands mail of a project to Mailroom. Accepted means stored: the answer comes after the commit. ' +
        `A message has at most ${settings.maxMessageBytes} bytes, a request at most ${requestLimitBytes(settings)}.`,
    },
    servers: [{ url: `${settings.portalUrl}/api/v1` }],
    security: [{ projectKey: [] }],
    paths: paths(),
    components: {
      securitySchemes: {
        projectKey: { type: 'http', scheme: 'bearer', description: 'An API key of the project' },
      },
      schemas: { ...schemasOf(inputSchemas, 'input'), ...schemasOf(outputSchemas, 'output') },
    },
  };
}

function schemasOf(schemas: Readonly<Record<string, z.ZodType>>, io: 'input' | 'output'): Json {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const { $schema: _, ...described } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
      return [name, described];
    }),
  );
}

function paths(): Json {
  const byPath = new Map<string, Record<string, unknown>>();
  for (const operation of operations) {
    const item = byPath.get(operation.path) ?? { parameters: pathParameters(operation.path) };
    item[operation.method] = describeOperation(operation);
    byPath.set(operation.path, item);
  }
  return Object.fromEntries(byPath);
}

function describeOperation(operation: Operation): Json {
  const parameters = [
    ...(operation.takesIdempotencyKey === true ? [idempotencyHeader()] : []),
    ...(operation.query === undefined ? [] : queryParameters(operation.query)),
  ];
  return {
    operationId: operation.id,
    summary: operation.summary,
    description: `Needs a key with ${scopeWords(operation)}.`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(operation.bodies.length === 0 ? {} : { requestBody: body(operation.bodies) }),
    responses: {
      ...Object.fromEntries(
        operation.answers.map((each) => [each.status, answer(each.description, each.schema)]),
      ),
      ...problems(operation.problems),
    },
  };
}

function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function body(names: readonly string[]): Json {
  const [first = ''] = names;
  const schema = names.length === 1 ? ref(first) : { anyOf: names.map(ref) };
  return { required: true, content: { 'application/json': { schema } } };
}

function answer(description: string, name: string): Json {
  return { description, content: { 'application/json': { schema: ref(name) } } };
}

// Several refusals share a status; its description names them all.
function problems(codes: readonly ProblemCode[]): Json {
  const content = { 'application/problem+json': { schema: ref('Problem') } };
  const statuses = [...new Set(codes.map((code) => problemKinds[code].status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const titles = codes
        .filter((code) => problemKinds[code].status === status)
        .map((code) => problemKinds[code].title);
      return [status, { description: titles.join('; '), content }];
    }),
  );
}

const parameterWords: Readonly<Record<string, string>> = {
  project: 'Slug or id of the project',
  id: 'Id of the message',
};

function pathParameters(path: string): readonly Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: parameterWords[name],
    schema: { type: 'string' },
  }));
}

function idempotencyHeader(): Json {
  return {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      'Kept 24 hours: a call with the same key and body gets the first answer again, one with another body is refused (409).',
    schema: plainSchema(idempotencyKey),
  };
}

function queryParameters(query: Readonly<Record<string, z.ZodType>>): readonly Json[] {
  const named = Object.entries(query).map(([name, schema]) => {
    const { description, ...described } = plainSchema(schema);
    return {
      name,
      in: 'query',
      required: false,
      ...(description === undefined ? {} : { description }),
      schema: described,
    };
  });
  const metadata = {
    name: 'metadata',
    in: 'query',
    required: false,
    description: 'As `metadata.key=value`, up to ten',
    style: 'form',
    explode: true,
    schema: { type: 'object', additionalProperties: { type: 'string' } },
  };
  return [...named, metadata];
}

function plainSchema(schema: z.ZodType): Json {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io: 'input' });
  return described;
}
