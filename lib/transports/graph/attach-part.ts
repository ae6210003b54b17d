import { readUploadUrl } from './answers.ts';
import type { SendOutcome } from '../contract.ts';
import type { Asked, Errand, GraphDesk } from './desk.ts';
import { judge } from './judge.ts';
import type { PartApart } from './mime-parts.ts';
import { maxRequestBytes } from './settings.ts';

/** What a request with an attachment holds beside it, at most: names and types are short. */
const aroundBytes = 16_384;

/** Below this an attachment goes with one request in Base64; above, Graph wants an upload session. */
const maxPostedBytes = ((maxRequestBytes - aroundBytes) / 4) * 3;

/** Each piece of an upload but the last has this size; Graph takes up to 4 MB at a time, in order. */
const pieceBytes = 3_900_000;

/** Adds one part to a draft. Null when it is there, else what that means for the mail. */
export async function attachPart(
  desk: GraphDesk,
  draftId: string,
  part: PartApart,
  errand: Errand,
): Promise<SendOutcome | null> {
  return part.sizeBytes <= maxPostedBytes
    ? postPart(desk, draftId, part, errand)
    : uploadPart(desk, draftId, part, errand);
}

async function postPart(
  desk: GraphDesk,
  draftId: string,
  part: PartApart,
  errand: Errand,
): Promise<SendOutcome | null> {
  const attachment = {
    ...describe(part),
    contentType: part.contentType,
    contentBytes: Buffer.concat([...part.open()]).toString('base64'),
  };
  const asked = await desk.ask(desk.requests.attach(draftId, attachment), errand);
  return isDone(asked) ? null : judge(asked, 'prepare', desk.clock.now());
}

async function uploadPart(
  desk: GraphDesk,
  draftId: string,
  part: PartApart,
  errand: Errand,
): Promise<SendOutcome | null> {
  const item = { ...describe(part), contentType: part.contentType, size: part.sizeBytes };
  const opened = await desk.ask(desk.requests.createUploadSession(draftId, item), errand);
  const url =
    opened.kind === 'answered' && opened.answer.status === 201 ? readUploadUrl(opened.answer) : null;
  if (url === null) return judge(opened, 'prepare', desk.clock.now());
  let from = 0;
  for (const bytes of inPieces(part.open())) {
    const asked = await desk.upload(url, { bytes, from, totalBytes: part.sizeBytes }, errand);
    if (!isDone(asked)) return judge(asked, 'upload', desk.clock.now());
    from += bytes.length;
  }
  return null;
}

function describe(part: PartApart) {
  return {
    name: part.name,
    isInline: part.isInline,
    ...(part.contentId === null ? {} : { contentId: part.contentId }),
  };
}

function isDone(asked: Asked): boolean {
  return asked.kind === 'answered' && (asked.answer.status === 200 || asked.answer.status === 201);
}

function* inPieces(content: Iterable<Buffer>): Iterable<Buffer> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  for (const chunk of content) {
    held.push(chunk);
    heldBytes += chunk.length;
    while (heldBytes >= pieceBytes) {
      const all = Buffer.concat(held);
      yield all.subarray(0, pieceBytes);
      held = [all.subarray(pieceBytes)];
      heldBytes -= pieceBytes;
    }
  }
  if (heldBytes > 0) yield Buffer.concat(held);
}
