/** Text without the secrets that places and messages may carry: keys in URLs, signatures of presigned ones, tokens in headers. */

const MARK = "REDACTED";

/** `scheme://user:password@host`, also where the password holds what should have been encoded. */
const USER_INFO = /([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>]*@/gi;
/** Parameters by which a presigned URL or a shared-access link is signed, or that name themselves. */
const SECRET_PARAMETER =
  /([?&;](?:x-(?:amz|goog)-(?:signature|credential|security-token)|awsaccesskeyid|googleaccessid|signature|sig|token|access_token|password|secret|api_?key)=)[^\s&#;"'<>]*/gi;
const BEARER = /\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}/gi;

export function withoutSecrets(text: string): string {
  return text
    .replace(USER_INFO, `$1${MARK}@`)
    .replace(SECRET_PARAMETER, `$1${MARK}`)
    .replace(BEARER, `$1 ${MARK}`);
}
