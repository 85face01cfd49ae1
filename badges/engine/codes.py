"""Every `code` that a check of a report may carry. Products map these to their own sentences.

A code keeps its name and meaning; new ones may come, so a product falls back on `Check.message`.
"""

from __future__ import annotations

from .report import Step

#: What each step says when there is nothing to complain of, or nothing to check.
SETTLED: dict[Step, frozenset[str]] = {
    "read": frozenset({"read"}),
    "shape": frozenset({"shape", "shape_not_badge", "shape_badge2", "shape_badge1"}),
    "contexts": frozenset({"contexts"}),
    "proof": frozenset({"signature", "hosted"}),  # suite, method; address
    "issuer": frozenset({"issuer"}),
    "dates": frozenset({"dates"}),
    "status": frozenset({"status", "status_none"}),
    "recipient": frozenset({"recipient", "recipient_unclaimed"}),
    "refresh": frozenset({"refresh_none", "refresh_same", "refresh_newer"}),  # address
    "endorsements": frozenset({"endorsements_none", "endorsements"}),  # count, names
}

#: What any step may say instead. The comments tell the `params`.
REASONS = frozenset(
    {
        "not_reached",
        "internal_error",  # error
        # reading the file or text
        "empty",
        "too_large",  # limit (bytes)
        "not_utf8",
        "not_json",
        "not_object",
        "duplicate_key",
        "number_invalid",
        "number_unsupported",
        "lone_surrogate",
        "too_deep",
        "too_many_values",
        "file_damaged",
        "file_encrypted",
        "nothing_baked",  # form
        "token_invalid",
        "token_extension",
        "wrapped_unsupported",
        # shape: path, count, paths
        "shape_missing",
        "shape_wrong_type",
        "shape_not_first",
        "shape_not_an_address",
        "shape_repeated",
        "shape_too_early",
        # contexts and canonical form
        "context_unknown",  # address
        "context_invalid",
        "context_inline_unsafe",  # term
        "too_many_contexts",
        "control_character",
        "direction_unsupported",
        "member_not_a_term",  # term
        "described_elsewhere",  # term
        "term_undefined",  # term or value
        "type_undefined",  # value
        "iri_relative",  # value
        "language_invalid",
        "jsonld_invalid",  # reason
        "jsonld_unsupported",
        "graph_too_tangled",
        # proof
        "proof_missing",
        "proof_invalid",
        "proof_purpose",
        "proof_value",
        "proof_chain",
        "proof_context",
        "proof_expired",
        "signature_wrong",
        "claim_mismatch",  # claim
        "suite_unsupported",  # suite
        "too_many_proofs",
        "base58_invalid",
        "base58_too_long",
        "base64url_invalid",
        "multibase_invalid",
        # the issuer and its key: controller, method or issuer; address when fetching
        "offline",
        "fetch_refused",
        "fetch_failed",
        "fetch_gone",
        "controller_unsupported",
        "controller_unreadable",
        "controller_mismatch",
        "did_invalid",
        "method_invalid",
        "method_unlisted",
        "method_not_for_assertion",
        "key_invalid",
        "key_type_unsupported",
        "key_type_mismatch",
        "key_size_unsupported",
        "key_private",
        "key_mismatch",
        "method_unreachable",
        "issuer_keys_unpublished",
        "key_revoked",
        "key_expired",
        "issuer_missing",
        "issuer_mismatch",
        "issuer_unproven",
        # dates: from, until
        "date_invalid",
        "not_yet_valid",
        "expired",
        # status: list, index (Open Badges 2.0: reason, in the issuer's words)
        "revoked",
        "suspended",
        "status_entry",
        "status_address",
        "status_index",
        "status_type_unsupported",  # type
        "status_size_unsupported",
        "status_list_type",
        "status_list_encoding",
        "status_list_too_short",
        "status_list_too_long",
        "status_list_purpose",
        "status_list_issuer",
        "status_list_id",
        "status_list_untrusted",  # step, reason
        "too_many_statuses",
        # recipient
        "recipient_unnamed",
        "recipient_mismatch",
        # refresh: address
        "refresh_unsupported",
        "refresh_unreadable",
        "refresh_elsewhere",
        "refresh_untrusted",
        # endorsements: step, reason
        "too_many_endorsements",
        "endorsement_invalid",
        "endorsement_elsewhere",
        "endorsement_wrong",
        "endorsement_unsure",
        # Open Badges 2.0 and older: address
        "badge1_unsupported",
        "badge1_key",  # issuer
        "badge_mismatch",
        "hosted_differs",  # member
        "hosted_gone",
        "hosted_out_of_scope",  # issuer
        "object_address",
        "object_in_clear",
        "object_unreadable",  # reason
    }
)

#: What the steps of a presentation as a whole may say, besides (`presentations`).
PRESENTATION = frozenset(
    {
        "presentation",
        "presentation_shape",  # count
        "presentation_too_many",  # limit
        "presentation_signature",  # signers
        "presentation_unsigned",
        "presentation_replayed",  # member
        "method_not_for_authentication",
        "presentation_holder",  # holder
        "presentation_holder_none",
        "presentation_holder_mismatch",
        # `holder`, of each badge in it: has who presents it shown to hold its key?
        "holder_held",
        "holder_unshown",
        "holder_is_issuer",
        "holder_unbound",
    }
)

ALL = REASONS.union(PRESENTATION, *SETTLED.values())
