#!/usr/bin/env python3
"""A second verifier of docs/audit.md, written from that page alone: python3 verify.py EXPORT KEY.pem [KEPT-CHECKPOINT]
Stops at the first divergence with an exception (exit 1); exit 0: none found. Needs Python 3.11 and the package "cryptography"."""
import base64, functools, hashlib, json, re, sys
from datetime import datetime, timedelta
from cryptography.hazmat.primitives import hashes, serialization as ser
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
H, hexs, SPKI = (lambda data: hashlib.sha256(data).digest()), (lambda data: hashlib.sha256(data).hexdigest()), (ser.Encoding.DER, ser.PublicFormat.SubjectPublicKeyInfo)
X, N, C, T = b"([0-9a-f]{64})", rb"(0|[1-9]\d{0,14})", b"([a-z0-9][a-z0-9-]{0,63})", rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"
SHAPES = {kind: re.compile(shape) for kind, shape in {
    "record": b'{"chain":"%b","sequence":%b,"recordedAt":"%b","recordHash":"%b","head":"%b"' % (C, N, T, X, X) + rb'(?:,"content":"[ !#-\[\]-~]*(?:\\["\\][ !#-\[\]-~]*)*")?',
    "entry": b'{"entry":({"chain":"%b","firstSeq":%b,"head":"%b","lastSeq":%b}),"previous":"%b"' % (C, N, X, N, X),
    "tick": b'{"entry":({"tick":{"end":"%b","start":"%b"}})' % (T, T),
    "withheld": b'{"withheld":"%b","level":([1-4]?\\d)' % X, "end": b'{"chainEnd":"%b","sequence":%b,"head":"%b"' % (C, N, X)}.items()}
FORMS = ["format", "origin", "exportedAt", "scope", "keys", "readme"], ["seal", "edge"], ["manifest"]
NOTE = re.compile(r"([^\s+]+)\n(\d+)\n(\S{44})\nseal (\d+)\nperiod (\S+) (\S+)\nchains (\d+)\nrecords (\d+)\nprevious (none|[0-9a-f]{64})\n"
                  r"rules \S+\nzones \S+\n(?:next-key [^\s+]+\+[0-9a-f]{8}\+(\S+)\n)?")
def need(holds, what):
    if not holds: raise ValueError(what)
def too_late(time, limit): return bool(time) and datetime.fromisoformat(time) - datetime.fromisoformat(limit) > timedelta(minutes=5)
def key_id(name, key):  # C2SP signed-note: type 0x01 is Ed25519, 0x02 ECDSA
    return H(key.public_bytes(*SPKI) if isinstance(key, ec.EllipticCurvePublicKey) else name.encode() + b"\n\1" + key.public_bytes_raw())[:4]
def signed(note, text, keys):
    lines = [(line.split(" ")[1], base64.b64decode(line.split(" ")[2], validate=True)) for line in note[len(text) + 1:-1].split("\n")]
    matches = [(key, raw[4:]) for name, raw in lines for key in keys if key_id(name, key) == raw[:4]]
    for key, raw in matches: key.verify(raw, text.encode(), *([ec.ECDSA(hashes.SHA256())] if isinstance(key, ec.EllipticCurvePublicKey) else []))
    return bool(matches)
def push(edge, level, node):  # RFC 9162: the right edge of the tree as (level, hash), the largest subtree first
    while edge and edge[-1][0] == level: node, level = H(b"\1" + edge.pop()[1] + node), level + 1
    edge.append((level, node))
