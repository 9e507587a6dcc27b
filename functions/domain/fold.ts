import type { Clinic } from './clinic.ts';
import { dateOf, toEpoch } from './epoch.ts';
import type { ClinicalEvent } from './event.ts';
import type { Instant } from './instant.ts';
import { dayAt } from './local-day.ts';
import { type Enrolment, type PatientState, type Response, unknownState } from './patient.ts';
import { readQuestionnaire } from './questionnaire.ts';
import { unassignedSince } from './unassigned.ts';

/** What of the configuration the fold looks at. */
export type FoldRules = Pick<Clinic, 'measures' | 'settings'>;

/**
 * Rises whenever the same events give another state than before. It is part of Clinic.hash, so that a state which older code
 * folded is folded again from its events. 2: preferences, opt-outs and agreed talks. 3: since when nobody is the therapist.
 */
export const foldVersion = 3;

/** Time first, then id: the one order of a patient's events, whatever the order of their arrival. */
export function compareEvents(a: { at: Instant; id: string }, b: { at: Instant; id: string }): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

export function placeOf(event: ClinicalEvent): { at: Instant; id: string } {
  return { at: event.occurredAt, id: event.id };
}

/** The state after all these events, in whatever order they are handed over. Ids are distinct. */
export function fold(events: readonly ClinicalEvent[], rules: FoldRules): PatientState {
  return events
    .toSorted((a, b) => compareEvents(placeOf(a), placeOf(b)))
    .reduce((state, event) => apply(state, event, rules), unknownState);
}

/** The state after one more event, which must come after all that the state already holds. */
export function apply(state: PatientState, event: ClinicalEvent, rules: FoldRules): PatientState {
  const next = changed(state, event, rules);
  const since = unassignedSince(state, next, event.occurredAt);
  return { ...next, unassignedSince: since, newest: placeOf(event), events: state.events + 1 };
}

function changed(state: PatientState, event: ClinicalEvent, rules: FoldRules): PatientState {
  const at = event.occurredAt;
  switch (event.type) {
    case 'PatientEnrolled': {
      const { programme, track, therapist, timeZone, contact, language } = event.data;
      // After an end this is a new course: its modules start anew. Otherwise it corrects the running one, whose start stays.
      const running = state.enrolment?.status === 'ended' ? null : state.enrolment;
      return {
        ...state,
        enrolment: {
          programme,
          enrolledAt: running?.enrolledAt ?? at,
          status: running?.status ?? 'active',
          pausedUntil: running?.pausedUntil ?? null,
          endReason: null,
        },
        track,
        therapist: therapist ?? null,
        timeZone: timeZone ?? null,
        contact: contact ?? state.contact,
        language: language ?? state.language,
        modules: state.enrolment?.status === 'ended' ? {} : state.modules,
      };
    }
    case 'ConsentGiven':
      return { ...state, consent: consentAfter(state, event.data.scopes, true) };
    case 'ConsentWithdrawn':
      return { ...state, consent: consentAfter(state, event.data.scopes, false) };
    case 'PatientActive':
      return active(state, at, rules);
    case 'ModuleStarted': {
      const module = moduleOf(state, event.data.module);
      return active(withModule(state, event.data.module, { ...module, startedAt: module.startedAt ?? at }), at, rules);
    }
    case 'ModuleCompleted': {
      const module = moduleOf(state, event.data.module);
      const minutes = event.data.minutes ?? module.minutes;
      const completed = { ...module, completedAt: module.completedAt ?? at, minutes };
      return active(withModule(state, event.data.module, completed), at, rules);
    }
    case 'QuestionnaireSubmitted': {
      const reading = readQuestionnaire(event.data, rules.measures);
      return active(
        {
          ...state,
          responses: withResponse(state.responses, {
            key: reading.responseKey ?? event.id,
            at,
            event: event.id,
            reading,
          }),
        },
        at,
        rules,
      );
    }
    case 'BarrierReported':
      return { ...state, barriers: [...state.barriers, { at, barrier: event.data.barrier }] };
    case 'MessageExchanged': {
      const fromPatient = event.data.from === 'patient';
      const messages = {
        fromPatient: state.messages.fromPatient + (fromPatient ? 1 : 0),
        fromTherapist: state.messages.fromTherapist + (fromPatient ? 0 : 1),
        last: at,
      };
      return fromPatient ? active({ ...state, messages }, at, rules) : { ...state, messages };
    }
    case 'ContactChanged': {
      const { contact, timeZone, language } = event.data;
      return {
        ...state,
        contact: contact ?? state.contact,
        timeZone: timeZone ?? state.timeZone,
        language: language ?? state.language,
      };
    }
    case 'PreferencesChanged': {
      const { channels, hour, pausedUntil } = event.data;
      const { preferences } = state;
      return withPreferences(state, {
        channels: channels ?? preferences.channels,
        hour: hour === undefined ? preferences.hour : hour,
        pausedUntil: pausedUntil === undefined ? preferences.pausedUntil : pausedUntil,
      });
    }
    case 'ReminderOptedOut':
      return withPreferences(state, { optedOut: [...optedOutBut(state, event.data.channel), event.data.channel] });
    case 'ReminderOptedIn':
      return withPreferences(state, { optedOut: optedOutBut(state, event.data.channel) });
    case 'TherapistAssigned':
      return { ...state, therapist: event.data.therapist };
    case 'TrackChanged':
      return { ...state, track: event.data.track };
    case 'EnrolmentPaused':
      return ofRunning(state, { status: 'paused', pausedUntil: event.data.until ?? null });
    case 'EnrolmentResumed':
      // The end of the pause stays known: silence counts from there.
      return ofRunning(state, { status: 'active', pausedUntil: at });
    case 'EnrolmentEnded':
      return enrolled(state, { status: 'ended', pausedUntil: null, endReason: event.data.reason });
    case 'LiveSessionRequested':
      return { ...state, liveSession: { ...state.liveSession, requestedAt: at } };
    case 'LiveSessionScheduled':
      return { ...state, liveSession: { ...state.liveSession, scheduledFor: event.data.startsAt } };
    case 'LiveSessionHeld':
      return active({ ...state, liveSession: { ...state.liveSession, heldAt: at } }, at, rules);
  }
}

