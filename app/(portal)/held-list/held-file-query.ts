import { z } from 'zod';
import { exportFormats, type ExportFormat, type HeldSelectionInput } from '#lib/backlog/schemas.ts';
import { isId } from '#lib/ids.ts';
import { parseInput } from '#lib/parse-input.ts';
import { mostFileIds } from './held-file-limit.ts';
import { heldFilterFields, heldFiltersOf } from './held-search.ts';

function ids(tooMany: string) {
  return z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.string().refine(isId, 'This is not the id of a message.')).max(mostFileIds, tooMany));
}

// A list leaves out what it cannot read of its address and shows more. A file would then hold mails that nobody asked
// for: everything here is read to the letter, and what is unknown is refused.
const fileQuery = z
  .strictObject({
    ...heldFilterFields,
    format: z.enum(exportFormats, { error: 'The file is csv, mbox or eml.' }),
    /** Ticked mails, separated by commas; without them all that the filter matches. */
    ids: ids(`At most ${mostFileIds} ticked mails go into one file; export by a filter instead.`).optional(),
    /** Of all that match, those unticked since. */
    except: ids(
      `At most ${mostFileIds} mails can be left out of a file; narrow the filter instead.`,
    ).optional(),
  })
  .refine(({ ids: ticked, except }) => ticked === undefined || except === undefined, {
    path: ['except'],
    error: 'Mails are left out of all that match, not of ticked ones.',
  });

export interface HeldFileWish {
  readonly format: ExportFormat;
  /** The short name of a project, where the address names one. */
  readonly project: string | null;
  readonly selection: HeldSelectionInput;
}

/** What the address of a file of held mails asks for; `invalid_input` for anything that cannot be read. */
export function readFileQuery(parameters: URLSearchParams, now: Date): HeldFileWish {
  const query = parseInput(fileQuery, Object.fromEntries(parameters));
  const { format, project, except } = query;
  return {
    format,
    project: project ?? null,
    selection:
      query.ids === undefined
        ? { filter: heldFiltersOf(query, now), ...(except === undefined ? {} : { except }) }
        : { ids: query.ids },
  };
}
