// SPDX-License-Identifier: Apache-2.0
//
// The second verifier of decision records (docs/algorithms/second-verifier.md). One file, no dependencies, no build step.
// It shares no code with `madang verify`: another language, other arithmetic, after docs/formats/record.md. It sends
// nothing anywhere: there is no request in this file.
//
//   MadangVerify.verifyRecord(text, {key, receipts: [text], anchorText, progress}) ->
//     {edition, exit_code, root, faults: [{code, at, params}],
//      findings: [{check, state: "holds" | "fails" | "not_checked", reasons: [{code, params}]}]}
//
// exit_code 0: nothing contradicts; 1: a contradiction; 2: unreadable. In a Web Worker: post {text, key, receipts,
// anchorText}; it answers {progress: CHECK} while it works and {result} at the end.
// Rules in CEL are not evaluated and YAML is not read; what is taken as stated for that reason is said in the findings.
(function (scope) {
  "use strict";

  // == bytes and hashes =================================================================================================

  const encoder = new TextEncoder();
  const HEX = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, "0"));
  const hex = (bytes) => { let out = ""; for (const byte of bytes) out += HEX[byte]; return out; };
  const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
  const isHex = (value, size) => typeof value === "string" && value.length === size && /^[0-9a-f]*$/.test(value);

  // Primes below 410, and from them the constants of FIPS 180-4: fractional parts of cube roots and of square roots.
  const PRIMES = [];
  for (let n = 2; PRIMES.length < 80; n++) if (PRIMES.every((p) => n % p)) PRIMES.push(n);

  /** The integer part of the `degree`-th root, by halving. */
  function root(value, degree) {
    let low = 0n, high = 1n << 140n;
    while (low < high) {
      const middle = (low + high + 1n) >> 1n;
      if (middle ** degree <= value) low = middle; else high = middle - 1n;
    }
    return low;
  }
  const fraction = (prime, degree, bits) => BigInt.asUintN(Number(bits), root(BigInt(prime) << (bits * degree), degree));
  const K256 = Int32Array.from(PRIMES.slice(0, 64), (p) => Number(fraction(p, 3n, 32n)) | 0);
  const START256 = PRIMES.slice(0, 8).map((p) => Number(fraction(p, 2n, 32n)) | 0);
  const words256 = new Int32Array(64);

  /** SHA-256 of bytes, synchronous: crypto.subtle answers later, which is slow for a hundred thousand leaves. */
  function sha256(bytes) {
    const length = bytes.length, padded = new Uint8Array(((length + 72) >> 6) << 6);
    padded.set(bytes);
    padded[length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(length / 0x20000000));
    view.setUint32(padded.length - 4, (length << 3) >>> 0);
    const state = Int32Array.from(START256), w = words256;
    for (let at = 0; at < padded.length; at += 64) {
      for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i);
      for (let i = 16; i < 64; i++) {
        const x = w[i - 15], y = w[i - 2];
        const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
        const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
        w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i++) {
        const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K256[i] + w[i]) | 0;
        const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
      }
      state[0] += a; state[1] += b; state[2] += c; state[3] += d;
      state[4] += e; state[5] += f; state[6] += g; state[7] += h;
    }
    const out = new Uint8Array(32), outView = new DataView(out.buffer);
    state.forEach((word, i) => outView.setInt32(4 * i, word));
    return out;
  }
  const hashText = (text) => hex(sha256(encoder.encode(text)));

  const K512 = PRIMES.map((p) => fraction(p, 3n, 64n));
  const START512 = PRIMES.slice(0, 8).map((p) => fraction(p, 2n, 64n));
  const u64 = (value) => BigInt.asUintN(64, value);
  const turn = (x, n) => u64((x >> n) | (x << (64n - n)));

  /** SHA-512, for Ed25519 only: written to be read, not to be fast. */
  function sha512(bytes) {
    const padded = new Uint8Array(((bytes.length + 144) >> 7) << 7);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
    const state = [...START512];
    for (let at = 0; at < padded.length; at += 128) {
      const w = [];
      for (let i = 0; i < 16; i++) w.push(view.getBigUint64(at + 8 * i));
      for (let i = 16; i < 80; i++) {
        const x = w[i - 15], y = w[i - 2];
        const s0 = turn(x, 1n) ^ turn(x, 8n) ^ (x >> 7n), s1 = turn(y, 19n) ^ turn(y, 61n) ^ (y >> 6n);
        w.push(u64(w[i - 16] + s0 + w[i - 7] + s1));
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 80; i++) {
        const s1 = turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n), choice = (e & f) ^ (u64(~e) & g);
        const t1 = u64(h + s1 + choice + K512[i] + w[i]);
        const s0 = turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n), majority = (a & b) ^ (a & c) ^ (b & c);
        h = g; g = f; f = e; e = u64(d + t1); d = c; c = b; b = a; a = u64(t1 + s0 + majority);
      }
      [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] = u64(state[i] + word); });
    }
    const out = new Uint8Array(64), outView = new DataView(out.buffer);
    state.forEach((word, i) => outView.setBigUint64(8 * i, word));
    return out;
  }

  // == Ed25519 (RFC 8032, section 5.1.7) ================================================================================

  const P = (1n << 255n) - 19n;
  const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n;
  const mod = (a) => { const rest = a % P; return rest < 0n ? rest + P : rest; };
  function power(base, exponent) {
    let result = 1n;
    for (let square = mod(base); exponent > 0n; exponent >>= 1n, square = mod(square * square)) {
      if (exponent & 1n) result = mod(result * square);
    }
    return result;
  }
  const D = mod(-121665n * power(121666n, P - 2n));
  const SQRT_MINUS_ONE = power(2n, (P - 1n) / 4n);
  const littleEndian = (bytes) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

  /** The point of 32 bytes in extended coordinates, or null where there is none. */
  function point(bytes) {
    let y = littleEndian(bytes);
    const odd = y >> 255n;
    y &= (1n << 255n) - 1n;
    if (y >= P) return null;
    const square = mod((y * y - 1n) * power(D * y * y + 1n, P - 2n));
    let x = power(square, (P + 3n) / 8n);
    if (mod(x * x - square)) x = mod(x * SQRT_MINUS_ONE);
    if (mod(x * x - square) || (x === 0n && odd)) return null;
    if ((x & 1n) !== odd) x = P - x;
    return [x, y, 1n, mod(x * y)];
  }
  function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
    const a = mod((y1 - x1) * (y2 - x2)), b = mod((y1 + x1) * (y2 + x2));
    const c = mod(2n * D * t1 * t2), d = mod(2n * z1 * z2);
    const e = b - a, f = d - c, g = d + c, h = b + a;
    return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
  }
  function times(number, one) {
    let result = [0n, 1n, 1n, 0n];
    for (let doubled = one; number > 0n; number >>= 1n, doubled = add(doubled, doubled)) {
      if (number & 1n) result = add(result, doubled);
    }
    return result;
  }
  const BASE = point(unhex("58" + "66".repeat(31)));

  /** Whether a signature of 64 bytes over a message belongs to a public key of 32 bytes. */
  function ed25519Verify(publicKey, message, signature) {
    const a = point(publicKey), r = point(signature.slice(0, 32)), s = littleEndian(signature.slice(32));
    if (!a || !r || s >= ORDER) return false;
    const joined = new Uint8Array(64 + message.length);
    joined.set(signature.slice(0, 32));
    joined.set(publicKey, 32);
    joined.set(message, 64);
    const left = times(s, BASE), right = add(r, times(littleEndian(sha512(joined)) % ORDER, a));
    return mod(left[0] * right[2] - right[0] * left[2]) === 0n && mod(left[1] * right[2] - right[1] * left[2]) === 0n;
  }

  // == canonical JSON (RFC 8785, whole numbers only) ====================================================================

  class NotCanonical extends Error {}
  const LONE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;
  const SAFE = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
  function quoted(text) {
    if (SAFE.test(text)) return `"${text}"`;
    if (LONE.test(text)) throw new NotCanonical("a lone surrogate");
    return JSON.stringify(text);
  }
  function canonical(value) {
    if (typeof value === "string") return quoted(value);
    if (value === null || typeof value === "boolean") return String(value);
    if (typeof value === "number") {
      if (!Number.isSafeInteger(value) && Math.abs(value) !== 2 ** 53) throw new NotCanonical(`the number ${value}`);
      return String(value);
    }
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    const keys = Object.keys(value).sort(); // by UTF-16 code units, as RFC 8785 asks
    return `{${keys.map((key) => `${quoted(key)}:${canonical(value[key])}`).join(",")}}`;
  }
  const same = (one, other) => one === other || canonical(one) === canonical(other);

  /** What JSON.parse swallows: keys that stand twice, numbers that are not whole or too large. Null, or a fault. */
  function swallowed(text) {
    const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\],:]|true|false|null/g;
    const open = [];
    let key = false, found;
    while ((found = TOKEN.exec(text))) {
      const token = found[0], first = token[0];
      if (first === "{") { open.push(new Set()); key = true; }
      else if (first === "[") { open.push(null); key = false; }
      else if (first === "}" || first === "]") { open.pop(); key = false; }
      else if (first === ",") key = Boolean(open[open.length - 1]);
      else if (first === ":") key = false;
      else if (first === '"' && key) {
        const name = JSON.parse(token), keys = open[open.length - 1];
        if (keys.has(name)) return fault("duplicate_key", "", { key: name });
        keys.add(name);
        key = false;
      } else if (/[-\d]/.test(first)) {
        const whole = /^-?\d+$/.test(token) ? BigInt(token) : null;
        if (whole !== null && (whole > 2n ** 53n || whole < -(2n ** 53n))) {
          return fault("integer_too_large", "", { given: token.slice(0, 40) });
        }
      }
    }
    return null;
  }
  const fault = (code, at = "", params = {}) => ({ code, at, params });
  const reason = (code, params = {}) => ({ code, params });

  // == exact numbers ====================================================================================================

  const gcd = (a, b) => { while (b) [a, b] = [b, a % b]; return a; };

  /** A fraction of big integers; the denominator is positive. */
  class Exact {
    constructor(n, d = 1n) {
      const common = gcd(n < 0n ? -n : n, d) || 1n;
      this.n = n / common;
      this.d = d / common;
    }
    plus(other) { return new Exact(this.n * other.d + other.n * this.d, this.d * other.d); }
    times(other) { return new Exact(this.n * other.n, this.d * other.d); }
    compare(other) { const a = this.n * other.d, b = other.n * this.d; return a < b ? -1 : a > b ? 1 : 0; }
    toString() { return this.d === 1n ? `${this.n}` : `${this.n}/${this.d}`; }
    /** Rounded half up, away from zero, to so many decimals. */
    rounded(decimals) {
      const scale = 10n ** BigInt(decimals), top = (this.n < 0n ? -this.n : this.n) * scale;
      const units = (2n * top + this.d) / (2n * this.d);
      return new Exact(this.n < 0n ? -units : units, scale);
    }
    /** The rounded number as decimal text with all its decimals. */
    text(decimals) {
      const units = this.rounded(decimals).times(new Exact(10n ** BigInt(decimals))).n;
      const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, "0");
      const whole = digits.slice(0, digits.length - decimals), rest = digits.slice(digits.length - decimals);
      return (units < 0n ? "-" : "") + whole + (decimals ? `.${rest}` : "");
    }
  }
  const ZERO = new Exact(0n), HUNDRED = new Exact(100n);
  const MILLION = 1000000n;
  const millionths = new Map();
  /** Decimal text (at most six decimals) in millionths; remembered, because scores repeat. */
  function inMillionths(text) {
    const known = millionths.get(text);
    if (known !== undefined) return known;
    const found = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(String(text));
    if (!found) throw new TypeError(`not a decimal: ${String(text).slice(0, 40)}`);
    const size = BigInt(found[2]) * MILLION + BigInt((found[3] || "").padEnd(6, "0"));
    const value = found[1] ? -size : size;
    millionths.set(text, value);
    return value;
  }
  const decimal = (text) => new Exact(inMillionths(text), MILLION);
  const basisPoints = (percent) => inMillionths(percent) / 10000n;

  /** A fraction as the record writes it ("325/4", "81"). */
  function exactOf(text) {
    const found = /^(-?\d{1,400})(?:\/([1-9]\d{0,400}))?$/.exec(String(text));
    if (!found) throw new TypeError(`not a fraction: ${String(text).slice(0, 40)}`);
    return new Exact(BigInt(found[1]), BigInt(found[2] || 1));
  }

  // == the file =========================================================================================================

  const EDITIONS = ["auditor", "party", "public"];
  const hasKeys = (value, ...keys) =>
    value !== null && typeof value === "object" && !Array.isArray(value) &&
    Object.keys(value).length === keys.length && keys.every((key) => Object.hasOwn(value, key));

  /** Whether a number is written as anything but a whole one: JSON.parse would read 1.0 as 1, and nobody would know. */
  const fractional = (text) => /\d[.eE]|-0/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, '""'));

  /** The record in `text`, or `{faults}` where it is none. */
  function read(text) {
    let data;
    try { data = JSON.parse(text.replace(/^\uFEFF/, "")); } catch (error) {
      return { faults: [fault("js_not_json", "", { problem: String(error.message).slice(0, 200) })] };
    }
    let asWritten = false;
    try { asWritten = canonical(data) === text; } catch (error) { if (!(error instanceof NotCanonical)) throw error; }
    const lost = asWritten ? null : swallowed(text);
    if (lost) return { faults: [lost] };
    if (data === null || typeof data !== "object" || !Object.hasOwn(data, "madang_record")) return { faults: [fault("not_a_record")] };
    if (data.madang_record !== 1) return { faults: [fault("record_version", "/madang_record", { known: "1" })] };
    if (!hasKeys(data, "madang_record", "edition", "root", "leaves", "signatures")) return { faults: [fault("js_frame_keys")] };
    const faults = [...frameFaults(data)];
    if (faults.length) return { faults };
    const values = new Map();
    for (const leaf of data.leaves) if (Object.hasOwn(leaf, "name")) values.set(leaf.name, leaf.value);
    return { ...data, values, asWritten, fractional: !asWritten && fractional(text) };
  }

  function* frameFaults(data) {
    if (!EDITIONS.includes(data.edition)) yield fault("not_one_of", "/edition", { expected: EDITIONS.join(", ") });
    if (!isHex(data.root, 64)) yield fault("not_a_hash", "/root");
    if (!Array.isArray(data.leaves) || !data.leaves.length) yield fault("not_a_list", "/leaves");
    else yield* leafFaults(data.leaves);
    yield* signatureFaults(data.signatures);
  }

  function* leafFaults(leaves) {
    const seen = new Set();
    for (const [number, leaf] of leaves.entries()) {
      const at = `/leaves/${number}`;
      if (hasKeys(leaf, "name", "salt", "value") && typeof leaf.name === "string") {
        if (seen.has(leaf.name)) yield fault("leaf_twice", at, { name: leaf.name });
        seen.add(leaf.name);
        if (!isHex(leaf.salt, 32)) yield fault("not_a_hash", `${at}/salt`);
      } else if (hasKeys(leaf, "commitment") || hasKeys(leaf, "commitment", "height")) {
        const height = leaf.height === undefined ? 1 : leaf.height;
        if (!Number.isInteger(height) || height < 1 || height > 40) yield fault("not_a_leaf", `${at}/height`);
        if (!isHex(leaf.commitment, 64)) yield fault("not_a_hash", `${at}/commitment`);
      } else yield fault("not_a_leaf", at);
    }
  }

  function* signatureFaults(signatures) {
    if (!Array.isArray(signatures)) { yield fault("not_a_list", "/signatures"); return; }
    for (const [number, one] of signatures.entries()) {
      const at = `/signatures/${number}`;
      if (!hasKeys(one, "algorithm", "key", "signature")) yield fault("not_a_signature", at);
      else if (one.algorithm !== "Ed25519") yield fault("not_one_of", `${at}/algorithm`, { expected: "Ed25519" });
      else if (!isHex(one.key, 64) || !isHex(one.signature, 128)) yield fault("not_a_hash", at);
    }
  }

  // == root, order, signatures, receipts, deposits ======================================================================

  const joined = new Uint8Array(65);
  joined[0] = 1;
  /** An inner node of RFC 9162. */
  function node(left, right) {
    joined.set(left, 1);
    joined.set(right, 33);
    return sha256(joined);
  }
  const commitment = (leaf) => sha256(encoder.encode("\0" + canonical([leaf.name, leaf.salt, leaf.value])));

  /** `{root, misplaced}`: the root that the entries add up to (null: they make no tree); the first out of order. */
  function addUp(leaves) {
    const stack = [];
    let last = "", misplaced = null;
    for (const leaf of leaves) {
      let height = leaf.height || 0;
      let hash = Object.hasOwn(leaf, "name") ? commitment(leaf) : unhex(leaf.commitment);
      const here = height ? "" : hex(hash);
      if (here && here <= last && misplaced === null) misplaced = leaf.name || leaf.commitment;
      last = here;
      while (stack.length && stack[stack.length - 1].height === height) {
        hash = node(stack.pop().hash, hash);
        height += 1;
      }
      stack.push({ height, hash });
    }
    return { root: stack.length === 1 ? hex(stack[0].hash) : null, misplaced };
  }

  const signatureHolds = (rootHex, { key, signature }) =>
    ed25519Verify(unhex(key), encoder.encode(canonical({ madang_record: 1, root: rootHex })), unhex(signature));

  /** Content is one question, authenticity another: this part asks whether these are the inputs that were sealed. */
  function authenticity(found, record, options) {
    let sum;
    if (record.fractional) { found.add("root", [reason("leaf_not_canonical", { problem: "a number that is not whole" })]); return false; }
    try { sum = addUp(record.leaves); } catch (error) {
      if (!(error instanceof NotCanonical)) throw error;
      found.add("root", [reason("leaf_not_canonical", { problem: error.message })]);
      return false;
    }
    const wrong = [];
    if (sum.root === null) wrong.push(reason("leaves_fill_no_tree", { leaves: record.leaves.length }));
    else if (sum.root !== record.root) wrong.push(reason("root_differs", { stated: record.root, found: sum.root }));
    if (sum.misplaced !== null) wrong.push(reason("leaves_out_of_order", { name: String(sum.misplaced) }));
    found.add("root", wrong, reason("root_is", { root: record.root }));
    signatures(found, record, options);
    if (options.anchorText) deposit(found, sum.root || record.root, options.anchorText);
    for (const text of options.receipts || []) found.add("receipt", ...receipt(record, text));
    if (!options.key && !options.anchorText && !(options.receipts || []).length) {
      found.skip("authenticity", reason("js_authenticity_cannot_be_judged"));
    }
    if (!record.asWritten) found.skip("canonical", reason("not_canonical"));
    return true;
  }

  function signatures(found, record, options) {
    const good = record.signatures.filter((one) => signatureHolds(record.root, one)).map((one) => one.key);
    if (!record.signatures.length) found.skip("signature", reason("unsigned"));
    else {
      const bad = record.signatures.filter((one) => !good.includes(one.key));
      found.add("signature", bad.map((one) => reason("signature_bad", { key: one.key })), reason("signature_holds", { keys: good }));
    }
    if (options.key) {
      const key = options.key.toLowerCase().replace(/\s/g, "");
      found.add("key", good.includes(key) ? [] : [reason("key_did_not_sign", { key })], reason("key_signed"));
    } else if (record.signatures.length) found.skip("key", reason("js_key_not_given"));
  }

  /** A deposit note: any text that holds one root, plain, in groups, or after `root:`. */
  function deposit(found, rootHex, text) {
    const roots = new Set();
    for (const [, after] of text.matchAll(/(?:root|루트)\s*:\s*([0-9a-fA-F][0-9a-fA-F\s]*)/gi)) {
      const digits = after.replace(/\s/g, "").toLowerCase();
      if (digits.length >= 64) roots.add(digits.length === 64 ? digits : digits.slice(0, 64));
    }
    for (const [whole] of text.matchAll(/(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])/g)) roots.add(whole.toLowerCase());
    if (/-----BEGIN|[\0\uFFFD]/.test(text)) found.skip("anchor", reason("js_time_stamp_not_checkable"));
    else if (roots.size !== 1) found.skip("anchor", reason("js_deposit_unreadable", { roots: roots.size }));
    else {
      const [noted] = roots;
      const wrong = noted === rootHex ? [] : [reason("js_deposit_of_another_root", { noted, root: rootHex })];
      found.add("anchor", wrong, reason("js_deposit_holds", { root: rootHex }));
    }
  }

  /** An evaluator's receipt against a record of any edition: `[contradictions, what holds]`. */
  function receipt(record, text) {
    let data;
    try { data = JSON.parse(text); } catch { return [[reason("js_receipt_unreadable")]]; }
    const sound = data && data.madang_receipt === 1 && isHex(data.root, 64) && Array.isArray(data.leaves) &&
      Array.isArray(data.signatures) && ![...signatureFaults(data.signatures)].length &&
      data.leaves.every((leaf) => hasKeys(leaf, "name", "salt", "value", "index", "path") && isHex(leaf.salt, 32) &&
        Number.isSafeInteger(leaf.index) && Array.isArray(leaf.path) && leaf.path.every((step) => isHex(step, 64)));
    if (!sound) return [[reason("js_receipt_unreadable")]];
    const values = new Map(data.leaves.map((leaf) => [leaf.name, leaf.value]));
    const wrong = data.leaves.filter((leaf) => !leadsTo(leaf, data.root)).map((leaf) => reason("receipt_path_wrong", { leaf: leaf.name }));
    const identity = `evaluators/${data.pseudonym}`;
    let theirs = same(values.get(identity) ?? null, { id: data.evaluator, pseudonym: data.pseudonym }) && values.size === data.leaves.length;
    for (const name of values.keys()) {
      const cut = name.indexOf("/"), kind = name.slice(0, cut), rest = name.slice(cut + 1);
      if (["sheets", "comments", "scored-by"].includes(kind)) {
        theirs = theirs && same(values.get(`scored-by/${rest}`) ?? null, { evaluator: data.pseudonym });
      } else theirs = theirs && name === identity;
    }
    if (!theirs) wrong.push(reason("receipt_of_somebody_else", { evaluator: String(data.evaluator) }));
    for (const one of data.signatures) if (!signatureHolds(data.root, one)) wrong.push(reason("signature_bad", { key: one.key }));
    if (data.root !== record.root) {
      wrong.push(reason("receipt_of_another_root", { receipt: data.root, record: record.root }));
    } else wrong.push(...besideSealed(record, data));
    const meta = record.values.get("meta") || {};
    if (data.call !== meta.call) wrong.push(reason("receipt_of_another_call", { receipt: String(data.call), record: String(meta.call) }));
    else if (data.decided_at !== meta.decided_at) {
      wrong.push(reason("receipt_of_another_time", { receipt: String(data.decided_at), record: String(meta.decided_at) }));
    }
    const sheets = [...values.keys()].filter((name) => name.startsWith("sheets/")).length;
    if (!sheets) wrong.push(reason("receipt_without_sheets", { evaluator: String(data.evaluator) }));
    return [wrong, reason("receipt_holds", { evaluator: String(data.evaluator), sheets })];
  }

  /** Under the same root: open leaves of the name of a sealed one that say something else, and sheets that it does not hold. */
  function* besideSealed(record, data) {
    const open = new Map(record.leaves.filter((leaf) => "name" in leaf).map((leaf) => [leaf.name, leaf]));
    const sealed = new Set(data.leaves.map((leaf) => leaf.name));
    for (const leaf of data.leaves) {
      const other = open.get(leaf.name);
      if (other && (other.salt !== leaf.salt || !same(other.value, leaf.value))) yield reason("sealed_leaf_not_decided_on", { leaf: leaf.name });
    }
    for (const [name, leaf] of open) {
      if (name.startsWith("scored-by/") && (leaf.value || {}).evaluator === data.pseudonym && !sealed.has(name)) {
        yield reason("sheet_never_sealed", { evaluator: String(data.evaluator), stage: "", application: name.slice(10) });
      }
    }
  }
  function leadsTo(leaf, rootHex) {
    if (leaf.index < 0 || leaf.index >= 2 ** leaf.path.length) return false;
    let hash = commitment(leaf), index = leaf.index;
    for (const step of leaf.path) {
      hash = index % 2 ? node(unhex(step), hash) : node(hash, unhex(step));
      index = Math.floor(index / 2);
    }
    return hex(hash) === rootHex;
  }

  // == findings, and what stands in a record ============================================================================

  class Findings {
    constructor(progress) { this.list = []; this.progress = progress || (() => {}); }
    add(check, wrong, holds) {
      this.list.push({ check, state: wrong.length ? "fails" : "holds", reasons: wrong.length ? wrong : holds ? [holds] : [] });
      this.progress(check);
      return !wrong.length;
    }
    skip(check, ...reasons) { this.list.push({ check, state: "not_checked", reasons }); }
    get exitCode() { return this.list.some((one) => one.state === "fails") ? 1 : 0; }
  }

  /** The open leaves by kind. `rest` of a row `sheets/ID/K` is `ID/K`; ID is what stands before the last slash. */
  class Leaves {
    constructor(record) {
      this.values = record.values;
      this.edition = record.edition;
      this.closed = record.leaves.filter((leaf) => "commitment" in leaf).length;
      this.kinds = new Map();
      for (const [name, value] of record.values) {
        const parts = name.split("/"), kind = parts.slice(0, parts[0] === "computed" ? 2 : 1).join("/");
        if (!this.kinds.has(kind)) this.kinds.set(kind, new Map());
        this.kinds.get(kind).set(name.slice(kind.length + 1), value);
      }
      this.definition = this.get("definition");
      this.meta = this.get("meta");
    }
    get(name) { return this.values.get(name); }
    of(kind) { return this.kinds.get(kind) || new Map(); }
    /** The values of a table in the order of their names. */
    rows(kind) { return [...this.of(kind)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value); }
    /** Application -> its rows, each as [K, value], by K. */
    byApplication(kind) {
      const found = new Map();
      for (const [rest, value] of this.of(kind)) {
        const cut = rest.lastIndexOf("/"), id = rest.slice(0, cut);
        if (!found.has(id)) found.set(id, []);
        found.get(id).push([Number(rest.slice(cut + 1)), value]);
      }
      for (const rows of found.values()) rows.sort(([a], [b]) => a - b);
      return found;
    }
    /** The rows of a table about one application. */
    rowsOf(kind, id) {
      this.grouped ||= new Map();
      if (!this.grouped.has(kind)) this.grouped.set(kind, this.byApplication(kind));
      return (this.grouped.get(kind).get(id) || []).map(([, value]) => value);
    }
    /** Applications in the order of their list, with all answers that are open. */
    applications() {
      const told = [...this.of("applications")].map(([id, value]) => {
        const rest = this.get(`answers/${id}`) || {};
        return { ...rest, ...value, id, answers: { ...rest.answers, ...value.answers } };
      });
      return told.sort((a, b) => a.number - b.number);
    }
  }

  const brief = (value) => {
    const text = value === undefined ? "-" : typeof value === "string" ? value : JSON.stringify(value);
    return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
  };
  const differs = (leaf, at, stated, follows) => reason("value_differs", { leaf, at, stated: brief(stated), follows: brief(follows) });

  /** Holds the parts named in `follows` against a leaf; `undefined` means that the part is not there. */
  function* compare(leaves, name, follows) {
    const stated = leaves.get(name);
    if (stated === undefined) { yield reason("leaf_missing", { leaf: name }); return; }
    for (const [part, value] of Object.entries(follows)) {
      const given = stated === null ? undefined : stated[part];
      if (given === undefined ? value !== undefined : value === undefined || !same(given, value)) yield differs(name, `/${part}`, given, value);
    }
  }
  /** Every leaf of a kind must be one that follows. */
  function* nothingElse(leaves, kind, expected) {
    for (const rest of leaves.of(kind).keys()) if (!expected.has(rest)) yield reason("leaf_does_not_follow", { leaf: `${kind}/${rest}` });
  }

  // == the definition: what stands in its JSON, with the defaults that it leaves out ====================================

  const SCALE = { min: "0", max: "100" };
  const decimalsOf = (definition) => definition.decide.decimals ?? 2;
  const isScored = (definition) => ["rank", "threshold", "grade"].includes(definition.decide.by);
  const judgedStages = (definition) => (definition.evaluation || []).filter((stage) => stage.kind === "judged");
  const fieldOf = (definition, id) => (definition.form || []).flatMap((section) => section.fields || []).find((field) => field.id === id);
  const trackOf = (definition, application) => application.track || ((definition.tracks || []).length === 1 ? definition.tracks[0].id : "");

  /** Cost and own share of an application in won; cost is null where the form asks for none. */
  function amounts(definition, application) {
    const money = definition.money || {};
    const read = (field) => { const value = field ? application.answers[field] : undefined; return Number.isSafeInteger(value) ? value : null; };
    return { cost: read(money.cost), own: read(money.own) || 0 };
  }

  // == inputs ===========================================================================================================

  const ABOUT = ["sheets", "assignments", "comments", "votes", "checklist", "opinions", "outside_checks", "adjustments", "reductions",
    "conditions", "appointments"];
  const KINDS = new Set([...ABOUT, "meta", "definition", "definition-text", "classifications", "rounds", "batch", "origin",
    "panel-names", "applications", "answers", "scored-by", "evaluators", "conflicts", "assignment_plans", "panel", "pool", "exclusions", "draws",
    "reveals", "seats", "sisters", "lots", "decided", "decided-summary", "deviations", "padding"]);
  const SINGLE = new Set(["meta", "definition", "definition-text", "classifications", "origin", "lots", "decided-summary"]);
  const COMPUTED = new Set(["summary", "statistics", "counts", "reasons", "unclassified", "eligibility", "stages", "counted", "ranking",
    "scores", "selections", "votes", "votes-several", "draws", "bands", "outcomes", "tasks", "why", "figures", "all-reasons"]);
  const OUTCOMES = ["selected", "reserve", "not_selected", "ineligible", "undetermined", "later"];

  function inputs(found, leaves, applications) {
    const wrong = [...unknownLeaves(leaves), ...misplacedRows(leaves, applications), ...sheetFaults(leaves), ...rowFaults(leaves, applications)];
    const evaluators = new Set(leaves.rows("scored-by").map((row) => row.evaluator));
    return found.add("inputs", wrong, reason("inputs_read", {
      applications: applications.length, sheets: leaves.of("sheets").size, evaluators: evaluators.size, votes: leaves.of("votes").size,
    }));
  }

  function* unknownLeaves(leaves) {
    for (const [name, value] of leaves.values) {
      const [first, ...rest] = name.split("/"), id = rest.join("/");
      const known = first === "computed" ? COMPUTED.has(rest[0])
        : SINGLE.has(first) ? name === first
        : first === "decided" || first === "deviations" ? leaves.values.has(`applications/${id}`)
        : first === "padding" ? value === null && /^\d{6,}$/.test(id)
        : KINDS.has(first);
      if (!known) yield reason("leaf_unknown", { leaf: name });
    }
  }

  function* misplacedRows(leaves, applications) {
    const known = new Set(applications.map((one) => one.id));
    for (const kind of [...ABOUT, "conflicts"]) {
      for (const [rest, value] of leaves.of(kind)) {
        const id = rest.slice(0, rest.lastIndexOf("/"));
        if (value.application !== id) yield reason("leaf_misread", { leaf: `${kind}/${rest}` });
        if (!known.has(id) && kind !== "conflicts") yield reason("row_about_unknown_application", { application: id });
      }
    }
    for (const one of applications) {
      if (leaves.get(`applications/${one.id}`).id !== one.id) yield reason("leaf_misread", { leaf: `applications/${one.id}` });
      if (!leaves.values.has(`answers/${one.id}`)) yield reason("input_leaf_missing", { leaf: `answers/${one.id}` });
    }
    for (const id of leaves.of("answers").keys()) if (!known.has(id)) yield reason("row_about_unknown_application", { application: id });
  }

  /** Sheets in conflict, twice, by nobody, by somebody who was not drawn, of an unknown stage, off the scale. */
  function* sheetFaults(leaves) {
    const stages = new Map(judgedStages(leaves.definition).map((stage) => [stage.id, stage]));
    const barred = new Set(leaves.rows("conflicts").map((row) => `${row.evaluator} ${row.application}`));
    const trueIds = new Map(leaves.rows("evaluators").map((row) => [row.pseudonym, row.id]));
    if (new Set(trueIds.values()).size < trueIds.size) yield reason("evaluator_twice", { evaluator: firstTwice([...trueIds.values()]) });
    const seated = new Map();
    for (const draw of leaves.rows("computed/draws")) {
      if (!draw.draw.startsWith("panel:")) continue;  // a draw that cannot be derived seats nobody
      seated.set(draw.draw.slice(6), new Set(draw.status === "computed" ? [...draw.members, ...draw.left] : []));
    }
    for (const { stage } of leaves.rows("panel")) if (stage && !stages.has(stage)) yield reason("panel_of_unknown_stage", { stage: String(stage) });
    const handedIn = new Set(leaves.rows("panel").map((row) => `${row.stage ?? ""} ${row.evaluator}`));
    const readers = yield* assigned(leaves, stages, barred);
    const seen = new Set(), strangers = new Set();
    for (const [rest, sheet] of leaves.of("sheets")) {
      const by = (leaves.get(`scored-by/${rest}`) || {}).evaluator, stage = stages.get(sheet.stage ?? [...stages.keys()][0]);
      if (by === undefined) yield reason("input_leaf_missing", { leaf: `scored-by/${rest}` });
      if (!stage) { yield reason("sheets_of_unknown_stage", { stage: String(sheet.stage) }); continue; }
      const told = { application: sheet.application, evaluator: String(by) };
      if (trueIds.size && by !== undefined && !trueIds.has(by)) yield reason("evaluator_unknown", { evaluator: by });
      if (barred.has(`${by} ${sheet.application}`)) yield reason("sheet_in_conflict", told);
      const key = canonical([stage.id, sheet.application, by ?? null]);
      if (seen.has(key)) yield reason("sheet_twice", told);
      seen.add(key);
      if (seated.has(stage.id) && !seated.get(stage.id).has(trueIds.get(by) ?? by)) strangers.add(canonical([stage.id, by ?? null]));
      if (stage.assign && !readers.pairs.has(key)) yield reason("sheet_not_assigned", told);
      if (handedIn.size && !seated.has(stage.id) && !readers.stages.has(stage.id) && !handedIn.has(`${stage.id} ${by}`) && !handedIn.has(` ${by}`)) strangers.add(canonical([stage.id, by ?? null]));
      yield* offScale(stage, sheet, rest);
    }
    for (const rest of leaves.of("scored-by").keys()) if (!leaves.values.has(`sheets/${rest}`)) yield reason("leaf_unknown", { leaf: `scored-by/${rest}` });
    for (const one of strangers) {
      const [stage, evaluator] = JSON.parse(one);
      yield reason("sheet_by_nobody_seated", { stage, evaluator: String(evaluator) });
    }
  }
  /** As many readers as announced, nobody with too many, and the sums that the plan states. */
  function* heldToThePlan(stage, rows, plans) {
    const { each, load, objective = "fair" } = stage.assign, sums = new Map(), counts = new Map(), loads = new Map();
    const add = (map, key, value) => map.set(key, (map.get(key) ?? value - value) + value);
    for (const row of rows) { add(counts, row.application, 1); add(loads, row.evaluator, 1); }
    for (const [application, found] of counts) if (found !== each) yield reason("assigned_unlike_announced", { stage: stage.id, application, found, each });
    for (const [evaluator, found] of loads) if (load?.max != null && found > load.max) yield reason("assigned_over_load", { stage: stage.id, evaluator: String(evaluator), found, most: load.max });
    if (!plans.length) yield reason("assignment_plan_missing", { stage: stage.id });
    for (const [part, expected] of [["status", ["optimal", "feasible"]], ["objective", [objective]]]) {
      for (const row of plans) if (!expected.includes(row[part])) yield reason("assignment_plan_wrong_word", { stage: stage.id, part, given: String(row[part] ?? "").slice(0, 40), expected });
    }
    const figures = [...rows.map((row) => row.affinity), ...plans.flatMap((row) => [row.total, row.total_bound, row.worst, row.worst_bound])];
    if (figures.some((one) => one && !/^[0-9]{1,12}(\.[0-9]{1,6})?$/.test(String(one)))) return; // told as unreadable
    for (const row of rows) add(sums, row.application, inMillionths(row.affinity || "0"));
    const all = [...sums.values()], measured = rows.some((row) => row.affinity);
    const found = { total: all.reduce((a, b) => a + b, 0n), worst: all.reduce((a, b) => (a < b ? a : b)) };
    for (const row of plans) {
      for (const figure of ["total", "worst"]) {
        const [stated, bound] = [row[figure], row[`${figure}_bound`]].map((one) => (one ? inMillionths(one) : null));
        const told = { stage: stage.id, figure, found: `${found[figure] / MILLION}.${String(found[figure] % MILLION).padStart(6, "0")}` };
        if (stated !== (measured ? found[figure] : null)) yield reason("assignment_plan_misstates", { ...told, stated: String(row[figure] ?? "") });
        const best = row.status === "optimal" && (figure === "total" || row.objective === "fair");
        const holds = row.kept === true || !measured ? bound === null : best ? bound === found[figure] : bound === null || bound >= found[figure];
        if (!holds) yield reason("assignment_plan_bound_wrong", { ...told, bound: String(row[`${figure}_bound`] ?? ""), status: String(row.status) });
      }
    }
  }

  /** Who reads what in the stages that assign: the pairs, as the sheets are held against them, and the stages. */
  function* assigned(leaves, stages, barred) {
    const lone = stages.size === 1 ? [...stages.keys()][0] : "", stageOf = (row) => row.stage || lone;
    const asked = new Set([...stages.values()].filter((stage) => stage.assign).map((stage) => stage.id));
    const rows = leaves.rows("assignments"), plans = leaves.rows("assignment_plans"), pairs = new Set(), planned = new Set();
    const unasked = new Set([...rows, ...plans].map(stageOf).filter((stage) => !asked.has(stage)));
    for (const stage of unasked) yield reason("assignments_not_asked", { stage: String(stage) });
    for (const stage of new Set(leaves.rows("panel").map(stageOf))) if (asked.has(stage)) yield reason("panel_where_assigned", { stage });
    for (const row of rows) {
      const told = { application: row.application, evaluator: String(row.evaluator) }, key = canonical([stageOf(row), row.application, row.evaluator]);
      if (barred.has(`${row.evaluator} ${row.application}`)) yield reason("assigned_in_conflict", told);
      if (pairs.has(key)) yield reason("assigned_twice", told);
      pairs.add(key);
    }
    for (const row of plans) {
      if (planned.has(stageOf(row))) yield reason("assignment_plan_twice", { stage: String(stageOf(row)) });
      planned.add(stageOf(row));
    }
    const figures = [...rows.map((row) => [row, row.affinity]), ...plans.flatMap((row) => [row.total, row.total_bound, row.worst, row.worst_bound].map((one) => [row, one]))];
    for (const [row, given] of figures) {
      if (given && !/^[0-9]{1,12}(\.[0-9]{1,6})?$/.test(String(given))) yield reason("assignment_figure_unreadable", { stage: String(stageOf(row)), given: String(given).slice(0, 40) });
    }
    for (const stage of stages.values()) {
      const own = rows.filter((row) => stageOf(row) === stage.id);
      if (stage.assign && own.length) yield* heldToThePlan(stage, own, plans.filter((row) => stageOf(row) === stage.id));
    }
    const known = new Set(leaves.rows("evaluators").map((row) => row.pseudonym));
    for (const row of known.size ? rows : []) if (!known.has(row.evaluator)) yield reason("evaluator_unknown", { evaluator: String(row.evaluator) });
    return { pairs, stages: new Set(rows.map(stageOf)) };
  }
  const firstTwice = (list) => list.find((one, at) => list.indexOf(one) !== at);

  function* offScale(stage, sheet, rest) {
    const { min, max, step } = stage.scale || SCALE, low = inMillionths(min), high = inMillionths(max);
    for (const [criterion, text] of Object.entries(sheet.scores)) {
      if (text === null || text === "") continue;
      const score = inMillionths(text);
      const fits = stage.criteria.some((one) => one.id === criterion) && score >= low && score <= high && (!step || (score - low) % inMillionths(step) === 0n);
      if (!fits) yield reason("js_score_off_scale", { leaf: `sheets/${rest}`, criterion, score: String(text) });
    }
  }

  /** Rows that the definition does not announce, or that stand twice. */
  function* rowFaults(leaves, applications) {
    const { definition } = leaves, byId = new Map(applications.map((one) => [one.id, one]));
    const once = function* (kind, key, code, told) {
      const seen = new Set();
      for (const row of leaves.rows(kind)) {
        if (seen.has(key(row))) yield reason(code, told(row));
        seen.add(key(row));
      }
    };
    yield* once("votes", (row) => canonical([row.application, row.task ?? "", row.seat]), "vote_twice", (row) => ({ application: row.application, seat: row.seat }));
    const twice = (kind, ...keys) => once(kind, (row) => canonical(keys.map((key) => row[key] ?? "")), "js_row_twice", (row) => ({ table: kind, application: row.application ?? "-" }));
    yield* twice("outside_checks", "application", "check");
    yield* twice("adjustments", "application", "adjustment");
    yield* twice("reductions", "application");
    yield* twice("conditions", "application", "task", "condition");
    yield* twice("appointments", "application", "task");
    yield* twice("draws", "draw");
    yield* twice("pool", "stage", "evaluator");
    const announced = new Map((definition.adjustments || []).map((one) => [one.id, one]));
    for (const row of leaves.rows("adjustments")) {
      const rule = announced.get(row.adjustment), told = { application: row.application, adjustment: String(row.adjustment) };
      if (!rule) { yield reason("unknown_adjustment", told); continue; }
      const points = row.points ? inMillionths(row.points) : null, most = inMillionths(rule.points);
      const within = points === null ? !rule.up_to : rule.up_to ? points > 0n && points <= most : points === most;
      if (!within || !String(row.proof ?? "").trim()) yield reason("js_adjustment_not_as_announced", told);
    }
    for (const row of leaves.rows("reductions")) {
      const application = byId.get(row.application);
      if (!application) continue;
      const { cost, own } = amounts(definition, application);
      if (row.grant_krw < 0 || (cost !== null && row.grant_krw > cost - own)) yield reason("js_reduction_over_asked", { application: row.application });
    }
  }

  // == draws ============================================================================================================

  /** In the order of code points, as entries are sorted (JavaScript's own order is by UTF-16 code units). */
  function byCodePoint(one, other) {
    const a = [...one], b = [...other];
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const step = a[i].codePointAt(0) - b[i].codePointAt(0);
      if (step) return step;
    }
    return a.length - b.length;
  }

  const STEERING = new Set(["lots_without_public_value", "lots_by_one_party", "equal_commitments", "reveal_guessable",
    "draw_by_one_party", "draw_by_public_value_alone"]);

  function draws(found, leaves, applications, eligible) {
    const wrong = [], open = [], names = leaves.rows("draws").map((row) => row.draw);
    const how = (drawn, given) => (drawn ? "drawn" : given ? "handed_in" : "none");
    const origin = {
      panel: how(names.some((name) => name.startsWith("panel:")), leaves.of("panel").size),
      lots: how(names.includes("lots"), (leaves.get("lots") || []).length),
    };
    if (!same(leaves.get("origin") ?? null, origin)) {
      wrong.push(reason("draws_differ", { stated: brief(leaves.get("origin")), follows: brief(origin) }));
    }
    for (const { draw, parties } of leaves.rows("draws")) {
      const found_ = leaves.rows("reveals").filter((one) => one.draw === draw).length;
      if (parties !== undefined && parties !== found_) wrong.push(reason("parties_missing", { draw, stated: parties, found: found_ }));
    }
    for (const row of leaves.rows("draws")) drawOne(leaves, applications, eligible, row, wrong, open);
    wrong.push(...nothingElse(leaves, "computed/draws", new Set(names)));
    const settled = names.filter((name) => (leaves.get(`computed/draws/${name}`) || {}).status === "computed");
    if (wrong.length || settled.length) found.add("draws", wrong, reason("draws_checked", { draws: settled }));
    if (!wrong.length && settled.length) {
      open.push(reason("draw_publication_not_here"), ...settled.flatMap((name) => leaves.get(`computed/draws/${name}`).reasons || [])
        .filter((told) => told && STEERING.has(told.code)));
    }
    open.push(...names.filter((name) => !settled.includes(name)).map((draw) => reason("draw_not_settled", { draw })));
    if (!wrong.length && origin.panel === "handed_in") open.push(reason("panel_handed_in"));
    if (!wrong.length && origin.lots === "handed_in") open.push(reason("lots_handed_in"));
    if (open.length) found.skip("draws", ...open);
  }

  function drawOne(leaves, applications, eligible, row, wrong, open) {
    const name = row.draw, cut = name.indexOf(":"), of = name.slice(cut + 1), leaf = `computed/draws/${name}`;
    const entries = name.startsWith("panel:") ? leaves.rows("pool").filter((one) => one.stage === of).map((one) => one.evaluator)
      : name.startsWith("order:") ? [...eligible] : applications.map((one) => one.id);
    entries.sort(byCodePoint);
    const key = (part) => `${String(part.commitment).toLowerCase()} ${part.reveal ?? ""}`;
    const parts = leaves.rows("reveals").filter((one) => one.draw === name).sort((a, b) => byCodePoint(key(a), key(b)));
    if (!parts.length && !row.public) { wrong.push(...compare(leaves, leaf, { status: "undetermined", digest: null, order: [] })); return; }
    const opened = parts.every((part) => opens(part.commitment, part.reveal));
    const sealedList = !row.entries_sha256 || row.entries_sha256.toLowerCase() === hashText(canonical(entries));
    if (!opened || !sealedList) {
      wrong.push(...compare(leaves, leaf, { status: "undetermined", digest: null, order: [] }));
      return;
    }
    const digest = hashText(canonical([entries, parts.map((part) => part.reveal), row.public ?? ""]));
    const lot = new Map(entries.map((id) => [id, hashText(digest + id)]));
    const order = [...entries].sort((a, b) => (lot.get(a) < lot.get(b) ? -1 : 1));
    wrong.push(...compare(leaves, leaf, { draw: name, digest, order }));
    const panel = name.startsWith("panel:") ? panelOf(leaves.definition, of) : null;
    if (!panel) { if (!name.startsWith("panel:")) wrong.push(...compare(leaves, leaf, { status: "computed" })); return; }
    const drawn = drawPanel(panel, leaves, of, order);
    if (drawn === null) open.push(reason("js_panel_open", { draw: name }));
    else wrong.push(...compare(leaves, leaf, drawn));
  }

  /** Whether a reveal opens its commitment: as text, or, where its bytes are no text, as small hexadecimal digits. */
  function opens(commitmentHex, reveal) {
    if (typeof reveal !== "string" || !reveal) return false;
    const wanted = String(commitmentHex).toLowerCase();
    if (hashText(reveal) === wanted) return true;
    if (!/^([0-9a-f]{2})+$/.test(reveal)) return false;
    try { new TextDecoder("utf-8", { fatal: true }).decode(unhex(reveal)); return false; } catch { return hex(sha256(unhex(reveal))) === wanted; }
  }

  function panelOf(definition, stage) {
    if (stage === "body") return definition.decide.drawn || null;
    const found = judgedStages(definition).find((one) => one.id === stage);
    return (found && found.panel) || null;
  }

  /** Members and substitutes down the lot order, exactly; null where the search was too long to be exact. */
  function drawPanel(panel, leaves, stage, order) {
    const pool = new Map(leaves.rows("pool").filter((one) => one.stage === stage).map((one) => [one.evaluator, one.tags || []]));
    const lines = compositionLines(panel.compose || {}, [...pool.values()].flat());
    const counts = (id) => lines.map((line) => (pool.get(id).includes(line.tag) ? 1 : 0));
    const gone = leaves.rows("exclusions").filter((one) => one.stage === stage);
    const barred = new Set(gone.filter((one) => !one.after_draw).map((one) => one.evaluator));
    const may = order.filter((id) => !barred.has(id));
    const feasible = (members, rest) => canComplete(lines, members.map(counts), rest.map(counts), panel.seats);
    const first = feasible([], may);
    if (first === null) return null;
    if (!first) return { status: "infeasible" };
    let members = [];
    const before = [];
    for (const [at, id] of may.entries()) {
      if (members.length === panel.seats) break;
      const answer = feasible([...members, id], may.slice(at + 1));
      if (answer === null) return null;
      if (answer) members.push(id); else before.push(id);
    }
    let substitutes = panel.substitutes === "ordered" ? may.filter((id) => !members.includes(id)) : [];
    const left = [], movedUp = [];
    for (const { evaluator } of gone.filter((one) => one.after_draw)) {
      substitutes = substitutes.filter((id) => id !== evaluator);
      if (!members.includes(evaluator)) continue;
      left.push(evaluator);
      members = members.filter((id) => id !== evaluator);
      const risen = substitutes.find((id) => keepsLines(lines, [...members, id].map(counts)));
      if (risen === undefined) continue;
      members.push(risen);
      movedUp.push(risen);
      substitutes = substitutes.filter((id) => id !== risen);
    }
    members.sort((a, b) => order.indexOf(a) - order.indexOf(b));
    return { status: "computed", members, substitutes, left, moved_up: movedUp };
  }

  /** One line a tag: how many of its bearers must sit (`min`) and may sit (`max`). `same-X` limits each tag `X:VALUE`. */
  function compositionLines(compose, tags) {
    const lines = [];
    for (const [tag, share] of Object.entries(compose)) {
      const least = share.min || 0, most = share.max ?? Infinity;
      if (tag.startsWith("same-") && most < Infinity) {
        for (const one of new Set(tags.filter((other) => other.startsWith(`${tag.slice(5)}:`)))) lines.push({ tag: one, min: 0, max: most });
      } else lines.push({ tag, min: least, max: most });
    }
    return lines;
  }
  const summed = (lines, counts) => lines.map((_, i) => counts.reduce((sum, one) => sum + one[i], 0));
  const keepsLines = (lines, counts) => summed(lines, counts).every((sum, i) => sum >= lines[i].min && sum <= lines[i].max);

  /** Whether members and some of the rest make a full panel that keeps every line; null after too many steps. */
  function canComplete(lines, members, rest, seats) {
    const classes = new Map();
    for (const one of rest) classes.set(one.join(), { counts: one, size: ((classes.get(one.join()) || {}).size || 0) + 1 });
    const groups = [...classes.values()];
    let steps = 0;
    const search = (at, sums, free) => {
      if (++steps > 100000) return null;
      if (sums.some((sum, i) => sum > lines[i].max)) return false;
      if (sums.some((sum, i) => lines[i].min - sum > free)) return false;
      if (free === 0) return sums.every((sum, i) => sum >= lines[i].min);
      if (at === groups.length) return false;
      const { counts, size } = groups[at];
      for (let taken = Math.min(size, free); taken >= 0; taken--) {
        const answer = search(at + 1, sums.map((sum, i) => sum + taken * counts[i]), free - taken);
        if (answer !== false) return answer;
      }
      return false;
    };
    return search(0, summed(lines, members), seats - members.length);
  }

  // == scores ===========================================================================================================

  /** What follows from one application's sheets in a judged stage; scores stand in millionths. */
  function judgedScore(stage, sheets) {
    const rule = stage.score || {}, { min, max } = stage.scale || SCALE;
    const low = inMillionths(min), high = inMillionths(max), range = high - low, up = stage.higher_is_better !== false;
    const criteria = stage.criteria.map((one) => ({ id: one.id, weight: basisPoints(one.weight) }));
    const complete = [], skipped = [];
    for (const [number, sheet] of sheets) {
      const raw = criteria.map(({ id }) => sheet.scores[id]);
      if (raw.some((text) => text === undefined || text === null || text === "")) { skipped.push(number); continue; }
      const scores = raw.map(inMillionths), points = scores.map((score) => (up ? score - low : high - score));
      complete.push({ number, scores, points, total: points.reduce((sum, one, i) => sum + one * criteria[i].weight, 0n) });
    }
    if (skipped.length && rule.blanks !== "skip_sheet") throw new TypeError(`incomplete sheet ${skipped[0]}`);
    const trimmed = (rule.trim ?? "none") !== "none" && complete.length >= (rule.min_sheets_to_trim ?? 5);
    const better = (a, b) => { const i = a.points.findIndex((one, at) => one !== b.points[at]); return i < 0 ? 0 : a.points[i] > b.points[i] ? 1 : -1; };
    const byTotal = (a, b) => (a.total > b.total ? 1 : a.total < b.total ? -1 : better(a, b));
    const kept = criteria.map(() => complete);
    const dropped = [], droppedBy = {};
    if (trimmed && rule.trim === "total") {
      const two = extremes(complete, byTotal);
      dropped.push(...two);
      kept.fill(complete.filter((one) => !two.includes(one)));
    } else if (trimmed) {
      criteria.forEach(({ id }, i) => {
        const two = extremes(complete, (a, b) => (a.points[i] > b.points[i] ? 1 : a.points[i] < b.points[i] ? -1 : better(a, b)));
        droppedBy[id] = two;
        kept[i] = complete.filter((one) => !two.includes(one));
      });
    }
    const mean = (key, i) => new Exact(kept[i].reduce((sum, one) => sum + one[key][i], 0n), BigInt(kept[i].length) * MILLION);
    const shares = new Map(), means = {};
    let score = complete.length ? ZERO : null;
    if (complete.length) criteria.forEach(({ id, weight }, i) => {
      const share = mean("points", i).times(new Exact(MILLION, range));
      shares.set(id, share);
      means[id] = mean("scores", i);
      score = score.plus(share.times(new Exact(weight, 100n)));
    });
    if (complete.length < (rule.min_sheets ?? 1)) score = null;
    return { score, shares, means, sheets: complete.length, skipped, dropped, droppedBy, trimmed, complete };
  }
  /** The first highest, and of the rest the first lowest. */
  function extremes(sheets, order) {
    const highest = sheets.reduce((best, one) => (order(one, best) > 0 ? one : best));
    const rest = sheets.filter((one) => one !== highest);
    return [highest, rest.reduce((worst, one) => (order(one, worst) < 0 ? one : worst))];
  }

  /** What follows from an application's own measured values, by the indicators of its time. */
  function computedScore(stage, application) {
    const day = (application.received || "").slice(0, 10);
    const set = (day && (stage.earlier || []).find((one) => day < one.received_before)) || stage;
    const shares = new Map(), means = {}, measured = {};
    let score = ZERO, whole = true;
    for (const { id, field, weight, steps } of set.criteria) {
      const value = application.answers[field];
      if (typeof value !== "string" && typeof value !== "number") { whole = false; continue; }
      measured[id] = String(value);
      const reached = steps.filter((step) => inMillionths(String(value)) >= inMillionths(step.from)).pop();
      const points = reached ? decimal(reached.points) : ZERO;
      means[id] = points;
      shares.set(id, points.times(new Exact(1n, 100n)));
      score = score.plus(points.times(new Exact(basisPoints(weight), 10000n)));
    }
    return { score: whole ? score : null, shares, means, measured, version: stage.earlier ? set.version : undefined };
  }

  /** Every stage of every eligible application, held against the record: STAGE -> ID -> score. */
  function stageScores(leaves, applications, eligible, wrong) {
    const { definition } = leaves, decimals = decimalsOf(definition), judged = judgedStages(definition);
    const sheets = leaves.byApplication("sheets"), result = new Map(), expected = new Set();
    for (const stage of definition.evaluation || []) {
      const scores = new Map();
      for (const application of applications.filter((one) => eligible.has(one.id))) {
        const own = (sheets.get(application.id) || []).filter(([, sheet]) => sheet.stage === stage.id || (sheet.stage === undefined && judged.length === 1));
        if (stage.kind === "judged" && !own.length) continue;
        const score = stage.kind === "judged" ? judgedScore(stage, own) : computedScore(stage, application);
        const rest = `${stage.id}/${application.id}`;
        expected.add(rest);
        scores.set(application.id, score);
        wrong.push(...compareStage(leaves, stage, rest, score, decimals));
      }
      result.set(stage.id, scores);
    }
    wrong.push(...nothingElse(leaves, "computed/stages", expected), ...nothingElse(leaves, "computed/counted", expected));
    return result;
  }

  function* compareStage(leaves, stage, rest, score, decimals) {
    const application = rest.slice(stage.id.length + 1), means = Object.entries(score.means).map(([id, mean]) => [id, mean.text(decimals)]);
    yield* compare(leaves, `computed/stages/${rest}`, {
      application, criteria: Object.fromEntries(means),
      exact: score.score && String(score.score), score: score.score && score.score.text(decimals),
    });
    const name = `computed/counted/${rest}`;
    if (stage.kind !== "judged") { yield* compare(leaves, name, { application, measured: score.measured, version: score.version }); return; }
    const { sheets, skipped, trimmed } = score;
    yield* compare(leaves, name, { application, sheets, skipped, trimmed });
    const stated = leaves.get(name);
    if (!stated) return;
    // Sheets that are equal in every score are interchangeable: any of them may be named.
    const points = new Map(score.complete.map((one) => [one.number, one.points.join()]));
    const alike = (given, gone) => Array.isArray(given) && given.length === gone.length && new Set(given).size === given.length &&
      given.every((number, i) => points.get(number) === gone[i].points.join());
    if (!alike(stated.dropped, score.dropped)) yield differs(name, "/dropped", stated.dropped, score.dropped.map((one) => one.number));
    for (const [criterion, gone] of Object.entries(score.droppedBy)) {
      const given = (stated.dropped_by_criterion || {})[criterion];
      if (!alike(given, gone)) yield differs(name, `/dropped_by_criterion/${criterion}`, given, gone.map((one) => one.number));
    }
  }

  /** Totals of all who have a score in every stage: ID -> {exact, rounded, parts, passed, stagesPassed}. */
  function totals(leaves, applications, eligible, stages, wrong) {
    const { definition } = leaves, { decide } = definition, decimals = decimalsOf(definition), result = new Map();
    const bonus = adjustments(leaves);
    for (const { id } of applications.filter((one) => eligible.has(one.id))) {
      let exact = ZERO, passed = true, whole = true;
      const parts = new Map();
      for (const stage of definition.evaluation) {
        if (!Object.hasOwn(decide.combine, stage.id)) continue; // a second round: it adds to no score
        const found = stages.get(stage.id).get(id);
        if (!found || found.score === null) { whole = false; break; }
        exact = exact.plus(found.score.times(new Exact(basisPoints(decide.combine[stage.id]), 10000n)));
        parts.set(stage.id, found.score);
        for (const [criterion, share] of found.shares) {
          parts.set(`${stage.id}.${criterion}`, share);
          if (!parts.has(criterion)) parts.set(criterion, share);
        }
        if (stage.pass_mark !== undefined && found.score.rounded(decimals).compare(decimal(stage.pass_mark)) < 0) passed = false;
      }
      if (!whole) continue;
      exact = exact.plus(bonus.get(id) || ZERO);
      const rounded = exact.rounded(decimals);
      if (decide.by === "rank" && decide.pass_mark !== undefined && rounded.compare(decimal(decide.pass_mark)) < 0) passed = false;
      result.set(id, { id, exact, rounded, parts, passed });
      wrong.push(...compare(leaves, `computed/scores/${id}`, { application: id, exact: String(exact), score: exact.text(decimals), passed }));
    }
    wrong.push(...nothingElse(leaves, "computed/scores", result));
    return result;
  }

  function adjustments(leaves) {
    const announced = new Map((leaves.definition.adjustments || []).map((one) => [one.id, one])), found = new Map();
    for (const row of leaves.rows("adjustments")) {
      const rule = announced.get(row.adjustment), points = decimal(row.points || rule.points);
      const signed = rule.kind === "bonus" ? points : points.times(new Exact(-1n));
      found.set(row.application, (found.get(row.application) || ZERO).plus(signed));
    }
    return found;
  }

  // == ranking ==========================================================================================================

  /** LIST -> the applications of that list, best first, each with its rank. */
  function ranking(found, leaves, applications, scores) {
    const { definition } = leaves, { decide } = definition, lists = new Map(), wrong = [];
    const perTrack = decide.list === "per_track";
    for (const name of perTrack ? definition.tracks.map((track) => track.id) : ["all"]) lists.set(name, []);
    for (const application of applications) {
      const score = scores.get(application.id);
      if (score) lists.get(perTrack ? trackOf(definition, application) : "all").push({ ...score, application });
    }
    const lots = new Map(lotOrder(leaves).map((id, at) => [id, at]));
    for (const list of lists.values()) {
      rank(list, decide.ties || [], lots);
      for (const { id, rank: place } of list) wrong.push(...compare(leaves, `computed/ranking/${id}`, { application: id, rank: place }));
    }
    wrong.push(...nothingElse(leaves, "computed/ranking", scores));
    found.add("ranking", wrong, reason("ranking_checked", { applications: scores.size }));
    return lists;
  }

  function lotOrder(leaves) {
    const drawn = leaves.get("computed/draws/lots");
    return drawn && drawn.status === "computed" ? drawn.order : leaves.get("lots") || [];
  }

  /** Sorts a list, best first, and gives each its rank; what no rule separates shares the rank. */
  function rank(list, ties, lots) {
    const rules = ties.filter((name) => name !== "lot");
    const order = (a, b) => {
      if (a.passed !== b.passed) return a.passed ? -1 : 1;
      let step = b.rounded.compare(a.rounded);
      for (const name of rules) step = step || b.parts.get(name).compare(a.parts.get(name));
      return step;
    };
    list.sort(order);
    for (let at = 0; at < list.length;) {
      let end = at + 1;
      while (end < list.length && order(list[at], list[end]) === 0) end += 1;
      const tied = list.slice(at, end), byLot = ties.includes("lot") && tied.every((one) => lots.has(one.id));
      if (byLot) tied.sort((a, b) => lots.get(a.id) - lots.get(b.id));
      tied.forEach((one, i) => { one.rank = byLot ? at + i + 1 : at + 1; list[at + i] = one; });
      at = end;
    }
  }

  // == selection ========================================================================================================

  /** The announced rules as lines "what is selected adds up to between min and max", over those who passed. */
  class Selection {
    constructor(leaves, name, ranked) {
      const { definition } = leaves, { decide } = definition, money = definition.money || {}, whole = name === "all";
      this.leaves = leaves;
      this.unknown = false; // a rule counts by a region, which this verifier does not derive
      this.withMoney = Boolean(money.cost !== undefined || money.budget_krw !== undefined || money.match);
      const reduced = new Map(leaves.rows("reductions").map((row) => [row.application, row.grant_krw]));
      this.candidates = ranked.filter((one) => one.passed).map(({ id, rank: place, rounded, application }) => {
        const { cost, own } = amounts(definition, application);
        const grant = reduced.has(id) ? reduced.get(id) : (cost || 0) - own;
        const fits = !money.match || own * money.match.grant >= grant * money.match.own;
        return { id, rank: place, rounded, application, grant, cost: grant + own, fits, loads: [] };
      });
      this.candidates.sort((a, b) => a.rank - b.rank || byCodePoint(a.id, b.id));
      this.lines = [];
      if (whole) this.line("seats", decide.seats.min ?? 0, decide.seats.max, () => 1, "seats");
      if (money.budget_krw !== undefined) this.line("budget", 0, money.budget_krw, money.budget_of === "cost" ? (one) => one.cost : (one) => one.grant);
      for (const rule of decide.rules || []) this.rule(rule, whole, name);
      this.minimums = this.lines.some((line) => line.min > 0);
    }

    line(id, min, max, weight, tag) {
      const at = this.lines.push({ id, min: min || 0, max: max ?? Infinity, tag }) - 1;
      for (const one of this.candidates) { const load = weight(one); if (load) one.loads.push([at, load]); }
    }

    rule(rule, whole, name) {
      const tag = rule.cap_each || rule.quota, tags = new Map(this.candidates.map((one) => [one, this.tags(one.application, tag)]));
      if (tag === "region" && !fieldOf(this.leaves.definition, tag)) { this.unknown = true; return; }
      if (rule.cap_each) {
        const lineOf = new Map(); // one line for each value that anybody has
        for (const [one, values] of tags) for (const value of values) {
          if (!lineOf.has(value)) lineOf.set(value, this.lines.push({ id: rule.id, min: 0, max: rule.max }) - 1);
          one.loads.push([lineOf.get(value), 1]);
        }
      } else if (whole) {
        const single = [...tags.values()].every((list) => list.length < 2);
        for (const [value, share] of Object.entries(rule.values)) {
          this.line(`${rule.id}:${value}`, share.min, share.max, (one) => (tags.get(one).includes(value) ? 1 : 0), single ? `quota:${rule.id}` : undefined);
        }
      } else if (tag === "track" && rule.values[name]) this.line(rule.id, rule.values[name].min, rule.values[name].max, () => 1, "seats");
    }

    /** The values that an application has for a tag. */
    tags(application, tag) {
      const { definition } = this.leaves, field = fieldOf(definition, tag);
      const identity = application.organisation || application.applicant;
      const known = {
        track: trackOf(definition, application), country: application.answers.country || application.country,
        applicant: identity, organisation: identity,
      };
      const value = field ? application.answers[tag] : known[tag];
      const list = Array.isArray(value) ? value : [value];
      return [...new Set(list.filter((one) => one !== undefined && one !== null && one !== "").map(String))];
    }

    /** Deals the places of these out anew among them, in this order. */
    deal(order) {
      const inside = new Map(this.candidates.filter((one) => order.includes(one.id)).map((one) => [one.id, one])), next = order.values();
      this.candidates = this.candidates.map((one, at) => (inside.has(one.id) ? Object.assign(inside.get(next.next().value), { rank: at + 1 }) : one));
    }

    /** Whether nothing but seats limits the list. */
    get seatsOnly() {
      const { decide, money = {} } = this.leaves.definition;
      return money.budget_krw === undefined && !money.match && (decide.rules || []).every((rule) => decide.list === "per_track" && rule.quota === "track");
    }

    sums(chosen) { const sums = this.lines.map(() => 0); for (const one of chosen) this.put(sums, one); return sums; }
    put(sums, one, sign = 1) { for (const [at, load] of one.loads) sums[at] += sign * load; }
    /** Whether one more breaks no maximum. */
    room(sums, one) { return one.fits && one.loads.every(([at, load]) => sums[at] + load <= this.lines[at].max); }
    keeps(sums) { return this.lines.every((line, at) => sums[at] >= line.min && sums[at] <= line.max); }

    /** Down the ranking, where there are no minimums: `{selected, settled}`; exact. */
    walk() {
      const selected = [], sums = this.sums([]), all = this.candidates;
      for (let at = 0, end; at < all.length; at = end) {
        for (end = at + 1; end < all.length && all[end].rank === all[at].rank;) end += 1;
        const possible = all.slice(at, end).filter((one) => this.room(sums, one));
        const together = [...sums];
        possible.forEach((one) => this.put(together, one));
        if (together.some((sum, i) => sum > this.lines[i].max)) return { selected, settled: false };
        possible.forEach((one) => { this.put(sums, one); selected.push(one); });
      }
      return { selected, settled: true };
    }

    /** With minimums: whether a skip was right: true, false, or null where this verifier cannot tell. */
    rightlySkipped(one, selected) {
      const before = selected.filter((other) => other.rank < one.rank), sums = this.sums(before);
      if (!this.room(sums, one)) return true;
      const all = this.sums(selected);
      if (this.room(all, one)) return false;
      for (const other of selected.slice(before.length)) { // the rest with it, in the place of one who comes later
        const changed = [...all];
        this.put(changed, other, -1);
        this.put(changed, one);
        if (this.keeps(changed)) return false;
      }
      this.put(sums, one);
      return this.cannotComplete(sums) ? true : null;
    }

    /** By counting: the seats that are left do not suffice for the minimums of quotas that no two share. */
    cannotComplete(sums) {
      const free = Math.min(...this.lines.map((line, at) => (line.tag === "seats" ? line.max - sums[at] : Infinity)));
      const missing = new Map();
      this.lines.forEach((line, at) => {
        if (line.tag && line.min > sums[at]) missing.set(line.tag, (missing.get(line.tag) || 0) + line.min - sums[at]);
      });
      return [...missing.values()].some((count) => count > free);
    }

    /** Who would be let in if some one of the selected left: true, false, or null where it is not told. */
    inReserve(one, selected, sums) {
      let unknown = false;
      for (const leaver of selected) {
        const changed = [...sums];
        this.put(changed, leaver, -1);
        if (!this.room(changed, one)) continue;
        this.put(changed, one);
        if (this.keeps(changed)) return true;
        const full = this.lines.some((line, at) => line.tag === "seats" && changed[at] >= line.max);
        if (!full) unknown = true; // others might come in as well and fill the minimum
      }
      return one.fits && unknown ? null : false;
    }

    /** The reserve list(s) as the record writes them, or null where they cannot be told. */
    reserve(selected, whole) {
      const rule = this.leaves.definition.decide.reserve || { count: 0 }, sums = this.sums(selected), chosen = new Set(selected);
      const tag = whole ? rule.per : undefined, lists = new Map();
      const full = (value) => (lists.get(value) || []).length >= rule.count;
      for (const one of this.candidates) {
        if (!rule.count) break;
        if (chosen.has(one)) continue;
        const values = (tag ? this.tags(one.application, tag) : [""]).filter((value) => !full(value));
        if (!values.length) { if (!tag && full("")) break; continue; }
        const answer = this.inReserve(one, selected, sums);
        if (answer === null || (answer && this.candidates.some((other) => other !== one && other.rank === one.rank))) return null;
        if (answer) for (const value of values) lists.set(value, [...(lists.get(value) || []), one.id]);
      }
      return tag ? Object.fromEntries([...lists].sort()) : lists.get("") || [];
    }
  }

  // == the announced use of estimates ====================================================================================

  /**
   * LIST -> the band, from the probabilities as stated: who lies in it, in which order, and whether that is settled.
   * The probabilities themselves rest on a statistical model that this verifier does not hold.
   */
  function bands(found, leaves, lists, stages) {
    const { definition } = leaves, { decide } = definition, asked = decide.uncertainty || {}, use = asked.announced_use ?? "none";
    const wrong = [], result = new Map(), stated = leaves.of("computed/bands");
    if (use === "none") wrong.push(...nothingElse(leaves, "computed/bands", new Set()));
    else {
      wrong.push(...nothingElse(leaves, "computed/bands", lists));
      const lots = new Map(lotOrder(leaves).map((id, at) => [id, at]));
      const round = use === "second_round" ? stages.get(asked.second_round) : new Map();
      for (const [name, line] of stated) {
        if (!lists.has(name)) continue;
        const band = bandOf(line, lists.get(name), asked, use, lots, round), leaf = `computed/bands/${name}`;
        if (band === null) { wrong.push(reason("leaf_misread", { leaf })); continue; }
        wrong.push(...compare(leaves, leaf, { list: name, band: band.order, settled: band.settled }));
        result.set(name, band);
      }
    }
    if (use !== "none" || wrong.length) {
      if (found.add("estimates", wrong, reason("js_bands_checked", { lists: [...result.keys()] }))) found.skip("estimates", reason("js_estimates_taken"));
    }
    return result;
  }

  function bandOf(line, ranked, asked, use, lots, round) {
    const per = (share) => decimal(share).times(new Exact(1n, 100n)), [low, high] = [per(asked.band.from), per(asked.band.to)];
    const p = new Map();
    for (const entry of Array.isArray(line.probabilities) ? line.probabilities : []) {
      if (!/^(0(\.\d{1,6})?|1(\.0{1,6})?)$/.test(entry.p_top)) return null;
      p.set(entry.application, decimal(entry.p_top));
    }
    if (p.size !== ranked.length || ranked.some(({ id }) => !p.has(id)) || !Number.isSafeInteger(line.top)) return null;
    const passed = ranked.filter((one) => one.passed), near = (id) => p.get(id).compare(low) >= 0 && p.get(id).compare(high) <= 0;
    const ranks = new Set(passed.filter((one) => near(one.id)).map((one) => one.rank));
    const order = passed.filter((one) => ranks.has(one.rank)).map((one) => one.id);
    let settled;
    if (use === "lot_in_band") {
      settled = order.every((id) => lots.has(id));
      order.sort((a, b) => (lots.get(a) ?? lots.size) - (lots.get(b) ?? lots.size));
    } else {
      const score = (id) => (round.get(id) || {}).score || null;
      settled = order.every(score) && new Set(order.map((id) => String(score(id)))).size === order.length;
      order.sort((a, b) => (score(b) || ZERO).compare(score(a) || ZERO));
    }
    return { order, top: line.top, settled: settled || order.length < 2 };
  }

  function selections(found, leaves, lists, bandsOf) {
    const wrong = [], open = [], announced = ((leaves.definition.decide.uncertainty || {}).announced_use ?? "none") !== "none";
    let count = 0;
    for (const [name, ranked] of lists) {
      const leaf = `computed/selections/${name}`, stated = leaves.get(leaf);
      if (!stated) { wrong.push(reason("leaf_missing", { leaf })); continue; }
      const problem = new Selection(leaves, name, ranked), whole = name === "all";
      if (announced) wrong.push(...lineOfBand(problem, bandsOf.get(name), name));
      const dealt = bandsOf.get(name);
      if (dealt && dealt.settled && dealt.order.length > 1) problem.deal(dealt.order);
      count += stated.selected.length;
      if (problem.unknown || (["feasible", "unknown"].includes(stated.status) && leaves.definition.decide.walk !== "total_value")) open.push(reason("js_selection_region", { list: name }));
      else if (leaves.definition.decide.walk === "total_value") totalValue(problem, stated, leaf, wrong, open);
      else if (problem.minimums) withMinimums(problem, stated, leaf, whole, wrong, open);
      else {
        const { selected, settled } = problem.walk();
        wrong.push(...compare(leaves, leaf, { selected: selected.map((one) => one.id), status: settled ? "computed" : "undetermined" }));
        checkReserve(problem, stated, leaf, settled ? selected : null, whole, wrong, open);
      }
    }
    wrong.push(...nothingElse(leaves, "computed/selections", lists));
    const how = leaves.definition.decide.walk === "total_value" ? "largest_total_checked" : "selection_checked";
    if (wrong.length || how === "selection_checked" || !open.some((one) => one.code === "js_selection_not_settled")) found.add("selection", wrong, reason(how, { selected: count }));
    if (!wrong.length && open.length) found.skip("selection", ...open);
  }

  // == the largest total value: a proof that is added up ================================================================

  /** A part of a certificate that proves nothing. */
  class Refused extends Error {}

  /** The rows of a problem: a line for each side of a rule, then value, grant, and one for each rank that several share. */
  class Rows {
    constructor({ candidates, lines: unordered }, rules) {
      const place = new Map(rules.map((id, at) => [id, at])); // the definition's data has lost the order of its rules
      const order = unordered.map((_, at) => at).sort((a, b) => place.get(unordered[a].id) - place.get(unordered[b].id) || a - b);
      if (unordered.some((line) => !place.has(line.id)) || place.size < rules.length) throw new Refused();
      this.owner = order.map((at) => unordered[at].id);
      const lines = order.map((at) => unordered[at]), rowOf = new Map(order.map((at, row) => [at, row]));
      this.candidates = candidates;
      this.places = new Map(candidates.map((one, i) => [one.id, i]));
      this.weights = lines.map(() => new Map());
      candidates.forEach((one, i) => one.loads.forEach(([at, load]) => this.weights[rowOf.get(at)].set(i, BigInt(load))));
      const bound = (side, none) => (side === none ? null : BigInt(side));
      const sides = lines.map((line) => [bound(line.min, 0), bound(line.max, Infinity)]);
      const add = (weight) => this.weights.push(new Map(candidates.map((one, i) => [i, weight(one)]).filter(([, w]) => w !== 0n))) - 1;
      this.value = add((one) => one.rounded.n * (MILLION / one.rounded.d));
      this.grant = add((one) => BigInt(one.grant));
      this.groups = [];
      candidates.forEach((one, i) => (i && candidates[i - 1].rank === one.rank ? this.groups[this.groups.length - 1].push(i) : this.groups.push([i])));
      this.groupRow = new Map();
      this.groups.forEach((group, number) => { if (group.length > 1) this.groupRow.set(number, this.weights.push(new Map(group.map((i) => [i, 1n]))) - 1); });
      this.divisor = this.weights.map((row) => [...row.values()].reduce((a, b) => gcd(a, b < 0n ? -b : b), 0n) || 1n);
      this.least = this.weights.map((_, row) => (sides[row] && sides[row][0] !== null ? ceiling(sides[row][0], this.divisor[row]) : null));
      this.most = this.weights.map((_, row) => (sides[row] && sides[row][1] !== null ? floor(sides[row][1], this.divisor[row]) : null));
      this.loads = candidates.map(() => []);
      this.weights.forEach((row, at) => row.forEach((weight, i) => this.loads[i].push([at, weight / this.divisor[at]])));
    }
    total(row, chosen) { let sum = 0n; for (const i of chosen) sum += this.weights[row].get(i) || 0n; return sum; }
    /** Everything that the rules leave possible. */
    box() {
      const box = new Box(this, [...this.least], [...this.most], this.candidates.map(() => null), this.weights.map(() => 0n));
      this.candidates.forEach((one, i) => { if (!one.fits) box.put(i, false); });
      return box;
    }
    /** Ids down the ranking as places. */
    named(ids) {
      const found = ids.map((id) => this.places.get(id));
      if (found.some((i, at) => i === undefined || (at && found[at - 1] >= i))) throw new Refused();
      return new Set(found);
    }
  }
  const floor = (a, b) => (a >= 0n || a % b === 0n ? a / b : a / b - 1n);
  const ceiling = (a, b) => -floor(-a, b);

  /** Selections within sides of rows, some applications settled: true in, false out. */
  class Box {
    constructor(rows, least, most, state, inside) { Object.assign(this, { rows, least, most, state, inside, empty: false }); }
    copy() { return Object.assign(new Box(this.rows, [...this.least], [...this.most], [...this.state], [...this.inside]), { empty: this.empty }); }
    put(i, side) {
      if (this.state[i] === null) {
        this.state[i] = side;
        if (side) for (const [row, weight] of this.rows.loads[i]) this.inside[row] += weight;
      } else if (this.state[i] !== side) this.empty = true;
    }
    atLeast(row, amount) { this.least[row] = ceiling(amount, this.rows.divisor[row]); }
    atMost(row, amount) { this.most[row] = floor(amount, this.rows.divisor[row]); }
    keeps(chosen) {
      if (this.state.some((side, i) => side !== null && side !== chosen.has(i))) return false;
      const sums = this.least.map(() => 0n);
      for (const i of chosen) for (const [row, weight] of this.rows.loads[i]) sums[row] += weight;
      return sums.every((sum, row) => (this.least[row] === null || sum >= this.least[row]) && (this.most[row] === null || sum <= this.most[row]));
    }
    /** Closes the box where a sum cannot reach 0, and settles whoever must be on one side for it to. */
    apply(given) {
      const sum = new Map();
      for (const [row, times] of given) {
        if (!Number.isInteger(row) || row < 0 || row >= this.least.length || sum.has(row) || !/^-?[1-9]\d{0,999}$/.test(times)) throw new Refused();
        sum.set(row, BigInt(times));
      }
      let largest = 0n;
      for (const [row, times] of sum) {
        const side = times > 0n ? this.least[row] : this.most[row];
        if (side === null) throw new Refused();
        largest += times * (this.inside[row] - side);
      }
      const gains = [];
      this.state.forEach((side, i) => {
        if (side !== null) return;
        let gain = 0n;
        for (const [row, weight] of this.rows.loads[i]) if (sum.has(row)) gain += sum.get(row) * weight;
        gains.push([i, gain]);
        if (gain > 0n) largest += gain;
      });
      if (largest < 0n) { this.empty = true; return; }
      for (const [i, gain] of gains) if ((gain < 0n ? -gain : gain) > largest) this.put(i, gain > 0n);
    }
  }

  /** Every part of the box is closed by the sums of its node, or is done. */
  function checkTree(box, nodes, done = () => false) {
    const boxes = [box.copy()];
    let used = 0;
    while (boxes.length) {
      const here = boxes.pop(), node = nodes[used++];
      if (!node) throw new Refused();
      for (const sum of node.sums) here.apply(sum);
      if (here.empty || done(here)) { if (node.branch !== null) throw new Refused(); continue; }
      const i = here.rows.places.get(node.branch);
      if (i === undefined || here.state[i] !== null) throw new Refused();
      const without = here.copy();
      without.put(i, false);
      here.put(i, true);
      boxes.push(without, here);
    }
    if (used !== nodes.length) throw new Refused();
  }

  /** That nothing has a larger value, of these nothing a smaller grant, and of these nothing better ranks: `{chosen, tied}`. */
  function checkProof(rows, proof) {
    const box = rows.box(), chosen = rows.named(proof.chosen);
    if (!box.keeps(chosen)) throw new Refused();
    const value = rows.total(rows.value, chosen), grant = rows.total(rows.grant, chosen);
    const higher = box.copy();
    higher.atLeast(rows.value, value + 1n);
    checkTree(higher, proof.value);
    box.atLeast(rows.value, value);
    const cheaper = box.copy();
    cheaper.atMost(rows.grant, grant - 1n);
    checkTree(cheaper, proof.grant);
    box.atMost(rows.grant, grant);
    for (const sum of proof.settled) box.apply(sum);
    const steps = [...proof.ranks];
    rows.groups.forEach((group, number) => {
      const free = group.filter((i) => box.state[i] !== false), count = free.filter((i) => chosen.has(i)).length;
      if (count < free.length) {
        const step = steps.shift(), more = box.copy();
        if (!step || step.rank !== rows.candidates[group[0]].rank) throw new Refused();
        counted(more, rows, number, free, count + 1, null);
        checkTree(more, step.nodes);
      }
      counted(box, rows, number, free, count, count);
    });
    if (steps.length) throw new Refused();
    const tied = new Set();
    for (const ids of proof.others) {
      const other = rows.named(ids), apart = rows.candidates.map((_, i) => i).filter((i) => other.has(i) !== chosen.has(i));
      if (!box.keeps(other) || apart.every((i) => tied.has(i))) throw new Refused();
      apart.forEach((i) => tied.add(i));
    }
    checkTree(box, proof.rest, (here) => here.state.every((side, i) => tied.has(i) || side === chosen.has(i)));
    return { chosen, tied };
  }

  /** From `least` to `most` of a group, whose members that can still be in are `free`. */
  function counted(box, rows, number, free, least, most) {
    const row = rows.groupRow.get(number);
    if (row !== undefined) { box.atLeast(row, BigInt(least)); if (most !== null) box.atMost(row, BigInt(most)); }
    if (least === free.length) free.forEach((i) => box.put(i, true));
    else if (most === 0) free.forEach((i) => box.put(i, false));
  }

  /** That no selection keeps the rules of a conflict. */
  function* cannotHold(problem, stated, leaf, proof) {
    try {
      const rows = new Rows(problem, stated.per_rule.map((use) => use.id)), named = new Set(stated.conflict), box = rows.box();
      rows.owner.forEach((id, row) => { if (!named.has(id)) box.least[row] = box.most[row] = null; });
      if (!named.has("match")) box.state = box.state.map(() => null);
      checkTree(box, proof.nodes);
    } catch (error) {
      if (!(error instanceof Refused || error instanceof TypeError)) throw error;
      yield reason("js_proof_does_not_hold", { leaf });
    }
  }

  /** The selection by total value: proven best by its certificate, in whole numbers and without a solver. */
  function totalValue(problem, stated, leaf, wrong, open) {
    const { proof, conflict } = stated.certificate || {};
    if (stated.status === "infeasible") { wrong.push(...cannotHold(problem, stated, leaf, conflict)); return; }
    if (!["optimal", "undetermined", "feasible"].includes(stated.status) || !proof) { open.push(reason("js_selection_not_settled", { list: leaf })); return; }
    try {
      const rows = new Rows(problem, stated.per_rule.map((use) => use.id));
      const { chosen, tied } = checkProof(rows, proof), value = [...chosen].reduce((sum, i) => sum.plus(rows.candidates[i].rounded), ZERO);
      const ids = [...chosen].filter((i) => !tied.has(i)).sort((a, b) => a - b).map((i) => rows.candidates[i].id);
      wrong.push(...compare({ get: () => stated }, leaf, { selected: ids }));
      if (tied.size && stated.status !== "undetermined") wrong.push(differs(leaf, "/status", stated.status, "undetermined"));
      if (!tied.size && decimal(String(stated.value ?? "0")).compare(value) !== 0) wrong.push(differs(leaf, "/value", stated.value, String(value)));
      const grant = ids.reduce((sum, id) => sum + rows.candidates[rows.places.get(id)].grant, 0);
      if (stated.used_krw !== (problem.withMoney ? grant : 0)) wrong.push(differs(leaf, "/used_krw", stated.used_krw, grant));
    } catch (error) {
      if (!(error instanceof Refused || error instanceof TypeError)) throw error;
      wrong.push(reason("js_proof_does_not_hold", { leaf }));
    }
    open.push(reason("js_total_value_rest", { list: leaf.slice(leaf.lastIndexOf("/") + 1) }));
  }

  /** A band stands where the walk by score alone draws a line, and belongs to that line. */
  function* lineOfBand(problem, band, name) {
    const leaf = `computed/bands/${name}`, plain = problem.minimums || problem.unknown ? null : problem.walk();
    if (plain === null) return;
    const top = plain.selected.length, line = plain.settled && top > 0 && top < problem.candidates.length;
    if (line && !band) yield reason("leaf_missing", { leaf });
    else if (!line && band) yield reason("leaf_does_not_follow", { leaf });
    else if (band && band.top !== top) yield differs(leaf, "/top", band.top, top);
  }

  function withMinimums(problem, stated, leaf, whole, wrong, open) {
    const byId = new Map(problem.candidates.map((one) => [one.id, one])), selected = stated.selected.map((id) => byId.get(id));
    if (stated.status !== "computed") { open.push(reason("js_selection_not_settled", { list: leaf })); return; }
    const inOrder = selected.every((one, at) => one && (at === 0 || selected[at - 1].rank <= one.rank)) && new Set(selected).size === selected.length;
    if (!inOrder) { wrong.push(differs(leaf, "/selected", stated.selected, "-")); return; }
    if (!problem.keeps(problem.sums(selected)) || !selected.every((one) => one.fits)) { wrong.push(reason("js_selection_breaks_rules", { leaf })); return; }
    const chosen = new Set(selected), unclear = [];
    for (const one of problem.candidates) {
      if (chosen.has(one)) continue;
      const shared = problem.candidates.some((other) => other !== one && other.rank === one.rank);
      const right = shared ? null : problem.rightlySkipped(one, selected);
      if (right === false) wrong.push(reason("js_skipped_without_rule", { application: one.id }));
      else if (right === null) unclear.push(one.id);
    }
    if (unclear.length) open.push(reason("js_selection_open", { applications: unclear.slice(0, 20) }));
    checkReserve(problem, stated, leaf, selected, whole, wrong, open);
  }

  function checkReserve(problem, stated, leaf, selected, whole, wrong, open) {
    const used = problem.withMoney ? stated.selected.reduce((sum, id) => sum + (problem.candidates.find((one) => one.id === id) || { grant: 0 }).grant, 0) : 0;
    if (stated.used_krw !== used) wrong.push(differs(leaf, "/used_krw", stated.used_krw, used));
    if (selected === null) return;
    const reserve = problem.reserve(selected, whole);
    if (reserve === null) { open.push(reason("js_reserve_open", { list: leaf })); return; }
    const given = Array.isArray(reserve) ? stated.reserve : Object.fromEntries(Object.entries(stated.reserve || {}).filter(([, list]) => list.length));
    if (!same(given ?? null, reserve)) wrong.push(differs(leaf, "/reserve", stated.reserve, reserve));
  }

  // == votes ============================================================================================================

  function tally(decide, votes, seats) {
    const options = decide.options || ["yes", "no", "abstain"], counts = Object.fromEntries(options.map((option) => [option, 0]));
    for (const vote of votes) {
      if (!Object.hasOwn(counts, vote.option)) throw new TypeError(`no such option: ${vote.option}`);
      counts[vote.option] += 1;
    }
    return { counts, ...carried(decide, counts, votes.length, seats) };
  }
  /** Quorum, majority and outcome of counted votes. */
  function carried(decide, counts, cast, seats) {
    const quorumMet = BigInt(cast) * 10000n >= basisPoints(decide.quorum) * BigInt(seats);
    const base = BigInt(decide.of === "seats" ? seats : cast), share = basisPoints(decide.majority);
    const over = Object.keys(counts).filter((option) => option !== "abstain" && BigInt(counts[option]) * 10000n > share * base);
    const outcome = !quorumMet ? "no_quorum" : over.length > 1 ? null : over.length ? over[0] : "rejected";
    return { cast, seats, quorum_met: quorumMet, outcome };
  }
  const outcomeOf = (vote) => (vote.outcome === "yes" ? "selected" : vote.outcome === null || vote.outcome === "no_quorum" ? "undetermined" : "not_selected");

  function taskKeys(definition, application) {
    const { rows, key } = definition.decide.tasks || {}, list = rows && application.answers[rows];
    if (!Array.isArray(list)) return [];
    return [...new Set(list.map((row) => key.map((cell) => { const value = row[cell]; return value ? String(value) : "-"; }).join("/")))];
  }

  /** ID -> {outcome, tasks}: what the body's votes lead to, before places; who joined without a vote has no entry. */
  function votes(found, leaves, applications, eligible) {
    const { definition } = leaves, { decide } = definition, result = new Map(), wrong = [], expected = new Set(), several = new Set();
    const body = leaves.get("computed/draws/panel:body");
    const seated = body && body.status === "computed" ? body.members : leaves.rows("seats").map((row) => row.seat);
    const cast = leaves.byApplication("votes"), without = [];
    for (const application of applications.filter((one) => eligible.has(one.id))) {
      const { id } = application, tasks = taskKeys(definition, application), own = (cast.get(id) || []).map(([, vote]) => vote);
      const stated = leaves.values.has(`computed/votes/${id}`) || leaves.values.has(`computed/votes-several/${id}/000`);
      if (!stated && !own.length && decide.without_vote) { without.push(id); continue; } // its condition is a rule in CEL
      const lines = (tasks.length ? tasks : [undefined]).map((task) => {
        const line = tally(decide, own.filter((vote) => (vote.task ?? "") === (task ?? "")), seated.length);
        return { application: id, ...(task === undefined ? {} : { task }), ...line };
      });
      if (own.some((vote) => !seated.includes(vote.seat))) wrong.push(reason("js_vote_without_seat", { application: id }));
      lines.forEach((line, k) => {
        const rest = lines.length > 1 ? `${id}/${String(k).padStart(3, "0")}` : id;
        (lines.length > 1 ? several : expected).add(rest);
        const differences = [...compare(leaves, `computed/votes${lines.length > 1 ? "-several" : ""}/${rest}`, line)];
        if (differences.length) wrong.push(reason("vote_differs", { application: id }));
      });
      result.set(id, { yes: lines[0].counts.yes || 0, tasks: tasks.length ? lines.map((line) => ({ task: line.task, outcome: outcomeOf(line) })) : null, outcome: outcomeOf(lines[0]) });
    }
    wrong.push(...nothingElse(leaves, "computed/votes", expected), ...nothingElse(leaves, "computed/votes-several", several));
    if (decide.places !== undefined) places(decide, result, lotOrder(leaves));
    if (wrong.length || expected.size + several.size) found.add("votes", wrong, reason("votes_checked", { votes: expected.size + several.size }));
    if (without.length) found.skip("votes", reason("js_without_vote_given", { applications: without.length }));
    return result;
  }

  /** Of the carried, the places go to the most yes votes; a tie at the line goes to the lot, or to nobody. */
  function places(decide, result, lots) {
    const carriedOnes = [...result].filter(([, one]) => one.outcome === "selected");
    if (carriedOnes.length <= decide.places) return;
    const lot = new Map(lots.map((id, at) => [id, at])), byLot = (decide.ties || []).includes("lot") && carriedOnes.every(([id]) => lot.has(id));
    carriedOnes.sort(([a, one], [b, other]) => other.yes - one.yes || (byLot ? lot.get(a) - lot.get(b) : 0));
    const last = carriedOnes[decide.places - 1][1].yes, tied = last === carriedOnes[decide.places][1].yes;
    carriedOnes.forEach(([, one], at) => {
      if (tied && !byLot && one.yes === last) one.outcome = "undetermined";
      else if (at >= decide.places) one.outcome = "not_selected";
    });
  }

  // == outcomes =========================================================================================================

  /** What each application's outcome must be, from the parts that were checked before; held against the record. */
  function outcomes(found, leaves, applications, context) {
    const wrong = [], count = Object.fromEntries(OUTCOMES.map((one) => [one, 0])), expectedTasks = new Set();
    for (const application of applications) {
      const { id } = application, name = `computed/outcomes/${id}`, stated = leaves.get(name) || {};
      const line = outcomeLine(leaves, application, context, stated);
      if (Object.hasOwn(count, stated.outcome)) count[stated.outcome] += 1;
      if (line === null) continue; // not settled, or decided by a rule in CEL: as stated
      const { tasks, ...parts } = line;
      wrong.push(...compare(leaves, name, { application: id, grade: null, grant_krw: null, place: null, amount: undefined, conditions: undefined, group: undefined, ...parts }));
      for (const { task, ...rest } of tasks || []) {
        const leaf = `${id}/${task.replaceAll("%", "%25").replaceAll("/", "%2F")}`;
        expectedTasks.add(leaf);
        wrong.push(...compare(leaves, `computed/tasks/${leaf}`, { application: id, task, conditions: undefined, ...rest }));
      }
    }
    const ids = new Set(applications.map((one) => one.id));
    wrong.push(...nothingElse(leaves, "computed/outcomes", ids), ...nothingElse(leaves, "computed/tasks", expectedTasks));
    for (const [outcome, number] of Object.entries(count)) wrong.push(...compare(leaves, "computed/counts", { [outcome]: number }));
    wrong.push(...compare(leaves, "computed/summary", { selected: count.selected }));
    found.add("outcomes", wrong, reason("outcomes_are", count));
  }

  function outcomeLine(leaves, application, context, stated) {
    const { id } = application;
    if (context.later.has(id)) return { outcome: "later" };
    if (!context.eligible.has(id)) return { outcome: "ineligible" };
    const line = ruled(leaves, application, context, stated);
    return line && settled(leaves, application, line, stated);
  }

  /** What the deciding rule alone says. */
  function ruled(leaves, application, { scores, lists, bands: bandsOf, voted }, stated) {
    const { definition } = leaves, { decide } = definition, { id } = application;
    if (isScored(definition)) {
      const score = scores.get(id);
      if (!score) return { outcome: "undetermined" };
      return decide.by === "rank" ? byRank(leaves, application, score, lists, bandsOf) : byMark(definition, score, stated);
    }
    if (decide.by === "appointment") return byAppointment(leaves, application);
    const vote = voted.get(id);
    if (!vote) return { outcome: "selected" };
    return vote.tasks ? ofTasks(vote.tasks) : { outcome: vote.outcome };
  }

  function byRank(leaves, application, score, lists, bandsOf) {
    const { definition } = leaves, name = definition.decide.list === "per_track" ? trackOf(definition, application) : "all";
    const result = leaves.get(`computed/selections/${name}`), { id } = application, band = bandsOf.get(name);
    if (!result || (definition.decide.walk === "total_value" && !(result.certificate || {}).proof)) return null;
    if (band && !band.settled && score.passed) {
      const problem = lists.problems.get(name) || new Selection(leaves, name, lists.get(name));
      lists.problems.set(name, problem);
      if (!problem.seatsOnly || band.order.includes(id)) return { outcome: "undetermined" };
    }
    if (result.selected.includes(id)) {
      const problem = lists.problems.get(name) || new Selection(leaves, name, lists.get(name));
      lists.problems.set(name, problem);
      lists.grants ||= new Map();
      if (!lists.grants.has(name)) lists.grants.set(name, new Map(problem.candidates.map((one) => [one.id, one.grant])));
      return { outcome: "selected", grant_krw: problem.withMoney ? lists.grants.get(name).get(id) ?? null : null };
    }
    if (!score.passed) return { outcome: "not_selected" };
    const reserves = Array.isArray(result.reserve) ? [result.reserve] : Object.values(result.reserve || {});
    const own = reserves.filter((list) => list.includes(id)).pop();
    if (own) return { outcome: "reserve", place: own.indexOf(id) + 1 };
    return ["computed", "feasible", "optimal"].includes(result.status) ? { outcome: "not_selected" } : null;
  }

  function byMark({ decide }, score, stated) {
    if (decide.by === "threshold") {
      const parts = Object.entries(decide.each_at_least || {}).every(([part, mark]) => {
        const value = score.parts.get(part);
        return (Object.hasOwn(decide.combine, part) ? value : value.times(HUNDRED)).compare(decimal(mark)) >= 0;
      });
      return { outcome: score.rounded.compare(decimal(decide.at_least)) >= 0 && parts && score.passed ? "selected" : "not_selected" };
    }
    const group = stated.group; // which group an application falls into is a rule in CEL: as stated
    if (group !== undefined && !(decide.groups || []).some((one) => one.id === group)) throw new TypeError(`no such group: ${group}`);
    const mark = (grade) => decimal((grade.by_group || {})[group] ?? grade.at_least);
    const grade = decide.grades.find((one) => score.rounded.compare(mark(one)) >= 0);
    return { outcome: grade && grade.granted !== false && score.passed ? "selected" : "not_selected", grade: grade ? grade.id : null, group };
  }

  const APPOINTED = { granted: "selected", reduced: "selected", conditional: "selected", refused: "not_selected" };
  function byAppointment(leaves, application) {
    const { definition } = leaves, rows = leaves.rowsOf("appointments", application.id);
    const heard = new Set(leaves.rowsOf("opinions", application.id).filter((row) => row.text || row.answer).map((row) => row.opinion));
    const missing = (definition.decide.advice || []).some((advice) => !heard.has(advice));
    const decided = (row) => (!row || missing ? "undetermined" : APPOINTED[row.outcome]);
    const tasks = taskKeys(definition, application);
    if (tasks.length) return ofTasks(tasks.map((task) => ({ task, outcome: decided(rows.find((row) => row.task === task)) })));
    const row = rows.find((one) => !one.task), outcome = decided(row), { cost, own } = amounts(definition, application);
    if (outcome !== "selected" || (cost === null && (row.grant_krw ?? null) === null)) return { outcome };
    const set = (row.grant_krw ?? null) !== null;
    return { outcome, grant_krw: set ? row.grant_krw : (cost || 0) - own, amount: set && row.outcome === "reduced" ? "reduced" : "full" };
  }

  function ofTasks(tasks) {
    const any = (outcome) => tasks.some((task) => task.outcome === outcome);
    return { outcome: any("undetermined") ? "undetermined" : any("selected") ? "selected" : "not_selected", tasks };
  }

  /** What still touches an outcome: a reduced grant, an open outside check, a condition. Null: as stated. */
  function settled(leaves, application, line, stated) {
    const { definition } = leaves, { id } = application;
    if (["selected", "reserve"].includes(line.outcome)) {
      const row = leaves.rowsOf("reductions", id)[0];
      if (row) line = { ...line, amount: "reduced", grant_krw: line.outcome === "selected" ? row.grant_krw : line.grant_krw ?? null };
      const answered = new Set(leaves.rowsOf("outside_checks", id).filter((one) => one.verdict !== "unknown").map((one) => one.check));
      const waiting = (definition.outside_checks || []).filter((one) => one.excludes !== false && !answered.has(one.id));
      if (waiting.some((one) => one.when === undefined)) line = { ...line, outcome: "undetermined", place: null };
      else if (waiting.length && stated.outcome === "undetermined") return null;
    }
    const announced = (definition.outcome || {}).conditions || [];
    if (line.outcome !== "selected" || !announced.length) return line;
    const rows = leaves.rowsOf("conditions", id);
    const told = stated.conditions || [...leaves.of("computed/tasks")].filter(([rest]) => rest.startsWith(`${id}/`)).flatMap(([, task]) => task.conditions || []);
    const asked = announced.filter((one) => one.when === undefined || told.some((other) => other.condition === one.id));
    if (!asked.length) return line;
    const states = (task) => asked.map((one) => {
      const of = (name) => rows.find((row) => row.condition === one.id && (row.task ?? "") === name), row = (task && of(task)) || of("");
      return { condition: one.id, state: !row ? "pending" : row.met ? "met" : "not_met" };
    });
    const failed = (list) => list.some((one) => one.state === "not_met");
    if (line.tasks) {
      const tasks = line.tasks.map((task) => {
        if (task.outcome !== "selected") return task;
        const conditions = states(task.task);
        return { task: task.task, outcome: failed(conditions) ? "not_selected" : "selected", conditions };
      });
      return { ...line, tasks, outcome: tasks.some((task) => task.outcome === "selected") ? "selected" : "not_selected" };
    }
    const conditions = states("");
    return { ...line, conditions, ...(failed(conditions) ? { outcome: "not_selected", grant_krw: null } : {}) };
  }

  // == eligibility, statistics, decision ================================================================================

  /** Who counts for this batch and who is eligible: as stated (rules in CEL), but for what the tables themselves say. */
  function eligibility(found, leaves, applications) {
    const eligible = new Set(), later = new Set(), wrong = [], cutOff = (leaves.rows("batch")[0] || {}).cut_off;
    const plain = (list) => new Set((list || []).filter((one) => one.excludes !== false && one.when === undefined).map((one) => one.id));
    const review = plain(leaves.definition.review), outside = plain(leaves.definition.outside_checks);
    for (const { id, received } of applications) {
      const line = leaves.get(`computed/eligibility/${id}`), after = cutOff && received && received.slice(0, cutOff.length) > cutOff;
      if (!line) {
        later.add(id);
        if (!cutOff || (received || "").slice(0, cutOff.length) < cutOff) wrong.push(reason("leaf_missing", { leaf: `computed/eligibility/${id}` }));
        continue;
      }
      if (after) wrong.push(reason("leaf_does_not_follow", { leaf: `computed/eligibility/${id}` }));
      if (typeof line.eligible !== "boolean" || line.application !== id) wrong.push(reason("leaf_misread", { leaf: `computed/eligibility/${id}` }));
      const failed = leaves.rowsOf("checklist", id).some((row) => row.verdict === "fail" && review.has(row.item)) ||
        leaves.rowsOf("outside_checks", id).some((row) => row.verdict === "found" && outside.has(row.check));
      if (line.eligible && failed) wrong.push(differs(`computed/eligibility/${id}`, "/eligible", true, false));
      if (line.eligible) eligible.add(id);
    }
    wrong.push(...nothingElse(leaves, "computed/eligibility", new Map(applications.map((one) => [one.id, 1]))));
    if (wrong.length) found.add("eligibility", wrong);
    else found.skip("eligibility", reason("js_eligibility_given", { eligible: eligible.size, applications: applications.length }));
    return { eligible, later };
  }

  function statistics(found, leaves, applications) {
    const told = leaves.get("computed/statistics"), wrong = [...innerSums(told)];
    const say = (at, code) => wrong.push(reason("statistics_differ", { at, code }));
    if (applications) {
      if (told.total.cases !== applications.length) say("/total/cases", "count");
      for (const row of told.by_type) {
        const cases = applications.filter((one) => (trackOf(leaves.definition, one) || "unclassified") === row.id).length;
        if ((leaves.definition.tracks || []).some((track) => track.id === row.id) && row.cases !== cases) say("/by_type", row.id);
      }
    }
    found.add("statistics", wrong, reason("statistics_sums_checked"));
  }

  function* innerSums(told) {
    const { total } = told, tables = ["by_type", "by_region", "by_country", ...(told.by_field_overlaps ? [] : ["by_field"])];
    const differ = (at, code) => reason("statistics_differ", { at, code });
    for (const table of tables) {
      const rows = told[table], cases = rows.reduce((sum, row) => sum + row.cases, 0);
      if (rows.length && (table === "by_country" ? cases > total.cases : cases !== total.cases)) yield differ(`/${table}`, "sum");
      if (rows.some((row) => row.countries > total.countries)) yield differ(`/${table}`, "countries");
    }
    const named = told.by_country.filter((row) => row.id !== "unclassified").length;
    if (told.by_country.length && named !== total.countries) yield differ("/total/countries", "countries");
    for (const of of ["cases", "countries"]) {
      const change = told.growth[of];
      if (change && (change.now !== total[of] || change.change !== change.now - change.previous)) yield differ(`/growth/${of}`, "growth");
    }
  }

  function* decisionFaults(id, line, computed) {
    const sound = hasKeys(line, "application", "outcome", "departs") && typeof line.departs === "boolean";
    if (!sound || !OUTCOMES.includes(line.outcome) || line.application !== id) yield reason("decision_malformed", { application: id });
    else if (!line.departs && line.outcome !== computed) yield reason("decision_departs_silently", { application: id, decided: line.outcome, computed: String(computed) });
    else if (line.departs && line.outcome === computed) yield reason("deviation_without_difference", { application: id });
  }

  /** The decision is the computed outcome, or a deviation with its reason. */
  function decided(found, leaves, applications) {
    const wrong = [], lines = leaves.of("decided"), reasons = leaves.of("deviations"), departing = [];
    const known = new Set(applications.map((one) => one.id));
    for (const id of [...new Set([...known, ...lines.keys(), ...reasons.keys()])].sort()) {
      const line = lines.get(id), why = reasons.get(id);
      if (!line || !known.has(id)) { wrong.push(reason(known.has(id) ? "decision_missing" : "decision_on_nobody", { application: id })); continue; }
      wrong.push(...decisionFaults(id, line, (leaves.get(`computed/outcomes/${id}`) || {}).outcome));
      if (line.departs) departing.push(id);
      const whole = why !== undefined && hasKeys(why, "application", "reason") && why.application === id && String(why.reason).trim();
      if (Boolean(line.departs) !== (why !== undefined) || (why !== undefined && !whole)) wrong.push(reason("deviation_without_reason", { application: id }));
    }
    const selected = [...lines.values()].filter((line) => line.outcome === "selected").length;
    if (!same(leaves.get("decided-summary") ?? null, { selected })) wrong.push(reason("decided_count_differs", { found: selected }));
    found.add("decided", wrong, departing.length ? reason("decided_with_deviations", { applications: departing }) : reason("decided_as_computed"));
  }

  function definitionCheck(found, leaves) {
    const { meta, definition } = leaves, wrong = [];
    if (hashText(leaves.get("definition-text")) !== meta.definition_sha256) wrong.push(reason("definition_hash_differs", { stated: String(meta.definition_sha256) }));
    if (meta.call !== definition.id) wrong.push(reason("definition_of_another_call", { call: String(meta.call), found: String(definition.id) }));
    if (found.add("definition", wrong, reason("js_definition_hash_holds", { call: String(meta.call) }))) found.skip("definition", reason("js_text_not_parsed"));
  }

  // == the auditor's edition ============================================================================================

  function whole(found, leaves) {
    const applications = leaves.applications(), { definition } = leaves;
    inputs(found, leaves, applications);
    const { eligible, later } = eligibility(found, leaves, applications), context = { eligible, later };
    draws(found, leaves, applications, eligible);
    if (isScored(definition)) {
      const wrong = [], stages = stageScores(leaves, applications, eligible, wrong);
      context.scores = totals(leaves, applications, eligible, stages, wrong);
      found.add("scores", wrong, reason("scores_checked", { stages: (definition.evaluation || []).map((one) => one.id) }));
      if (definition.decide.by === "rank") {
        context.lists = ranking(found, leaves, applications, context.scores);
        context.lists.problems = new Map();
        context.bands = bands(found, leaves, context.lists, stages);
        selections(found, leaves, context.lists, context.bands);
      }
    }
    if (definition.decide.by === "vote") context.voted = votes(found, leaves, applications, eligible);
    outcomes(found, leaves, applications, context);
    statistics(found, leaves, applications);
    found.skip("computed", reason("js_not_computed_again"));
    decided(found, leaves, applications);
  }

  // == the party's and the public edition: as far as they carry =========================================================

  function partly(found, leaves) {
    const { definition, edition } = leaves, closed = { edition };
    editionCheck(found, leaves);
    found.skip("inputs", reason("edition_closes_inputs", closed));
    found.skip("computed", reason("edition_not_recomputable", closed));
    const how = leaves.get("origin") || {};
    if (how.panel === "drawn" || how.lots === "drawn") found.skip("draws", reason("edition_closes_draws", closed));
    if (isScored(definition)) openScores(found, leaves, closed);
    if (definition.decide.by === "rank") openRanking(found, leaves, closed);
    openSelection(found, leaves, closed);
    if (definition.decide.by === "vote") openVotes(found, leaves, closed);
    statistics(found, leaves, null);
    const lines = leaves.of("decided"), wrong = [];
    for (const [id, line] of lines) {
      const computed = leaves.get(`computed/outcomes/${id}`);
      if (computed) wrong.push(...decisionFaults(id, line, computed.outcome));
    }
    found.add("decided", wrong, reason("decided_as_open", { decisions: lines.size }));
    const departing = [...lines].filter(([, line]) => line.departs).map(([id]) => id).sort();
    if (departing.length && !wrong.length) found.skip("decided", reason("deviations_closed", { applications: departing }));
  }

  const selectedIds = (leaves) => [...leaves.of("decided")].filter(([, line]) => line.outcome === "selected").map(([id]) => id);

  /** Everybody who was selected is named, with what the call announces; and what is open was announced. */
  function editionCheck(found, leaves) {
    const publish = (leaves.definition.announcement || {}).publish || {}, names = (publish.selected ?? "all") === "all";
    const selected = selectedIds(leaves), wrong = [], stated = leaves.get("decided-summary").selected;
    if (names && stated !== selected.length) wrong.push(reason("selected_not_all_open", { stated, found: selected.length }));
    const mine = leaves.edition === "party" ? [...leaves.of("answers").keys()][0] : undefined;
    const secret = [...leaves.values.keys()].filter((name) => /^(scored-by|assignments|evaluators|computed\/all-reasons)\//.test(name));
    if (secret.length) wrong.push(reason("edition_opens_secret", { leaves: secret.slice(0, 20) }));
    for (const [kind, lines] of leaves.kinds) for (const [rest, value] of lines) {
      const of = value && typeof value === "object" ? (kind === "applications" ? value.id : value.application) : undefined;
      if (typeof of === "string" && of && !belongs(kind, rest, of)) wrong.push(reason("leaf_about_another", { leaf: `${kind}/${rest}`, application: of }));
    }
    for (const id of selected) {
      if (!names && id !== mine) continue;
      const needed = [`applications/${id}`, ...(leaves.get(`decided/${id}`).departs ? [] : [`computed/outcomes/${id}`])];
      for (const leaf of needed) if (!leaves.values.has(leaf)) wrong.push(reason("edition_leaf_missing", { leaf }));
    }
    found.add("edition", wrong, reason("edition_opens_announced", { edition: leaves.edition, selected: selected.length }));
    const beyond = [...leaves.values.keys()].filter((name) => !mayOpen(leaves, publish, names, mine, name));
    if (beyond.length) found.skip("edition", reason("edition_opens_more", { leaves: beyond.slice(0, 20) }));
  }

  const ALWAYS = new Set(["meta", "definition-text", "definition", "classifications", "rounds", "batch", "origin", "panel-names",
    "computed/summary", "computed/statistics", "decided-summary"]);
  const OWN = new Set(["applications", "answers", "checklist", "outside_checks", "adjustments", "reductions", "conditions",
    "appointments", "computed/eligibility", "computed/votes", "computed/votes-several", "computed/outcomes", "computed/tasks",
    "computed/why", "decided", "deviations"]);
  const OWN_SCORES = new Set(["sheets", "computed/stages", "computed/counted", "computed/ranking", "computed/scores", "computed/figures"]);

  /** Whether what stands behind a leaf's kind in its name is this application, and nothing else. */
  function belongs(kind, rest, id) {
    if ([...ABOUT, "conflicts", "scored-by"].includes(kind)) {
      const cut = rest.lastIndexOf("/");
      return rest.slice(0, cut) === id && /^\d+$/.test(rest.slice(cut + 1));
    }
    if (["computed/stages", "computed/counted"].includes(kind)) return rest.slice(rest.indexOf("/") + 1) === id;
    if (kind === "computed/tasks") return rest.slice(0, rest.lastIndexOf("/")) === id;
    if (kind === "computed/votes-several") return rest.slice(0, rest.lastIndexOf("/")) === id;
    return rest === id;
  }

  /** The table "The leaves" of the format: whether an edition may open this leaf. */
  function mayOpen(leaves, publish, names, mine, name) {
    const parts = name.split("/"), kind = parts.slice(0, parts[0] === "computed" ? 2 : 1).join("/"), value = leaves.get(name);
    if (ALWAYS.has(kind)) return true;
    const id = value && typeof value === "object" ? (kind === "applications" ? value.id : value.application) : undefined;
    const selected = names && (leaves.get(`decided/${id}`) || {}).outcome === "selected";
    const granted = selected && (leaves.get(`computed/outcomes/${id}`) || {}).outcome === "selected";
    const grants = (share) => share === "all" || (share === "selected" && (leaves.get(`decided/${id}`) || {}).outcome === "selected");
    const scored = isScored(leaves.definition), party = (leaves.definition.announcement || {}).party || {};
    const hasScore = leaves.values.has(`computed/scores/${id}`) || leaves.values.has(`computed/ranking/${id}`);
    if (leaves.edition === "party" && id !== undefined && id === mine) {
      if (OWN.has(kind) || (OWN_SCORES.has(kind) && party.own_scores)) return true;
      if (kind === "computed/figures" && !scored) return true;
      if (kind === "comments" && party.comments === "released_by_rule") return true;
    }
    if (kind === "applications") return selected || (hasScore && (grants(publish.scores) || grants(publish.ranking)));
    if (kind === "decided") return selected;
    if (kind === "computed/outcomes") return granted;
    if (kind === "computed/tasks") return granted && value.outcome === "selected";
    if (kind === "computed/ranking") return grants(publish.ranking);
    if (kind === "computed/scores") return grants(publish.scores);
    if (kind === "computed/stages") return grants(publish.scores) && hasScore;
    if (kind === "computed/why" || kind === "computed/figures") {
      return granted && scored && grants(publish.scores) && (grants(publish.ranking) || leaves.definition.decide.by !== "rank");
    }
    return false;
  }

  function openScores(found, leaves, closed) {
    const { definition } = leaves, { decide } = definition, decimals = decimalsOf(definition), wrong = [], judged = judgedStages(definition);
    const checked = new Set();
    for (const [id, sheets] of leaves.byApplication("sheets")) {
      for (const stage of judged) {
        const own = sheets.filter(([, sheet]) => sheet.stage === stage.id || (sheet.stage === undefined && judged.length === 1));
        if (!own.length || !leaves.values.has(`computed/stages/${stage.id}/${id}`)) continue;
        checked.add(stage.id);
        for (const [k, sheet] of own) wrong.push(...offScale(stage, sheet, `${id}/${k}`));
        wrong.push(...compareStage(leaves, stage, `${stage.id}/${id}`, judgedScore(stage, own), decimals));
      }
    }
    for (const application of leaves.applications().filter((one) => leaves.values.has(`answers/${one.id}`))) {
      for (const stage of (definition.evaluation || []).filter((one) => one.kind === "computed")) {
        const rest = `${stage.id}/${application.id}`;
        if (leaves.values.has(`computed/stages/${rest}`) && leaves.values.has(`computed/counted/${rest}`)) {
          checked.add(stage.id);
          wrong.push(...compareStage(leaves, stage, rest, computedScore(stage, application), decimals));
        }
      }
    }
    const lines = leaves.of("computed/scores");
    for (const [id, line] of lines) {
      const exact = exactOf(line.exact), counting = definition.evaluation.filter((stage) => Object.hasOwn(decide.combine, stage.id));
      const parts = counting.map((stage) => [stage.id, (leaves.get(`computed/stages/${stage.id}/${id}`) || {}).exact]);
      const adds = (definition.adjustments || []).length || parts.some(([, part]) => !part) ||
        parts.reduce((sum, [stage, part]) => sum.plus(exactOf(part).times(new Exact(basisPoints(decide.combine[stage]), 10000n))), ZERO).compare(exact) === 0;
      if (line.score !== exact.text(decimals) || !adds) wrong.push(reason("total_differs", { application: id, stated: String(line.score) }));
    }
    if (wrong.length || checked.size || lines.size) found.add("scores", wrong, reason("scores_checked_as_open", { stages: [...checked].sort(), totals: lines.size }));
    else found.skip("scores", reason("edition_closes_scores", closed));
  }

  function openRanking(found, leaves, closed) {
    const lists = new Map(), scores = leaves.of("computed/scores"), wrong = [];
    let count = 0;
    for (const [id, { rank: place }] of leaves.of("computed/ranking")) {
      if (!scores.has(id)) continue;
      const list = leaves.definition.decide.list === "per_track" ? (leaves.get(`applications/${id}`) || {}).track : "";
      if (!lists.has(list)) lists.set(list, []);
      lists.get(list).push({ id, place, passed: Boolean(scores.get(id).passed), score: decimal(scores.get(id).score) });
      count += 1;
    }
    if (count < 2) { found.skip("ranking", reason("edition_closes_ranking", closed)); return; }
    for (const list of lists.values()) {
      const order = (a, b) => (a.passed !== b.passed ? (a.passed ? -1 : 1) : b.score.compare(a.score));
      list.sort((a, b) => order(a, b) || a.place - b.place);
      for (let at = 1; at < list.length; at++) {
        const [better, next] = [list[at - 1], list[at]];
        if (order(better, next) !== 0 && better.place >= next.place) wrong.push(reason("rank_against_score", { application: next.id, other: better.id }));
      }
    }
    found.add("ranking", wrong, reason("ranking_checked", { applications: count }));
  }

  /** Seats, budget, caps and maxima over those who are named as selected, as far as amounts and tags are open. */
  function openSelection(found, leaves, closed) {
    const { definition } = leaves, { decide } = definition, money = definition.money || {}, wrong = [];
    const chosen = selectedIds(leaves).filter((id) => !leaves.get(`decided/${id}`).departs);
    if (!chosen.length || (((definition.announcement || {}).publish || {}).selected ?? "all") !== "all") {
      found.skip("selection", reason("edition_closes_selection", closed));
      return;
    }
    const one = decide.by === "rank" && (decide.list ?? "one") === "one";
    const bounds = [leaves.get("computed/summary").selected, one ? decide.seats.max : undefined, decide.by === "vote" ? decide.places : undefined];
    for (const most of bounds) if (most !== undefined && chosen.length > most) wrong.push(reason("more_selected_than", { found: chosen.length, most }));
    const grants = chosen.map((id) => [id, (leaves.get(`computed/outcomes/${id}`) || {}).grant_krw]).filter(([, grant]) => Number.isSafeInteger(grant));
    const sum = grants.reduce((total, [, grant]) => total + grant, 0);
    if (one && money.budget_krw !== undefined && (money.budget_of ?? "grant") === "grant" && sum > money.budget_krw) {
      wrong.push(reason("grants_over_budget", { found_krw: sum, most_krw: money.budget_krw }));
    }
    const byId = new Map(leaves.applications().map((application) => [application.id, application]));
    for (const [id, grant] of grants) {
      const application = byId.get(id), limits = application && ((money.limits || {})[trackOf(definition, application)] || (money.limits || {}).default);
      const most = limits && limits.grant_krw && limits.grant_krw.max;
      if (typeof most === "number" && grant > most) wrong.push(reason("grant_over_announced", { application: id, found_krw: grant, most_krw: most }));
    }
    if (decide.by === "rank") wrong.push(...openCaps(leaves, chosen.map((id) => byId.get(id)).filter(Boolean), one));
    if (found.add("selection", wrong, reason("selection_bounds_checked", { selected: chosen.length }))) found.skip("selection", reason("selection_order_closed", closed));
  }

  function* openCaps(leaves, chosen, one) {
    const { definition } = leaves, tagsOf = Selection.prototype.tags.bind({ leaves });
    for (const rule of definition.decide.rules || []) {
      const tag = rule.cap_each || rule.quota, field = fieldOf(definition, tag);
      if (field ? !field.public : !["track", "country"].includes(tag)) continue;
      if (rule.cap_each && !one) continue;
      const counts = new Map();
      for (const application of chosen) for (const value of tagsOf(application, tag)) counts.set(value, (counts.get(value) || 0) + 1);
      for (const [value, count] of counts) {
        const most = rule.cap_each ? rule.max : (rule.values[value] || {}).max;
        if (most !== undefined && count > most) yield reason("more_selected_of", { tag, value, found: count, most });
      }
    }
  }

  function openVotes(found, leaves, closed) {
    const { decide } = leaves.definition, lines = [...leaves.of("computed/votes").values(), ...leaves.of("computed/votes-several").values()];
    if (!lines.length) { found.skip("votes", reason("edition_closes_votes", closed)); return; }
    const wrong = lines.filter((line) => {
      const sum = Object.values(line.counts).reduce((total, count) => total + count, 0);
      const follows = carried(decide, line.counts, line.cast, line.seats);
      return sum !== line.cast || line.cast > line.seats || Object.values(line.counts).some((count) => count < 0) ||
        line.quorum_met !== follows.quorum_met || line.outcome !== follows.outcome;
    }).map((line) => reason("vote_differs", { application: line.application }));
    found.add("votes", wrong, reason("votes_checked_as_counted", { votes: lines.length }));
  }

  // == the whole ========================================================================================================

  /** Checks a record of any edition; see the head of this file. Never throws on what a file may hold. */
  function verifyRecord(text, options = {}) {
    const record = read(text);
    if (record.faults) return { edition: null, root: null, findings: [], faults: record.faults, exit_code: 2 };
    const found = new Findings(options.progress);
    try {
      if (authenticity(found, record, options)) content(found, new Leaves(record));
    } catch (error) {
      // A hostile record may hold any shape below its leaves: what cannot be computed is a contradiction.
      found.add("content", [reason("inputs_not_computable", { problem: `${error.name}: ${error.message}`.slice(0, 300) })]);
    }
    return { edition: record.edition, root: record.root, findings: found.list, faults: [], exit_code: found.exitCode };
  }

  function content(found, leaves) {
    definitionCheck(found, leaves);
    if (leaves.edition !== "auditor") { partly(found, leaves); return; }
    // What is closed could be what was sealed, and what is open what was put beside it.
    if (leaves.closed) found.add("edition", [reason("auditor_edition_closed", { leaves: leaves.closed })]);
    whole(found, leaves);
  }

  const api = { verifyRecord, sha256, sha512, ed25519Verify, canonical, hex, unhex };
  scope.MadangVerify = api;

  if (typeof WorkerGlobalScope !== "undefined" && scope instanceof WorkerGlobalScope) {
    scope.onmessage = ({ data }) => {
      const result = verifyRecord(data.text, { ...data, progress: (check) => scope.postMessage({ progress: check }) });
      scope.postMessage({ result });
    };
  }
})(globalThis);
