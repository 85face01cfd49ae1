"""Nobody is lost from sight: when the team asks after somebody, by which rule, and what came out.

Rules are sentences with their figures; none of them weighs a person against another, and nothing
is sent or decided by them: somebody of the team reads, thinks, and perhaps calls.
"""
