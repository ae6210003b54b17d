import type { z } from 'zod';
import type { listHeldInput } from '../backlog/list-held.ts';
import { heldFilters } from '../backlog/schemas.ts';
import { invalidField } from '../errors.ts';
import { parseInput } from '../parse-input.ts';
import { heldParameters } from './backlog-schemas.ts';

type HeldQuery = z.input<typeof listHeldInput>;

const lists = new Set(['reason', 'priority']);
const numbers = new Set(['minRecipients', 'limit']);
const outside = new Set(['state', 'sort', 'after', 'before', 'limit']);

/** Reads the query of the list of held mails for the verb, which checks the values. Unknown names are refused. */
export function heldQuery(project: string, parameters: URLSearchParams): HeldQuery {
  const filters: Record<string, unknown> = {};
  const input: Record<string, unknown> = {};
  for (const name of new Set(parameters.keys())) {
    if (!(name in heldParameters)) throw invalidField(name, 'There is no such filter.');
    const given = parameters.getAll(name);
    const [text = ''] = given;
    if (given.length > 1 && !lists.has(name)) throw invalidField(name, 'This filter stands once.');
    if (numbers.has(name) && !/^\d{1,7}$/.test(text))
      throw invalidField(name, 'This must be given as a number.');
    if (name === 'order' && text !== 'up' && text !== 'down') {
      throw invalidField(name, 'This must be one of up, down.');
    }
    const several = given.flatMap((each) => each.split(',')).filter((each) => each !== '');
    const value = lists.has(name) ? several : numbers.has(name) ? Number(text) : text;
    if (name === 'order') input['descending'] = text === 'down';
    else if (outside.has(name)) input[name] = value;
    else filters[name] = value;
  }
  // Here already, so that a fault has the name that the caller gave.
  parseInput(heldFilters, filters);
  return asInput({ ...input, project, filters });
}

// The verb parses it: what stands here under a known name may still be refused there, by that name.
function asInput(given: Readonly<Record<string, unknown>> & { project: string }): HeldQuery {
  return given;
}
