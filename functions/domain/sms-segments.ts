/** How a text travels by SMS. */
export interface SmsLength {
  readonly encoding: 'GSM-7' | 'UCS-2';
  /** Septets in GSM-7, UTF-16 code units in UCS-2. */
  readonly units: number;
  /** Messages that the network sends and bills; 0 for an empty text. */
  readonly segments: number;
}

// 3GPP TS 23.038, 6.2.1: the default alphabet, and its extension table, whose characters take two septets.
const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const extended = '\f^{}\\[~]|€';
/** Units in one message alone, and in each of several: a header that joins them takes the rest (3GPP TS 23.040, 9.2.3.24.1). */
const capacity = { 'GSM-7': { alone: 160, joined: 153 }, 'UCS-2': { alone: 70, joined: 67 } } as const;

/** Counts what a text costs: one character outside GSM-7 puts the whole text into UCS-2. */
export function smsLength(text: string): SmsLength {
  const characters = Array.from(text);
  const encoding = characters.every((one) => basic.includes(one) || extended.includes(one)) ? 'GSM-7' : 'UCS-2';
  const widths = characters.map((one) => (encoding === 'UCS-2' ? one.length : extended.includes(one) ? 2 : 1));
  const units = widths.reduce((sum, width) => sum + width, 0);
  const { alone, joined } = capacity[encoding];
  return { encoding, units, segments: units <= alone ? Math.min(units, 1) : segmentsOf(widths, joined) };
}

/** A character of two units never straddles two messages. */
function segmentsOf(widths: readonly number[], joined: number): number {
  let segments = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > joined) {
      segments += 1;
      used = 0;
    }
    used += width;
  }
  return segments;
}
