/** The people who run the stack. */
export interface Operators {
  /**
   * Tells them at once, over a way of its own. At least once.
   * @param text counts, dates and what to do; nothing that names or describes a patient: it leaves in clear.
   */
  alert(text: string): Promise<void>;
}
