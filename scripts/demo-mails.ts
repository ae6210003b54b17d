/** The mails that the demo organization has sent by the time a person first looks at it. */
export interface DemoMail {
  readonly project: 'customer-portal' | 'service-desk' | 'billing' | 'field-visits' | 'warehouse' | 'events';
  readonly message: Readonly<Record<string, unknown>>;
}

const logo =
  'iVBORw0KGgoAAAANSUhEUgAAAHgAAAAYCAIAAAC+8q7fAAAAmUlEQVR42u3YwQ2AIAyFYQbxJgM4jLN5dgZncC+9GROhIGkR9X/prZy+EAq4jVSJg6AqtB/X4gIRaKCBPvcEU6AVdrRgDbQVdKwFdHPQXT/8rQqhgyc40CbQxwKgTaCvskBbQcvuDEOdYZg8SYDWhJbHYxJ6mpe31PPQmXc+oBWghRcj0E1Ak9vQMWsQ+SYFGmigbaEJ0B/JDjDdtzo/BwMEAAAAAElFTkSuQmCC';

function page(heading: string, ...paragraphs: readonly string[]): string {
  const body = paragraphs.map((text) => `<p style="margin:0 0 14px">${text}</p>`).join('');
  return `<!doctype html><html><body style="margin:0;background:#f4f5f7;font:15px/1.5 system-ui,sans-serif;color:#1c2330"><div style="max-width:560px;margin:24px auto;background:#fff;border:1px solid #dfe3ea;border-radius:8px;padding:28px"><img src="cid:logo@northwind.example" width="120" height="24" alt="Northwind Services" style="display:block;margin:0 0 20px"><h1 style="font-size:20px;margin:0 0 14px">${heading}</h1>${body}<p style="margin:22px 0 0;color:#69748a;font-size:13px">Northwind Services, 12 Harbour Street</p></div></body></html>`;
}

const logoPart = {
  filename: 'northwind.png',
  contentType: 'image/png',
  content: logo,
  contentId: 'logo@northwind.example',
};

const customers = [
  ['Ines Okafor', 'ines.okafor@lakeside.example'],
  ['Tomás Rivera', 'tomas.rivera@altavista-foods.example'],
  ['Grace Lindqvist', 'grace@lindqvist-design.example'],
  ['Jürgen Weiß', 'juergen.weiss@werkstatt-nord.example'],
  ['Mei Tanaka', 'mei.tanaka@hoshi-trading.example'],
  ['Peter Novak', 'peter.novak@novak-logistics.example'],
] as const;

function welcome([name, address]: (typeof customers)[number]): DemoMail {
  return {
    project: 'customer-portal',
    message: {
      to: { name, address },
      subject: `Welcome to the Northwind portal, ${name.split(' ')[0]}`,
      text: `Hello ${name},\n\nyour account is ready. Sign in with ${address} and choose a password.\n\nNorthwind Services`,
      html: page(
        `Welcome, ${name.split(' ')[0]}`,
        `Your account is ready. Sign in with <b>${address}</b> and choose a password.`,
      ),
      attachments: [logoPart],
      category: 'onboarding',
      tags: ['welcome'],
      metadata: { plan: 'standard' },
    },
  };
}

function ticket([name, address]: (typeof customers)[number], index: number): DemoMail {
  const number = 20_418 + index * 7;
  const subjects = [
    'Printer on floor 3 prints blank pages',
    'VPN drops every hour',
    'New laptop for a starter on Monday',
    'Shared calendar is read-only',
    'Phone forwards to the wrong desk',
    'Access to the Q4 folder',
  ];
  const subject = subjects[index % subjects.length] ?? 'Request';
  return {
    project: 'service-desk',
    message: {
      to: { name, address },
      cc: index % 3 === 0 ? ['lead@northwind.example'] : [],
      bcc: index % 2 === 0 ? ['archive@northwind.example'] : [],
      subject: `[#${number}] ${subject}`,
      text: `Hello ${name},\n\nwe have your request "${subject}" and an engineer is looking at it.\n\nReply to this mail to add to it.`,
      category: 'tickets',
      priority: index % 3 === 0 ? 'high' : 'normal',
      headers: { 'X-Ticket': String(number) },
      tags: ['ticket'],
      metadata: { ticket: String(number) },
    },
  };
}

function invoice([name, address]: (typeof customers)[number], index: number): DemoMail {
  const number = `2026-${String(1_180 + index)}`;
  return {
    project: 'billing',
    message: {
      to: { name, address },
      subject: `Invoice ${number}`,
      text: `Hello ${name},\n\nplease find invoice ${number} attached. It is due in 30 days.`,
      html: page(
        `Invoice ${number}`,
        `Hello ${name},`,
        'please find your invoice attached. It is due in 30 days.',
      ),
      attachments: [
        logoPart,
        {
          filename: `invoice-${number}.csv`,
          contentType: 'text/csv',
          content: Buffer.from(
            `invoice,customer,amount\r\n${number},${name},${(index + 1) * 240}.00\r\n`,
          ).toString('base64'),
        },
      ],
      category: 'invoices',
      tags: ['invoice'],
      metadata: { invoice: number },
    },
  };
}

