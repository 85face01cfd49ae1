"""The credential engine: Open Badges 3.0 and 2.0 issued and verified, without a framework or a
network.

Nothing here knows Flask, a database or anything else of ours; fetching is a parameter.

Issuing::

    key = keys.SigningKey.generate()                 # .to_pem(passphrase), .from_pem(…), .multibase
    did = keys.did_key(key.multibase)                # or keys.did_web("https://lieu.example")
    document = keys.did_document(did, [keys.PublishedKey(key.public())])   # /.well-known/did.json
    unsigned = credentials.build_credential(Issuer(…), Achievement(…), Award(…))
    signed = proofs.sign(unsigned, key, keys.verification_method(did, key.multibase), created=now)
    text = template.Template().sign_text(unsigned, key, …)  # one `Template` for awards of one badge
    picture = baking.bake(png_or_svg_bytes, json.dumps(signed, ensure_ascii=False))

Endorsing (what carries it holds it in `endorsement`)::

    unsigned = endorsing.build_endorsement(Issuer(did, …), about_id, id=…, name=…, comment=…, …)
    found = endorsements.read_endorsement(text, about_id, fetch=fetch, now=now)   # handed in

Status::

    index = status.pick_index(taken)                 # random, free
    encoded = status.encode_list(revoked_indexes)
    unsigned = credentials.build_status_list_credential(list_url=…, encoded_list=encoded, …)

Open Badges 2.0, from the same credential::

    profile = badge2_issuing.build_profile(signed["issuer"], address=…, assertions=…, keys=[…])
    badge = badge2_issuing.build_badge_class(signed, address=…, issuer=profile["id"])
    hosted = badge2_issuing.build_hosted(signed, address=…, badge=badge["id"])   # publish it
    assertion = badge2_issuing.build_signed(signed, id="urn:uuid:…", badge=badge["id"], key=…)
    token = badge2_issuing.sign_assertion(assertion, rsa_key)
    picture = baking.bake_2(png_or_svg_bytes, token)     # or the hosted one's JSON and its address

Verifying, whatever comes in (bytes of JSON, PNG, SVG or PDF; text; a parsed document)::

    report = verify.verify(source, fetch=fetch, now=now, recipient="ada@example.org")
    report.outcome            # "valid", "incomplete" or "invalid"
    report.checks             # one Check(name, outcome, code, message, params) for each step
    report.credential         # the document found, or None
    report.linked             # Open Badges 2.0: the class and the issuer it refers to

Several badges together, signed by who shows them::

    unsigned = presentations.build([signed, token], holder=did, identifier="https://…")
    shown = presentations.sign(unsigned, key, method, created=now, challenge="…")
    report = presentations.verify_presentation(shown, fetch=fetch, now=now, challenge="…")

`fetch: Callable[[str], bytes]` raises `errors.FetchRefused`, `errors.FetchFailed`, or
`errors.FetchGone` (410: how a hosted Open Badge 2.0 is withdrawn); None means offline. Contexts are
never fetched: `contexts/` holds those we know.

`codes.ALL` is every code a check may carry. `dids.Fetch` is the type of `fetch`.

Modules to use: `keys`, `credentials`, `endorsing`, `endorsements`, `vcjwt`, `badge2_issuing`,
`status`, `proofs`, `template`, `baking`, `verify`, `presentations`, `recipients`, `report`,
`codes`, `errors`, `dids` (`Fetch`).
Below them: `publickeys`, `jose`, `canonical` (`jsonld`, `direct`, `active`, `rdfc`, `nquads`,
`contexts`), `forms`, `documents`, `shape`, `datamodel`, `dates`, `encoding`, `png`, `svg`, `pdf`;
and the steps of a verification: `reading`, `steps`, `trust`, `statuses`, `endorsements`,
`refreshing`, `badge2`.
"""
