"""Masks, seals, certified copies, emergency access and uses written down by hand, bound to the log by the digests of their rows."""

from yidang.access.certificate_models import Certificate, FurtherDocument
from yidang.access.mask_models import Mask
from yidang.access.models import EmergencyAccess
from yidang.access.seal_models import SealedCopy
from yidang.access.use_models import BY_HAND, Use
from yidang.audit.rows import register_fields

MASK, SEAL, CERTIFICATE, EMERGENCY, USE = "mask", "seal", "certificate", "emergency", "use_by_hand"
CERTIFIED_DOCUMENT = "certified_document"


def lend() -> None:
    """Have these rows compared with the log."""
    register_fields(
        MASK, Mask, "public_id",
        ("record__public_id", "document", "page", "left", "top", "right", "bottom", "finds", "reason", "made_by__username",
         "made_at", "lifted_by__username", "lifted_at"),
    )  # fmt: skip
    register_fields(
        SEAL, SealedCopy, "public_id",
        ("record__public_id", "object_id", "manifest", "signature", "key_id", "reason", "present", "sealed_by__username",
         "sealed_at", "opened_by__username", "opened_at", "opened_present", "opened_reason"),
    )  # fmt: skip
    register_fields(
        CERTIFICATE, Certificate, "public_id",
        ("number", "code", "record__public_id", "document", "pages", "purpose", "ground", "ground_detail", "fee", "address",
         "issued_by__username", "issued_at", "digest", "marks", "void_at", "void_by__username", "void_reason"),
    )  # fmt: skip
    register_fields(
        CERTIFIED_DOCUMENT, FurtherDocument, "opening__public_id", ("certificate__public_id", "document", "pages")
    )
    register_fields(
        EMERGENCY, EmergencyAccess, "public_id",
        ("user__username", "patient_number", "reason", "began_at", "ends_at", "renewals", "review_due_at", "escalated_at",
         "reviewed_by__username", "reviewed_at", "verdict", "note"),
    )  # fmt: skip
    # What screens register stands in the log's entry of the opening already.
    register_fields(
        USE, Use, "public_id",
        ("kind", "at", "user__username", "registered_by__username", "record__public_id", "purpose", "asked", "result", "answer",
         "answered_at", "paper", "paper_reason", "borrowed", "grant__public_id", "request__number"),
        only={"kind__in": BY_HAND},
    )  # fmt: skip
