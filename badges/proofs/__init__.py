"""A badge received elsewhere proves a step of a path: at once where all of it can be checked and
its issuer is trusted here, by way of the team where not."""
