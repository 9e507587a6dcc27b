/**
 * The demo's made-up clinic: twelve invented patients over eight weeks, and what goes wrong on the way to Tandem. Nobody in it
 * exists; names, numbers (a range reserved for fiction) and answers are written here.
 */

export interface StoryEvent {
  readonly id: string;
  readonly type: string;
  readonly occurredAt: string;
  readonly patient: string;
  readonly data: unknown;
}

interface Character {
  readonly patient: string;
  /** What the demo says about this patient. */
  readonly story: string;
  /** Days after enrolment on which each module was finished, in order. */
  readonly modules: readonly number[];
  /** [day, the nine answers of the PHQ-9; null = not answered]. */
  readonly phq9: readonly (readonly [number, readonly (number | null)[]])[];
  readonly therapist: string | null;
  readonly timeZone?: string;
  readonly consent?: boolean;
  /** Further events as [day, type, data]. */
  readonly also?: readonly (readonly [number, string, unknown])[];
}

const weekly = [6, 13, 20, 27, 34, 41, 48, 55];
/** Nine answers that add up to about `total`, item 9 aside. */
const spread = (total: number, item9 = 0): number[] => [
  ...Array.from({ length: 8 }, (_, item) => Math.min(3, Math.floor((total - item9 + item) / 8))),
  item9,
];

const characters: readonly Character[] = [
  {
    patient: 'ada',
    story: 'steady, gets better',
    modules: weekly,
    therapist: 't-7',
    phq9: [
      [0, spread(15)],
      [14, spread(12)],
      [28, spread(9)],
      [42, spread(6)],
      [55, spread(4)],
    ],
  },
  {
    patient: 'bo',
    story: 'slow but still there',
    modules: [9, 19, 30, 44],
    therapist: 't-7',
    phq9: [
      [0, spread(13)],
      [28, spread(11)],
    ],
  },
  {
    patient: 'cleo',
    story: 'eager, then silent since week 3',
    modules: [2, 5, 9],
    therapist: 't-7',
    phq9: [
      [0, spread(14)],
      [14, spread(13)],
    ],
  },
  {
    patient: 'dag',
    story: 'getting worse',
    modules: [7, 15, 24],
    therapist: 't-8',
    phq9: [
      [0, spread(10)],
      [14, spread(13)],
      [28, spread(18)],
    ],
  },
  {
    patient: 'eve',
    story: 'item 9 rises from 0 to 3',
    modules: [8, 16],
    therapist: 't-8',
    phq9: [
      [0, spread(12, 0)],
      [14, spread(16, 3)],
    ],
  },
  {
    patient: 'finn',
    story: 'leaves answers out',
    modules: [6, 14, 22],
    therapist: 't-8',
    phq9: [
      [0, spread(11)],
      [14, [1, 2, null, 1, null, 1, 1, 0, 1]],
    ],
  },
  {
    patient: 'gia',
    story: 'withdrew consent to scoring',
    modules: [7, 14],
    therapist: 't-7',
    phq9: [[0, spread(12)]],
    also: [[20, 'ConsentWithdrawn', { scopes: ['scoring'] }]],
  },
  { patient: 'hugo', story: 'no therapist yet', modules: [10], therapist: null, phq9: [[0, spread(9, 1)]] },
  {
    patient: 'iris',
    story: 'paused for a journey',
    modules: [6, 12, 19],
    therapist: 't-7',
    phq9: [[0, spread(10)]],
    also: [
      [24, 'EnrolmentPaused', {}],
      [45, 'EnrolmentResumed', {}],
    ],
  },
  {
    patient: 'jon',
    story: 'lives far east of the clinic',
    modules: [7, 14, 21, 28, 35],
    therapist: 't-8',
    timeZone: 'Pacific/Auckland',
    phq9: [
      [0, spread(13)],
      [28, spread(8)],
    ],
  },
  {
    patient: 'kim',
    story: 'says the programme does not fit',
    modules: [12],
    therapist: 't-7',
    phq9: [[0, spread(14)]],
    also: [
      [16, 'BarrierReported', { barrier: 'fit' }],
      [17, 'LiveSessionRequested', {}],
    ],
  },
  {
    patient: 'lou',
    story: 'finished early',
    modules: [3, 7, 11, 15, 20, 25, 30, 36],
    therapist: 't-8',
    phq9: [
      [0, spread(11)],
      [36, spread(3)],
    ],
    also: [[37, 'EnrolmentEnded', { reason: 'completed' }]],
  },
];

