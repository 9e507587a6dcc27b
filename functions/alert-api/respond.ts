import { type Person, personOf } from '../domain/staff-access.ts';
import { type ApiAnswer, failed, ok } from './answer.ts';
import { listAlerts } from './list-alerts.ts';
import { answerAlert, showAlert } from './one-alert.ts';
import type { AlertApiPorts } from './ports.ts';
import type { ApiRequest } from './request.ts';

type SignedInRoute = (ports: AlertApiPorts, person: Person, request: ApiRequest) => Promise<ApiAnswer>;

/** GET shows, POST acts. There is nothing else. */
const routes: { readonly [route: string]: SignedInRoute } = {
  'GET /api/me': async (_ports, { staff, roles }) => ok({ staff, roles }),
  'GET /api/alerts': (ports, person, { from }) => listAlerts(ports, person, from),
  'GET /api/alerts/{id}': showAlert,
  'POST /api/alerts/{id}/acknowledge': (...asked) => answerAlert(...asked, 'acknowledge'),
  'POST /api/alerts/{id}/snooze': (...asked) => answerAlert(...asked, 'snooze'),
  'POST /api/alerts/{id}/resolve': (...asked) => answerAlert(...asked, 'resolve'),
};

/** What the care team's page asks and says. Whoever is not signed in learns where to sign in, and nothing else. */
export async function respond(ports: AlertApiPorts, request: ApiRequest): Promise<ApiAnswer> {
  const { clinic, signIn } = ports;
  if (request.route === 'GET /api/config')
    return ok({ ...signIn, idleMinutes: clinic.settings.automaticLogoffMinutes });
  // The check in front of the routes has refused whoever is not signed in. Should it ever be left out, so does this.
  if (request.signedIn === undefined) return failed('signed-out');
  const { staff, roles } = request.signedIn;
  const route = Object.hasOwn(routes, request.route) ? routes[request.route] : undefined;
  return route === undefined ? failed('unknown') : route(ports, personOf(staff, roles, clinic.escalation), request);
}
