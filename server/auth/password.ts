import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** N = 2^15, r = 8: 32 MB and about 50 ms a try (OWASP's second choice; the first would let a few guesses fill a Raspberry Pi). */
const COST = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1_048_576 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;

/** What is kept of a password: `scrypt$<salt>$<key>`, base64url. Says nothing about it to who reads the disk. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt);
  return `scrypt$${salt.toString("base64url")}$${key.toString("base64url")}`;
}

/** Takes as long for a wrong password as for the right one. False for a hash that is none. */
export async function isPassword(candidate: string, hash: string): Promise<boolean> {
  const [kind, salt = "", key = ""] = hash.split("$");
  const expected = Buffer.from(key, "base64url");
  const derived = await derive(candidate, Buffer.from(salt, "base64url"));
  return kind === "scrypt" && expected.length === KEY_BYTES && timingSafeEqual(derived, expected);
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // NFKC: the same password typed on a Mac and on a phone is the same bytes.
    scrypt(password.normalize("NFKC"), salt, KEY_BYTES, COST, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
