import { z } from 'zod';
import { allowInput } from '../flood/allow-flood.ts';
import { floodThresholds } from '../flood/schemas.ts';
import { floodRules } from '../policy/flood.ts';
import { bulkRunSchema } from './backlog-schemas.ts';

const instant = z.iso.datetime();
const rate = z.number().nullable();

export const projectPaceSchema = z.object({
  pace: z
    .object({
      pool: z.object({ id: z.string(), name: z.string() }),
      isPaced: z
        .boolean()
        .meta({ description: 'Mail of this project is due and waits for the pool at this moment' }),
      nextAt: instant.nullable().meta({ description: 'When the next mail may start, while it is pacing' }),
      stopped: z
        .object({ until: instant, code: z.string().nullable(), reply: z.string().nullable() })
        .nullable()
        .meta({ description: 'The provider asked to wait, with its words' }),
      rateFactor: z
        .number()
        .meta({ description: 'The part of the rates that the provider lets through; 1: all of it' }),
      usable: z
        .object({
          mailsPerMinute: rate,
          mailsPerHour: rate,
          bytesPerFiveMinutes: rate,
          recipientsPerDay: z.int().nullable(),
          connections: z.int().nullable(),
        })
        .meta({ description: 'What all projects of the pool may use now; null: no such limit' }),
      used: z.object({
        mailsLastMinute: z.int(),
        mailsLastHour: z.int(),
        recipientsLastDay: z.int(),
        connections: z.int(),
      }),
    })
    .nullable()
    .meta({ description: 'Null: the project draws from no pool' }),
});

export const floodSchema = z.object({
  thresholds: z
    .object(floodThresholds.shape)
    .meta({ description: 'From when on mail is held with the reason `flood`; at or below it passes' }),
  busiestHour: z
    .int()
    .nullable()
    .meta({ description: 'Mails in the busiest hour of the last seven days; null: too little is known' }),
  allowances: z
    .array(
      z.object({
        shape: z.string(),
        rule: z.enum(floodRules),
        label: z.string(),
        until: instant.nullable().meta({ description: 'Null: for ever' }),
        createdAt: instant,
        createdBy: z.string(),
      }),
    )
    .meta({ description: 'What people let through, the newest first' }),
});

/** The body of "is fine, let through". */
export const allowFloodBody = allowInput.omit({ project: true });

export const allowedFloodSchema = z.object({
  shapes: z.int().meta({ description: 'Kinds of mail that pass from now on' }),
  run: bulkRunSchema.meta({ description: 'The release of these mails' }),
});