def verify(lines, keys, kept=None):
    chains, edge, last, due, latest, ends, grown, at = {}, [], None, None, "", [], [0, 0], 0
    parts, part, kept = {p: [0, 0, hashlib.sha256()] for p in ("header", "log", "chains")}, "header", kept and NOTE.match(kept)
    for at, line in enumerate(lines, 1):
        body, where = line[:-29], f"line {at}: "
        need(part != "manifest" and line[-29:] == b',"check":"%b"}\n' % hexs(body)[:16].encode(), where + "altered, cut, or beyond the manifest")
        kind, m = next(((k, m) for k, shape in SHAPES.items() if (m := shape.fullmatch(body))), ("", None))
        g, o, kind = ([x.decode() for x in m.groups()], {}, kind) if m else ([], j := json.loads(body + b"}"), next(iter(j)))
        need(m or list(o) in FORMS and json.dumps(o, separators=(",", ":"))[:-1].encode() == body, where + "not in its one form")
        need((at == 1) == (kind == "format") and (not ends or kind in ("end", "manifest")), where + "not in its part of the file")
        need(not due or kind == "record" or due[1] > due[2], where + f"record {due and due[1]} of {due and due[0]} missing")
        part = {"format": "header", "end": "chains", "manifest": "manifest"}.get(kind, "log")
        if part in parts: parts[part][0] += 1; parts[part][1] += len(line); parts[part][2].update(hexs(body).encode())
        if kind == "format": whole = o["scope"] == {"chains": "all", "from": None, "to": None}
        elif kind == "record":
            chain, n, time, record, head = g[0], int(g[1]), *g[2:]
            need(due and due[:2] == [chain, n] and n <= due[2], where + f"record {n} of {chain} does not belong here")
            need(hexs(b"tandem.chain.v1\0" + chain.encode() + n.to_bytes(8, "big") + bytes.fromhex(due[4] + record)) == head and (n < due[2] or head == due[3]), where + f"record {n} of {chain} does not link")
            need(not too_late(chains[chain][2], time), where + f"record {n} of {chain}: time runs back")
            due[1], due[4], chains[chain], latest = n + 1, head, (n, head, max(time, chains[chain][2])), max(latest, time)
        elif kind == "entry":
            chain, first, head, final, before = g[1], int(g[2]), g[3], int(g[4]), g[5]
            known = chains.setdefault(chain, (0, hexs(b"tandem.genesis.v1\0" + chain.encode()), "") if whole or first == 1 else (first - 1, before, ""))
            need(first == known[0] + 1 <= final and before == known[1], where + f"record {known[0] + 1} of {chain} missing, or a fork")
            due, grown = [chain, first, final, head, before], [grown[0] + (first == 1), grown[1] + final - first + 1]
        elif kind == "withheld": need(not whole and not (edge and edge[-1][0] < int(g[1])), where + "held back"); push(edge, int(g[1]), bytes.fromhex(g[0]))
        elif kind == "seal":
            s = NOTE.fullmatch(text := o["seal"].rpartition("\n\n")[0] + "\n")
            need(s and signed(o["seal"], text, keys), where + "forged seal, or unknown key")
            root = functools.reduce(lambda right, left: H(b"\1" + left + right), [node for _, node in edge[::-1]])
            need((int(s[2]), base64.b64decode(s[3])) == (sum(2 ** level for level, _ in edge), root) and o["edge"] == [node.hex() for _, node in edge], where + "entries not as sealed")
            before = (int(last[4]), hexs(last[0].encode()), last[6], int(last[7]), int(last[8])) if last else (0, "none", s[5], 0, 0)
            link, totals = (int(s[4]) - 1, s[9], s[5]), (int(s[7]) - grown[0], int(s[8]) - grown[1])
            follows = link == before[:3] and (not whole or totals == before[3:]) or not whole and link[0] > before[0]
            need(follows and s[5] < s[6] and not too_late(latest, s[6]), where + f"seal {before[0] + 1} missing, a fork, or time runs back")
            if s[10]: raw = base64.b64decode(s[10]); keys = [ed25519.Ed25519PublicKey.from_public_bytes(raw[1:]) if raw[0] == 1 else ser.load_der_public_key(raw[1:])]
            need(signed(o["seal"], text, keys), where + "the new key has not signed")
            need(not kept or kept[4] != s[4] or kept[0] == text, where + "fork: another checkpoint was kept outside")
            last, latest, grown = s, "", [0, 0]
        elif kind == "end": ends.append((g[0], int(g[1]), g[2]))
        elif kind == "manifest":
            counted = [{"part": p, "lines": n, "bytes": b, "sha256": h.hexdigest()} for p, (n, b, h) in parts.items()]
            need(ends == sorted((c, n, head) for c, (n, head, _) in chains.items()) and o["manifest"] == counted, where + "chain dropped or cut")
            need(last and int(last[2]) == sum(2 ** level for level, _ in edge), where + "last seal missing")
        if kind in ("entry", "tick"): push(edge, 0, H(b"\0" + g[0].encode()))
    need(part == "manifest" and not (kept and int(kept[4]) > int(last[4])), f"line {at}: tail cut")
    return f"no fault in {len(chains)} chains up to seal {last[4]}. NOT checked: contents; records never written; all after {last[6]}; " + ("" if kept else "append-only")
if __name__ == "__main__":
    kept = open(sys.argv[3], encoding="utf-8").read() if sys.argv[3:] else None
    print(verify(open(sys.argv[1], "rb"), [ser.load_pem_public_key(open(sys.argv[2], "rb").read())], kept))  # a fault is an exception
