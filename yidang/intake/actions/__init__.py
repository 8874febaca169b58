"""Everything that changes a submission."""

from yidang.intake.actions.accepting import accept, accept_many
from yidang.intake.actions.receiving import Outcome, receive
from yidang.intake.actions.returning import return_to_sender, withdraw

__all__ = ["Outcome", "accept", "accept_many", "receive", "return_to_sender", "withdraw"]