export interface Story {
  readonly patients: readonly { readonly patient: string; readonly story: string }[];
  /** In the order in which the programme sends them: late ones late, doubled ones twice, broken ones among them. */
  readonly sent: readonly StoryEvent[];
  readonly distinct: number;
  readonly doubled: number;
  readonly late: number;
  readonly broken: number;
}

const day = 86_400_000;

/** @param now milliseconds since 1970: the eight weeks end here. */
export function story(now: number): Story {
  const start = now - 57 * day;
  const all = characters.flatMap((character, index) => eventsOf(character, start + index * 3_600_000));
  const inOrder = all.toSorted((a, b) => (a.occurredAt < b.occurredAt ? -1 : 1));
  // Every ninth event reaches Tandem only after everything else; every seventh is delivered twice.
  const late = inOrder.filter((_, index) => index % 9 === 4);
  const punctual = inOrder.filter((event) => !late.includes(event));
  const doubled = inOrder.filter((_, index) => index % 7 === 3);
  const faulty = broken(start);
  const withFaults = punctual.flatMap((event, index) => {
    const fault = index % 20 === 0 ? faulty[index / 20] : undefined;
    return fault === undefined ? [event] : [event, fault];
  });
  const sent = [...withFaults, ...late, ...doubled];
  return {
    patients: characters.map(({ patient, story: told }) => ({ patient: `demo-${patient}`, story: told })),
    sent,
    distinct: all.length,
    doubled: doubled.length,
    late: late.length,
    broken: sent.filter((event) => faulty.includes(event)).length,
  };
}

function eventsOf(character: Character, start: number): StoryEvent[] {
  const { patient, modules, phq9, therapist, timeZone, also = [] } = character;
  let count = 0;
  const event = (onDay: number, type: string, data: unknown, minute = 0): StoryEvent => {
    count += 1;
    return {
      id: `demo-${patient}-${count}`,
      type,
      occurredAt: new Date(start + onDay * day + minute * 60_000).toISOString(),
      patient: `demo-${patient}`,
      data,
    };
  };
  return [
    event(0, 'PatientEnrolled', {
      programme: 'depression',
      track: therapist === null ? 'self-guided' : 'therapist-supported',
      therapist,
      ...(timeZone === undefined ? {} : { timeZone }),
      contact: { preferred: 'sms', sms: '+12025550123', email: `${patient}@example.org` },
      language: 'en',
    }),
    event(0, 'ConsentGiven', { scopes: ['scoring', 'reminders'] }, 1),
    ...modules.flatMap((onDay, index) => [
      event(Math.max(0, onDay - 2), 'ModuleStarted', { module: `m${index + 1}` }, 5),
      event(onDay, 'ModuleCompleted', { module: `m${index + 1}`, minutes: 30 + ((index * 7) % 20) }, 6),
    ]),
    ...phq9.map(([onDay, answers]) => event(onDay, 'QuestionnaireSubmitted', { measure: 'phq-9', answers }, 10)),
    ...also.map(([onDay, type, data]) => event(onDay, type, data, 15)),
  ];
}

/** One of each kind of fault a vendor makes. */
function broken(start: number): StoryEvent[] {
  const at = new Date(start + 10 * day).toISOString();
  const event = (id: string, type: string, data: unknown, occurredAt = at): StoryEvent => ({
    id: `demo-broken-${id}`,
    type,
    occurredAt,
    patient: 'demo-bo',
    data,
  });
  return [
    event('1', 'ModuleCompleted', { module: 'm99' }),
    event('2', 'ModuleFinished', { module: 'm2' }),
    event('3', 'PatientActive', { kind: 'log-in' }, at.replace('Z', '')),
    event('4', 'ContactChanged', { contact: { preferred: 'sms', sms: '0170 555 0100' } }),
    event('5', 'QuestionnaireSubmitted', {
      measure: 'phq-9',
      answers: spread(10),
      remark: 'written beside the answers',
    }),
  ];
}
