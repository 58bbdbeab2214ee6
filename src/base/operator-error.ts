/** An error whose reader is the operator: a stable code, what happened, and what to do about it. */
export class OperatorError extends Error {
  readonly code: string;
  readonly remedy: string;

  constructor(code: string, message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "OperatorError";
    this.code = code;
    this.remedy = remedy;
  }
}
