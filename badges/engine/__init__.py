"""The credential engine: Open Badges 3.0 issued and verified, without a framework or a network.

Nothing here knows Flask, a database or anything else of ours; fetching is a parameter.

Issuing::

    key = keys.SigningKey.generate()                 # .to_pem(passphrase), .from_pem(…), .multibase
    did = keys.did_key(key.multibase)                # or keys.did_web("https://lieu.example")
    document = keys.did_document(did, [keys.PublishedKey(key.public())])   # /.well-known/did.json
    unsigned = credentials.build_credential(Issuer(…), Achievement(…), Award(…))
    signed = proofs.sign(unsigned, key, keys.verification_method(did, key.multibase), created=now)
    picture = baking.bake(png_or_svg_bytes, json.dumps(signed, ensure_ascii=False))

Status::

    index = status.pick_index(taken)                 # random, free
    encoded = status.encode_list(revoked_indexes)
    unsigned = credentials.build_status_list_credential(list_url=…, encoded_list=encoded, …)

Verifying, whatever comes in (bytes of JSON, PNG, SVG or PDF; text; a parsed document)::

    report = verify.verify(source, fetch=fetch, now=now, recipient="ada@example.org")
    report.outcome            # "valid", "incomplete" or "invalid"
    report.checks             # one Check(name, outcome, code, message, params) for each step
    report.credential         # the document found, or None

Several badges together, signed by who shows them::

    unsigned = presentations.build([signed, token], holder=did, identifier="https://…")
    shown = presentations.sign(unsigned, key, method, created=now, challenge="…")
    report = presentations.verify_presentation(shown, fetch=fetch, now=now, challenge="…")

`fetch: Callable[[str], bytes]` raises `errors.FetchRefused` or `errors.FetchFailed`; None means
offline. Contexts are never fetched: `contexts/` holds those we know.

`codes.ALL` is every code a check may carry. `dids.Fetch` is the type of `fetch`.

Modules to use: `keys`, `credentials`, `status`, `proofs`, `baking`, `verify`, `presentations`,
`recipients`, `report`, `codes`, `errors`, `dids` (`Fetch`). Below them: `canonical` (`jsonld`,
`rdfc`, `contexts`), `documents`, `shape`, `dates`, `encoding`, `png`, `svg`, `pdf`.
"""
