"""Every limit of the place, in one list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Limit:
    """``times`` at once, then one more each time its share of ``within`` has passed.

    ``is_of_guesses``: what it counts may be somebody guessing a secret, so that nobody is let
    through uncounted for long.
    """

    name: str
    times: int
    within: timedelta
    is_of_guesses: bool = False


# A password or a code tried for one account, whoever tries. A sign-in that succeeds is not counted,
# and a device that has signed in to this account before has a count of its own.
SIGN_IN_ACCOUNT = Limit("sign_in_account", 10, timedelta(minutes=15), is_of_guesses=True)
# The same from one network address, for whatever account: a whole class may sit behind one, and
# those who come in are not counted.
SIGN_IN_CLIENT = Limit("sign_in_client", 60, timedelta(minutes=15), is_of_guesses=True)
# Mails to one address that anybody can have sent: links, codes, new passwords, confirmations.
MAIL_ACCOUNT = Limit("mail_account", 5, timedelta(hours=1))
MAIL_CLIENT = Limit("mail_client", 60, timedelta(hours=1))
# Links and codes of invitations tried from one network address; one that opens is not counted.
INVITATION_CLIENT = Limit("invitation_client", 60, timedelta(minutes=15), is_of_guesses=True)
# Trials of mails that somebody who runs the place sends to themselves.
TRIAL_MAIL = Limit("trial_mail", 20, timedelta(hours=1))
# Accounts opened from one network address: a workshop registers together.
REGISTER_CLIENT = Limit("register_client", 60, timedelta(hours=1))
# Badges anybody has verified here; each may send us out to other sites.
VERIFY_CLIENT = Limit("verify_client", 60, timedelta(minutes=1))
# Calls of the API with one token.
API_TOKEN = Limit("api_token", 600, timedelta(minutes=1))

DEMO_FACTOR = 100  # a demonstration is tried by many from one address, with passwords all know
