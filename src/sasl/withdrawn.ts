/** The abort reason of a session whose login is worth nothing any more: password changed or revoked, account disabled. */
export class LoginWithdrawn extends Error {
  override readonly name = "LoginWithdrawn";

  constructor() {
    super("the login of this session is no longer valid");
  }
}

/** True when the session ends for this reason, and not because the server stops. */
export const isWithdrawn = (signal: AbortSignal): boolean => signal.reason instanceof LoginWithdrawn;
