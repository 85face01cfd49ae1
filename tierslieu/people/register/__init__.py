"""The register of processing (GDPR, article 30), made from what tables and features declare."""
