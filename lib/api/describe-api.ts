import { z } from 'zod';
import type { Services } from '../context.ts';
import { composedMessage, finishedMessage, idempotencyKey, maxBatch } from '../messages/schemas.ts';
import { listParameters } from './list-query.ts';
import { type ProblemCode, problemKinds } from './problem.ts';
import { requestLimitBytes } from './request-limit.ts';
import {
  acceptedSchema,
  batchSchema,
  dryRunSchema,
  messageDetailSchema,
  pageSchema,
  problemSchema,
} from './responses.ts';

type Json = Readonly<Record<string, unknown>>;

const inputs = {
  ComposedMessage: composedMessage,
  FinishedMessage: finishedMessage,
  Batch: z.strictObject({
    messages: z
      .array(
        z.union([
          composedMessage.safeExtend({ idempotencyKey: idempotencyKey.optional() }),
          finishedMessage.safeExtend({ idempotencyKey: idempotencyKey.optional() }),
        ]),
      )
      .min(1)
      .max(maxBatch),
  }),
} as const;

const outputs = {
  Accepted: acceptedSchema,
  DryRun: dryRunSchema,
  Message: messageDetailSchema,
  Page: pageSchema,
  BatchResult: batchSchema,
  Problem: problemSchema,
} as const;

/** The description of the API (OpenAPI 3.1), made from the schemas that the routes parse and answer with. */
export function describeApi(settings: Services['settings']): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Mailroom',
      version: '1',
      description:
        `Hands mail of a project to Mailroom. Accepted means stored: the answer comes after the commit. ` +
        `A message has at most ${settings.maxMessageBytes} bytes, a request at most ${requestLimitBytes(settings)}.`,
    },
    servers: [{ url: `${settings.portalUrl}/api/v1` }],
    security: [{ projectKey: [] }],
    paths: paths(),
    components: {
      securitySchemes: {
        projectKey: { type: 'http', scheme: 'bearer', description: 'An API key of the project' },
      },
      schemas: { ...schemasOf(inputs, 'input'), ...schemasOf(outputs, 'output') },
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
  const project = pathParameter('project', 'Slug or id of the project');
  const id = pathParameter('id', 'Id of the message');
  return {
    '/projects/{project}/messages': {
      parameters: [project],
      post: {
        operationId: 'acceptMessage',
        summary: 'Send a message',
        parameters: [idempotencyHeader()],
        requestBody: body([ref('ComposedMessage'), ref('FinishedMessage')]),
        responses: {
          202: answer('Accepted: stored, and sent as soon as it may', 'Accepted'),
          200: answer('The answer to a dry run', 'DryRun'),
          ...problems([
            'invalid_json',
            'unauthenticated',
            'forbidden',
            'not_found',
            'archived',
            'too_large',
            'unsupported_media_type',
            'invalid_input',
            'too_many_requests',
            'unexpected',
            'unavailable',
          ]),
        },
      },
      get: {
        operationId: 'listMessages',
        summary: 'List messages, newest first',
        parameters: listQueryParameters(),
        responses: {
          200: answer('A page of messages', 'Page'),
          ...problems([
            'unauthenticated',
            'forbidden',
            'not_found',
            'invalid_input',
            'unexpected',
            'unavailable',
          ]),
        },
      },
    },
    '/projects/{project}/messages/batch': {
      parameters: [project],
      post: {
        operationId: 'acceptBatch',
        summary: `Send up to ${maxBatch} messages, each with its own result`,
        requestBody: body([ref('Batch')]),
        responses: {
          200: answer('One result for each message, in the order given', 'BatchResult'),
          ...problems([
            'invalid_json',
            'unauthenticated',
            'forbidden',
            'not_found',
            'archived',
            'too_large',
            'unsupported_media_type',
            'invalid_input',
            'too_many_requests',
            'unexpected',
            'unavailable',
          ]),
        },
      },
    },
    '/projects/{project}/messages/{id}': {
      parameters: [project, id],
      get: {
        operationId: 'getMessage',
        summary: 'Read one message with its recipients and attempts',
        responses: {
          200: answer('The message', 'Message'),
          ...problems(['unauthenticated', 'forbidden', 'not_found', 'unexpected', 'unavailable']),
        },
      },
    },
    '/projects/{project}/messages/{id}/cancel': {
      parameters: [project, id],
      post: {
        operationId: 'cancelMessage',
        summary: 'Cancel a message that has not started',
        responses: {
          200: answer('The message, cancelled', 'Message'),
          ...problems([
            'unauthenticated',
            'forbidden',
            'not_found',
            'wrong_state',
            'unexpected',
            'unavailable',
          ]),
        },
      },
    },
  };
}

function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function body(schemas: readonly Json[]): Json {
  const schema = schemas.length === 1 ? schemas[0] : { anyOf: schemas };
  return { required: true, content: { 'application/json': { schema } } };
}

function answer(description: string, name: string): Json {
  return { description, content: { 'application/json': { schema: ref(name) } } };
}

function problems(codes: readonly ProblemCode[]): Json {
  const content = { 'application/problem+json': { schema: ref('Problem') } };
  return Object.fromEntries(
    codes.map((code) => [problemKinds[code].status, { description: problemKinds[code].title, content }]),
  );
}

function pathParameter(name: string, description: string): Json {
  return { name, in: 'path', required: true, description, schema: { type: 'string' } };
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

function listQueryParameters(): readonly Json[] {
  const named = Object.entries(listParameters).map(([name, schema]) => {
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