function visit([name, address]: (typeof customers)[number], index: number): DemoMail {
  const hour = 8 + index;
  return {
    project: 'field-visits',
    message: {
      to: { name, address },
      bcc: ['dispatch@northwind.example'],
      subject: `Your visit on Thursday at ${hour}:00`,
      text: `Hello ${name},\n\nour engineer is with you on Thursday between ${hour}:00 and ${hour + 1}:00.\n\nNorthwind field visits`,
      html: page(
        `Thursday, ${hour}:00`,
        `Hello ${name},`,
        `our engineer is with you on Thursday between ${hour}:00 and ${hour + 1}:00.`,
      ),
      attachments: [logoPart],
      category: 'visits',
      tags: ['visit'],
    },
  };
}

function delivery([name, address]: (typeof customers)[number], index: number): DemoMail {
  const number = 77_301 + index * 3;
  return {
    project: 'warehouse',
    message: {
      to: { name, address },
      subject: `Delivery note ${number}`,
      text: `Hello ${name},\n\nyour delivery ${number} has left our warehouse.\n\nNorthwind warehouse`,
      category: 'deliveries',
      metadata: { delivery: String(number) },
    },
  };
}

function invitation([name, address]: (typeof customers)[number]): DemoMail {
  return {
    project: 'events',
    message: {
      to: { name, address },
      subject: 'Open house at 12 Harbour Street',
      text: `Hello ${name},\n\nwe open our doors on the first Friday of next month, from 15:00. Come and look around.\n\nNorthwind events`,
      category: 'invitations',
      priority: 'low',
    },
  };
}

const special: readonly DemoMail[] = [
  {
    project: 'service-desk',
    message: {
      to: ['refused@lakeside.example'],
      subject: '[#20467] Your mailbox migration',
      text: 'The inbox answers this recipient with a permanent refusal.',
      category: 'tickets',
    },
  },
  {
    project: 'service-desk',
    message: {
      to: ['busy@altavista-foods.example', 'tomas.rivera@altavista-foods.example'],
      subject: '[#20474] Maintenance tonight from 22:00',
      text: 'The inbox answers the first recipient with a temporary refusal, so it is tried again.',
      category: 'announcements',
      priority: 'high',
    },
  },
  {
    project: 'customer-portal',
    message: {
      to: [{ name: 'Søren Ærø', address: 'soren@aero-marine.example' }],
      subject: 'Überraschung: Ihr Konto wird größer 🎉',
      text: 'Umlauts, ligatures and an emoji, in the subject and here: ß œ 漢字 🎉',
      category: 'newsletter',
      priority: 'low',
    },
  },
];

export const demoMails: readonly DemoMail[] = [
  ...customers.map(welcome),
  ...customers.map(ticket),
  ...customers.map(invoice),
  ...customers.map(visit),
  ...customers.slice(0, 4).map(delivery),
  ...customers.slice(0, 3).map(invitation),
  ...special,
];

const readers = [
  'alba',
  'bruno',
  'carla',
  'david',
  'elif',
  'farid',
  'greta',
  'hugo',
  'irma',
  'jonas',
  'kaya',
  'lars',
  'marta',
  'noor',
] as const;

/** More than the customer portal may send in a day. */
export const newsletters = readers.map((name) => ({
  to: [`${name}@readers.example`],
  subject: 'New in the portal',
  text: `Hello ${name},\n\ninvoices can be paid by card now, and tickets have a timeline.\n\nNorthwind Services`,
  category: 'newsletter',
  priority: 'low',
  tags: ['newsletter'],
}));

/** Held by hand before they go out. */
export const surveys = customers.map(([name, address]) => ({
  to: { name, address },
  subject: 'How did we do this quarter?',
  text: `Hello ${name},\n\nthree questions, one minute: how was our service desk this quarter?`,
  category: 'surveys',
  priority: 'low',
}));

/** An address for tests: the connection to its server ends before the answer. */
export const doubtfulMail = {
  to: ['uncertain@magic.mailroom.test'],
  subject: '[#20481] Your new access card',
  text: 'Nobody knows whether this mail arrived, so a person decides what becomes of it.',
  category: 'tickets',
};

const hourMs = 3_600_000;

/** To be sent on the next day, and of no use three days later. */
export function laterMail(now: Date) {
  return {
    to: ['peter.novak@novak-logistics.example'],
    subject: 'Reminder: invoice 2026-1163 is due',
    text: 'Hello Peter Novak,\n\ninvoice 2026-1163 is due in two days.',
    category: 'reminders',
    sendAt: new Date(now.getTime() + 20 * hourMs).toISOString(),
    expiresAt: new Date(now.getTime() + 92 * hourMs).toISOString(),
  };
}
