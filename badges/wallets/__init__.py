"""A badge handed to a wallet: OpenID for Verifiable Credential Issuance 1.0, pre-authorised."""