function consentAfter(state: PatientState, scopes: readonly ('scoring' | 'reminders')[], given: boolean) {
  return { ...state.consent, ...Object.fromEntries(scopes.map((scope) => [scope, given])) };
}

function withPreferences(state: PatientState, change: Partial<PatientState['preferences']>): PatientState {
  return { ...state, preferences: { ...state.preferences, ...change } };
}

function optedOutBut({ preferences }: PatientState, channel: 'sms' | 'email') {
  return preferences.optedOut.filter((one) => one !== channel);
}

function active(state: PatientState, at: Instant, rules: FoldRules): PatientState {
  const date = dateOf(dayAt(toEpoch(at), state.timeZone ?? rules.settings.timeZone));
  const { first, dates } = state.activity;
  // A patient who moves west can have an earlier local date later: dates stay sorted and distinct all the same.
  const newDates = dates.at(-1) === date || dates.includes(date) ? dates : [...dates, date].toSorted();
  return { ...state, activity: { first: first ?? at, last: at, dates: newDates } };
}

function moduleOf(state: PatientState, module: string): PatientState['modules'][string] {
  const known = Object.hasOwn(state.modules, module) ? state.modules[module] : undefined;
  return known ?? { startedAt: null, completedAt: null, minutes: null };
}

function withModule(state: PatientState, id: string, module: PatientState['modules'][string]): PatientState {
  return { ...state, modules: { ...state.modules, [id]: module } };
}

/** An amendment takes the place of what it amends; anything else comes last. */
function withResponse(responses: readonly Response[], response: Response): readonly Response[] {
  const before = responses.find(({ key }) => key === response.key);
  if (before === undefined) return [...responses, response];
  return responses.map((one) => (one === before ? { ...response, at: before.at } : one));
}

function enrolled(state: PatientState, change: Partial<Enrolment>): PatientState {
  return state.enrolment === null ? state : { ...state, enrolment: { ...state.enrolment, ...change } };
}

/** Only a new enrolment begins anything after an end: a late pause, or its end, must not revive a course. */
function ofRunning(state: PatientState, change: Partial<Enrolment>): PatientState {
  return state.enrolment?.status === 'ended' ? state : enrolled(state, change);
}
