"""Discharge summaries as HL7 CDA R2 documents, as the electronic medical record system sends them."""

from collections.abc import Sequence
from datetime import date
from xml.sax.saxutils import escape, quoteattr

_CODES = {"出院小结": ("18842-5", "Discharge summary"), "入院记录": ("34117-2", "History and physical note")}


def document(
    *, kind: str, patient_number: str, name: str, sex: str, born: date, day: date, author: str, sections: Sequence[tuple[str, str]],
    document_id: str,
) -> bytes:  # fmt: skip
    """A CDA document with narrative sections.

    :param kind: 出院小结 or 入院记录
    :param sex: 男 or 女
    """
    code, english = _CODES[kind]
    body = "".join(
        f"<component><section><title>{escape(title)}</title><text><paragraph>{escape(content)}</paragraph></text></section></component>"
        for title, content in sections
    )
    gender = "M" if sex == "男" else "F"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<realmCode code="CN"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>'
        f"<id root={quoteattr('2.16.156.10011.1.1')} extension={quoteattr(document_id)}/>"
        f'<code code="{code}" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC" displayName="{english}"/>'
        f'<title>{kind}</title><effectiveTime value="{day:%Y%m%d}"/><confidentialityCode code="R" codeSystem="2.16.840.1.113883.5.25"/>'
        f'<languageCode code="zh-CN"/><recordTarget><patientRole><id root="2.16.156.10011.1.12" extension="{patient_number}"/>'
        f"<patient><name>{escape(name)}</name>"
        f'<administrativeGenderCode code="{gender}" codeSystem="2.16.840.1.113883.5.1" displayName="{sex}"/>'
        f'<birthTime value="{born:%Y%m%d}"/></patient></patientRole></recordTarget>'
        f'<author><time value="{day:%Y%m%d}"/><assignedAuthor><id root="2.16.156.10011.1.7"/>'
        f"<assignedPerson><name>{escape(author)}</name></assignedPerson></assignedAuthor></author>"
        '<custodian><assignedCustodian><representedCustodianOrganization><id root="2.16.156.10011.1.5" extension="Y012"/>'
        "<name>仁和医院</name></representedCustodianOrganization></assignedCustodian></custodian>"
        f"<component><structuredBody>{body}</structuredBody></component></ClinicalDocument>\n"
    ).encode()
