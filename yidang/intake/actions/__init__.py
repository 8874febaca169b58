"""Everything that changes a submission."""

from yidang.intake.actions.accepting import accept, accept_many
from yidang.intake.actions.receiving import Outcome, may_file, receive, receive_batch
from yidang.intake.actions.returning import may_withdraw, return_to_sender, withdraw

__all__ = [
    "Outcome",
    "accept",
    "accept_many",
    "may_file",
    "may_withdraw",
    "receive",
    "receive_batch",
    "return_to_sender",
    "withdraw",
]
