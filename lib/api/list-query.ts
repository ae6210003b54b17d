import { z } from 'zod';
import { messageStates } from '../messages/labels.ts';
import { type listMessagesInput, messageFilters } from '../messages/list-messages.ts';
import { parseInput } from '../parse-input.ts';
import { DomainError } from '../errors.ts';

/** The query of a list, as OpenAPI describes it: all texts, `state` several times or with commas. */
export const listParameters = {
  state: z
    .array(z.enum(messageStates))
    .meta({ description: 'Only these states; several times or with commas' }),
  search: z
    .string()
    .meta({ description: 'Words of the subject, the beginning of a recipient, a Message-ID or an id' }),
  subject: z.string().meta({ description: 'Words of the subject, or how they begin' }),
  recipient: z.string().meta({ description: 'How a recipient begins' }),
  messageId: z.string().meta({ description: 'A whole Message-ID' }),
  category: z.string(),
  tag: z.string(),
  since: z.iso.datetime({ offset: true }).meta({ description: 'Accepted at or after' }),
  until: z.iso.datetime({ offset: true }).meta({ description: 'Accepted before' }),
  repeated: z
    .enum(['true', 'false'])
    .meta({ description: 'Only those that may have gone out twice, or only the others' }),
  before: z.string().meta({ description: 'The page of older messages after this id' }),
  after: z.string().meta({ description: 'The page of newer messages ahead of this id' }),
  limit: z.int().min(1).max(200).default(50),
} as const;

const known = new Set(Object.keys(listParameters));
const single = Object.keys(listParameters).filter((name) => name !== 'state');
const wholeNumber = z
  .string()
  .regex(/^\d{1,9}$/, 'This must be given as a number.')
  .transform(Number);
const yesOrNo = z.enum(['true', 'false'], 'This must be true or false.').transform((text) => text === 'true');

type ListQuery = Omit<z.input<typeof listMessagesInput>, 'project'>;

/** Reads the query of a list. Unknown names are refused; `metadata.key=value` filters by metadata. */
export function listQuery(parameters: URLSearchParams): ListQuery {
  const metadata: Record<string, string> = {};
  const given: Record<string, string> = {};
  for (const [name, value] of parameters) {
    if (name.startsWith('metadata.')) metadata[name.slice('metadata.'.length)] = value;
    else if (!known.has(name)) throw fault(name, 'There is no such filter.');
    else if (single.includes(name) && name in given) throw fault(name, 'This filter stands once.');
    else given[name] = value;
  }
  const { limit, repeated, state: _, ...texts } = given;
  const states = parameters
    .getAll('state')
    .flatMap((value) => value.split(','))
    .filter((value) => value !== '');
  return {
    ...texts,
    ...(states.length === 0 ? {} : parseInput(messageFilters.pick({ state: true }), { state: states })),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    ...(limit === undefined ? {} : { limit: parseField('limit', wholeNumber, limit) }),
    ...(repeated === undefined ? {} : { isRepeated: parseField('repeated', yesOrNo, repeated) }),
  };
}

function parseField<Value>(field: string, schema: z.ZodType<Value>, text: string): Value {
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw fault(field, parsed.error.issues[0]?.message ?? 'This is not valid.');
}

function fault(field: string, message: string): DomainError {
  return new DomainError('invalid_input', message, { issues: [{ field, message }] });
}
