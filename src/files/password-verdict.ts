// What comes of the check of a password.

export type PasswordVerdict =
  | { readonly kind: "known"; readonly user: string }
  /** No password, or a wrong one. */
  | { readonly kind: "unknown" }
  /** Too many passwords are being checked already. */
  | { readonly kind: "busy" }
  /** `why` is for the log. */
  | { readonly kind: "unreadable"; readonly why: string };

export interface Authenticator {
  /**
   * @param authorization the field of the request
   * @param client whose passwords wait for each other
   * @returns a promise only where a password has to be worked on
   */
  check(authorization: string | undefined, client: string): PasswordVerdict | Promise<PasswordVerdict>;
}

export const UNKNOWN: PasswordVerdict = { kind: "unknown" };
