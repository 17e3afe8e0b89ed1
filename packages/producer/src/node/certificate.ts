/**
 * Whether a certificate and a key can serve HTTPS together, found out before anything is started: Node would say so by
 * throwing, in the middle of the start, without the names of the files.
 */
import { createSecureContext, type SecureContextOptions } from "node:tls"

/** PEM texts. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

const isUsable = (options: SecureContextOptions): boolean => {
  try {
    createSecureContext(options)
    return true
  } catch {
    return false
  }
}

/** What is wrong with them, by the variables that name their files; `undefined`: nothing. Nothing of the texts is told. */
export const certificateProblem = ({ cert, key }: Certificate): string | undefined => {
  if (!isUsable({ cert })) return "SLUICE_TLS_CERT_FILE: the file holds no certificate in PEM"
  if (!isUsable({ key })) return "SLUICE_TLS_KEY_FILE: the file holds no private key in PEM without a passphrase"
  return isUsable({ cert, key })
    ? undefined
    : "SLUICE_TLS_KEY_FILE: the key does not belong to the certificate of SLUICE_TLS_CERT_FILE"
}
