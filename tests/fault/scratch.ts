import { play } from './faulty-history.ts';
import { systemChains } from '../../functions/adapters/set-aside-audit.ts';
const seed = Number(process.argv[2]);
const t = performance.now();
const { clinic } = await play(seed);
const count: Record<string, number> = {};
for (const chain of [...clinic.store.patients.patients().map(({ id }) => id), ...systemChains])
  for (const { bytes } of clinic.store.auditRecords(chain)) {
    const { action, reason } = JSON.parse(new TextDecoder().decode(bytes));
    const k = `${action}: ${String(reason).slice(0, 100)}`;
    count[k] = (count[k] ?? 0) + 1;
  }
console.log(count, clinic.mail.sent.length, clinic.calls.fired.length, performance.now() - t);
for (const p of clinic.store.patients.patients()) console.log(p.alerts.map(({id,cause,tier,status,version,step,asked,outbox,nextActionAt})=>({id,cause,tier,status,version,step,asked,outbox:outbox.length,nextActionAt})), clinic.now);
const times = clinic.mail.sent.map((m) => m.to); console.log(times.slice(0,20));
