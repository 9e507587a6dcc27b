import { play } from './faulty-history.ts';
const t = performance.now();
for (let s = 1; s <= 40; s += 1) await play(s);
console.log((performance.now() - t) / 40);
