import type { Clinic } from './clinic.ts';
import { claimFaults } from './evaluation-claim.ts';
import { momentInWords } from './local-words.ts';
import type { Assessment, NotScored } from './risk.ts';
import type { Fitted } from './risk-rules.ts';

export type Audience = 'therapist' | 'patient';

/** What an explanation needs of the clinic. */
export interface Wording {
  /** What the points rest on: RiskRules.basis. */
  readonly basis: string;
  /** The clinic's. */
  readonly timeZone: string;
  /** Where a patient in crisis finds help at once, such as "call or text 988". */
  readonly crisisLine: string;
  /** How the points of a score were checked on this clinic's own history; absent: they were not. */
  readonly fitted?: { readonly [kind in Assessment['kind']]?: Fitted | undefined };
}

export function wordingOf({ rules: { risk }, settings }: Pick<Clinic, 'rules' | 'settings'>): Wording {
  return {
    basis: risk?.basis ?? '',
    timeZone: settings.timeZone,
    crisisLine: settings.crisisLine.text,
    fitted: { dropout: risk?.dropout.fitted, deterioration: risk?.deterioration.fitted },
  };
}

/**
 * An assessment in words, as lines of plain text. For the therapist every reason with its points; for the patient at
 * about sixth-grade reading level, without scores, and with what happens next.
 */
export function explain(assessment: Assessment, audience: Audience, wording: Wording): string {
  return audience === 'therapist' ? forTherapist(assessment, wording) : forPatient(assessment, wording);
}

/** Why there is no assessment, in words. */
export function explainNotScored(why: NotScored, audience: Audience): string {
  return notScored[audience][why];
}

const titles: Readonly<Record<Assessment['kind'], string>> = {
  dropout: 'Risk of leaving the programme',
  deterioration: 'Getting worse, or not better',
  safety: 'Safety',
};

function forTherapist(
  { kind, level, score, factors, reviewAt, rules }: Assessment,
  { basis, timeZone, fitted }: Wording,
): string {
  const reasons = factors.map(({ reason, points }) => `- ${reason} (${signed(points)})`);
  const headline = kind === 'safety' ? `${titles[kind]}: ${level}` : `${titles[kind]}: ${level}, ${score} points`;
  const grounds =
    kind === 'safety'
      ? "By the clinic's rules for answers about self-harm; it needs no score."
      : `${basis} ${checkInWords(fitted?.[kind])} A level is no probability.`;
  return [
    headline,
    ...(reasons.length === 0 ? ['- No reason on the list.'] : reasons),
    reviewAt === null
      ? 'Changes only with a new event.'
      : `Without a new event it stays so until ${momentInWords(reviewAt, timeZone)}.`,
    grounds,
    `Rules ${rules}`,
  ].join('\n');
}

/** What came of the patients, with the outcome and without. */
const came: Readonly<Record<Fitted['outcome'], readonly [string, string]>> = {
  dropout: ['left the programme', 'stayed'],
  'no-response': ['did not get better', 'got better'],
  deterioration: ['got worse', 'did not'],
};

function checkInWords(fitted: Fitted | undefined): string {
  if (fitted === undefined) return "The points have not been checked against this clinic's own history.";
  const { on, week, patients, events, outcome, sensitivity, specificity, simulated } = fitted;
  const [having, lacking] = came[outcome];
  const faults = claimFaults({ ...fitted, heldOut: true });
  return [
    `Checked on ${on} against the history of ${patients} ${simulated ? 'simulated ' : ''}patients, ${events} of whom ${having},`,
    `each told at the end of week ${week} by points learned from the others:`,
    `of 100 who ${having}, ${of100(sensitivity)} were red; of 100 who ${lacking}, ${of100(specificity)} were not.`,
    ...(faults.length === 0 ? [] : [`Too little to rely on: ${faults.join('; ')}.`]),
  ].join(' ');
}

function of100(share: number): number {
  return Math.round(100 * share);
}

function signed(points: number): string {
  const amount = Math.abs(points) === 1 ? '1 point' : `${Math.abs(points)} points`;
  return points < 0 ? `minus ${amount}` : amount;
}

const opening: Readonly<Record<Assessment['kind'], { calm: string; concern: string }>> = {
  dropout: {
    calm: 'You are keeping up with the program. We see no sign that it is getting too hard to go on.',
    concern: 'It may be hard for you to keep going with the program right now. This is why we think so:',
  },
  deterioration: {
    calm: 'Your answers do not show that things are getting worse for you.',
    concern: 'Your answers tell us that the program may not help you enough yet. This is why we think so:',
  },
  safety: {
    calm: 'Your last answers do not tell us that you think of hurting yourself.',
    concern: 'We care about you and want you to be safe. This is what we saw:',
  },
};

const next: Readonly<Record<Assessment['kind'], string>> = {
  dropout:
    'What happens next: a person from your care team reads this. They may write or call to ask what would help. ' +
    'It is not a grade, and you did nothing wrong. You can ask them about it at any time.',
  deterioration:
    'What happens next: a person from your care team reads this. You can talk about what to change. ' +
    'This is common, and it is not your fault. You can ask them about it at any time.',
  safety: 'What happens next: a person from your care team reads this and gets in touch with you.',
};

function forPatient({ kind, level, factors }: Assessment, { crisisLine }: Wording): string {
  const help = kind === 'safety' ? [`If you feel unsafe now: ${crisisLine}.`] : [];
  if (level === 'green') return [opening[kind].calm, ...help].join('\n');
  const reasons = [...new Set(factors.filter(({ points }) => points > 0).map(({ plain }) => plain))];
  return [opening[kind].concern, ...reasons.map((reason) => `- ${reason}`), next[kind], ...help].join('\n');
}

const notScored: Readonly<Record<Audience, Readonly<Record<NotScored, string>>>> = {
  therapist: {
    'switched-off': "Not scored: the clinic's rules hold no scorecards.",
    'not-enrolled': 'Not scored: no enrolment has arrived.',
    ended: 'Not scored: the enrolment has ended.',
    'no-consent': 'Not scored: there is no consent to scoring. Safety answers are looked at all the same.',
    paused: 'Not scored: the enrolment is paused.',
  },
  patient: {
    'switched-off': 'Your clinic does not use this check, so we did not look at how it goes.',
    'not-enrolled': 'You have not started the program yet, so we did not look at how it goes.',
    ended: 'You have left the program, so we do not look at how it goes any more.',
    'no-consent': 'You did not ask us to look at how it goes, so we did not. You can change this at any time.',
    paused: 'You are taking a break, so we do not look at how it goes for now.',
  },
};
