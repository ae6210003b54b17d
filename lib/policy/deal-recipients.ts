/** A held mail of a project, in the order in which the project's mails are let go. */
export interface HeldForQuota {
  readonly id: string;
  readonly recipients: number;
}

/**
 * Which mails may go when a quota has room for so many recipients again: the projects take turns, each with its oldest
 * first, and one whose oldest does not fit waits. Pure.
 */
export function dealRecipients(
  room: number,
  byProject: readonly (readonly HeldForQuota[])[],
): readonly string[] {
  const lines = byProject.map((mails) => ({ mails, next: 0 }));
  const dealt: string[] = [];
  let left = room;
  for (let hasDealt = true; hasDealt;) {
    hasDealt = false;
    for (const line of lines) {
      const mail = line.mails[line.next];
      if (mail === undefined || mail.recipients > left) continue;
      dealt.push(mail.id);
      left -= mail.recipients;
      line.next += 1;
      hasDealt = true;
    }
  }
  return dealt;
}
