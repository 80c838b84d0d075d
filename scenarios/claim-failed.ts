/**
 * The release did not do what the scenario claims, in words. For what `expect` cannot say: an SMTP dialog that took
 * another turn. Counts as `failed`, unlike a LabFailure.
 */
export class ClaimFailed extends Error { override readonly name = "ClaimFailed" }
