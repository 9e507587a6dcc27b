/** asl-validator 4 has no types of its own. */
declare module 'asl-validator' {
  interface Answer {
    readonly isValid: boolean;
    readonly errorsText: (separator?: string) => string;
  }

  /** Adds fields to the definition: give it a copy. */
  const validate: (definition: object, options?: { checkPaths?: boolean; checkArn?: boolean }) => Answer;
  export default validate;
}
